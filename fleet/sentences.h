// The answers in one sentence each, for every front end. Names in them went through printable().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fleet/report.h"
#include "model/verdict.h"

namespace ballast::fleet {

// Returns "510.0 to 514.0 MiB around the reading; target 600.0 MiB: inflating"
[[nodiscard]] std::string bracket_words(const model::BalloonBracket& bracket);

// Returns the verdict in one sentence: "512 MiB is in the balloon, and that is what the guest
// misses."
// `balloon_kib` is the figure to name, `who` the side that reported it ("vCenter").
[[nodiscard]] std::string sentence_of(const model::Judgement& judgement, std::int64_t balloon_kib,
                                      std::string_view who);

// Returns a stored guest's verdict in one sentence, without the VM's name: "512 MiB is in the
// balloon, and …".
[[nodiscard]] std::string verdict_sentence(const model::JudgedGuest& row);

// Returns the answer in one sentence: how many guests hold how much in balloons, matched in the
// guest.
[[nodiscard]] std::string headline(const Report& report);

// Says which logins are suspended and how many guests were not tried for that; "" if none is.
[[nodiscard]] std::string suspended_logins(const Report& report);

// Returns "Since 2026-11-16 13:04 UTC: 3 new balloons, 1 gone VM."
[[nodiscard]] std::string changes_headline(const Changes& changes);

// Returns "vCenter lab: compared with the scan of …", or why there is nothing to compare. Names
// went through printable().
[[nodiscard]] std::string comparison_note(const ScanComparison& scans, UtcTime since);

}  // namespace ballast::fleet
