// Which colour a verdict has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/cause.h"
#include "model/guest_reading.h"
#include "model/reclaim.h"
#include "model/verdict.h"
#include "output/page.h"
#include "output/terminal.h"

namespace ballast::cli {

// Returns the style that says how good or bad a verdict is.
[[nodiscard]] output::Style style_of(model::Verdict verdict);

// A verdict and why it was given, as labelled lines.

// Under a heading: verdict, proof, or the reason why there is none with `detail` (safe to print).
void print_conclusion(const model::Judgement& judgement, const std::string& detail,
                      output::Page& page);

// Difference (empty: not known), tolerance with its terms, baseline.
void print_reasoning(const model::Judgement& judgement, std::optional<std::int64_t> difference_kib,
                     output::Page& page);

// What earlier readings tell: lockstep, leak. Nothing where they do not.
void print_history_evidence(const model::Judgement& judgement, output::Page& page);

// A section of its own: each cause, its fix and what that frees. Without causes it says so.
void print_causes(const std::vector<model::Cause>& causes, output::Page& page);

// How hard the guest's kernel had to work for free memory, for people.

// A section of its own: what stalls tasks now, and what happened since the guest's boot. Prints
// nothing where nothing is known.
void print_pressure(const model::ReclaimPressure& pressure, output::Page& page);

// Who may hold the memory that the balloon does not explain, for people.

// A section of its own: each suspect with its size and the file that told, and what to check. Meant
// for verdict kExcess; without suspects it says how to find out.
void print_suspects(const std::vector<model::ConsumerTrace>& suspects, output::Page& page);

// "XFS metadata buffers, at least 412 MiB" of the first, the largest; "" if none has a size.
[[nodiscard]] std::string largest_suspect(const std::vector<model::ConsumerTrace>& suspects);

}  // namespace ballast::cli
