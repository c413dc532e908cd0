// The verdict of a guest with what is known around its reading: its earlier readings, and the
// balloon's counters. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/time.h"
#include "model/account/account.h"
#include "model/history/balloon_bracket.h"
#include "model/history/baseline.h"
#include "model/history/lockstep.h"
#include "model/verdict.h"

namespace ballast::model {

// How far back the history of a guest goes.
inline constexpr std::chrono::hours kHistoryWindow{14 * 24};

// Returns how many earlier readings judge_with_history() makes use of for this one: many for a
// guest with a balloon, whose ups and downs are looked at, fewer for others. Whoever has more takes
// so many of them, spread over the window.
[[nodiscard]] std::size_t history_wanted(const MemoryAccount& account,
                                         std::optional<std::int64_t> balloon_kib);

// One reading of a guest with what is known around it. `account` must outlive it.
struct Evidence {
  const MemoryAccount& account;
  UtcTime read_at{};
  std::string epoch;                        // guest_epoch()
  Baseline prior;                           // prior_baseline()
  std::optional<std::int64_t> balloon_kib;  // the hypervisor's figure, as judge() takes it
  std::optional<BalloonBracket> bracket;
  // The guest's own report, which any user in it can write: it proves no more than that.
  bool is_report = false;
};

// Judges a reading with the earlier readings of the same guest (oldest first; any that are not
// older are ignored):
//   - the baseline is learned from those of the same epoch without a balloon;
//   - the bracket adds the term "skew" to the tolerance; one whose ends are the same, as VMware
//     Tools in the guest tell it, is the hypervisor's figure at the moment of the reading, and is
//     judged by in place of the older one;
//   - a reading during which much memory moved teaches no baseline;
//   - a balloon that moved often and far enough is proven by lockstep, or denied;
//   - what grows beside the balloon is an excess;
//   - of a report, whose moment the guest's clock tells, an excess or a hidden balloon without a
//     bracket may be what the balloon did in between: kReportOutdated. It proves kReport at most.
// Without a history it says what judge() says with the prior.
[[nodiscard]] Judgement judge_with_history(const Evidence& evidence,
                                           std::span<const HistoryPoint> history);

}  // namespace ballast::model
