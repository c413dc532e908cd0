// A verdict and why it was given, as labelled lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/page.h"
#include "model/verdict.h"

namespace ballast::cli {

// Whether it is `excess` for a leak alone: what this one reading misses is explained.
[[nodiscard]] bool is_leak_only(const model::Judgement& judgement);

// Under a heading: verdict, proof, or the reason why there is none with `detail` (safe to print).
void print_conclusion(const model::Judgement& judgement, const std::string& detail, Page& page);

// Difference (empty: not known), tolerance with its terms, baseline.
void print_reasoning(const model::Judgement& judgement, std::optional<std::int64_t> difference_kib,
                     Page& page);

// What earlier readings tell: lockstep, leak. Nothing where they do not.
void print_history_evidence(const model::Judgement& judgement, Page& page);

// "510.0 to 514.0 MiB around the reading; target 600.0 MiB: inflating"
[[nodiscard]] std::string bracket_words(const model::BalloonBracket& bracket);

// The verdict in one sentence: "512 MiB is in the balloon, and that is what the guest misses."
// `balloon_kib` is the figure to name, `who` the side that reported it ("vCenter").
[[nodiscard]] std::string sentence_of(const model::Judgement& judgement, std::int64_t balloon_kib,
                                      std::string_view who);

}  // namespace ballast::cli
