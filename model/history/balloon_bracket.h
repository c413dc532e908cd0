// The bracket: between which sizes the balloon was while a guest was read, by the hypervisor's 20 s
// counters mem.vmmemctl.average and mem.vmmemctltarget.average. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace ballast::model {

struct CounterSample {
  UtcTime at{};  // the end of its interval, by vCenter's clock
  std::int64_t kib = 0;
};

// The realtime counters of one VM.
struct BalloonCounters {
  std::string vm;                          // moref
  std::vector<CounterSample> balloon;      // oldest first; empty where the server has none
  std::optional<std::int64_t> target_kib;  // the newest; of level 2, so not every server has it
};

enum class BalloonTrend { kSteady, kInflating, kDeflating };
[[nodiscard]] std::string_view to_string(BalloonTrend trend);  // "steady", "inflating", "deflating"

struct BalloonBracket {
  std::int64_t low_kib = 0;
  std::int64_t high_kib = 0;
  std::optional<std::int64_t> target_kib;
  friend bool operator==(const BalloonBracket&, const BalloonBracket&) = default;
};

// Returns the bracket from the poll of the quick stats to the reading of the guest, both by
// vCenter's clock. Where the newest sample is older than the reading, the bracket is widened: by
// the size of the last step, for each interval of 20 s that is missing. Empty if more than three
// are missing, or a sample is absurd.
[[nodiscard]] std::optional<BalloonBracket> bracket_between(const BalloonCounters& counters,
                                                            UtcTime polled_at, UtcTime read_at);

// Compares the balloon with its target; one step of the driver (2 MiB) between them is steady.
// Empty without a target. A target of 0 beside a balloon means that it is about to go – but
// vSphere 6.0 always reports that.
[[nodiscard]] std::optional<BalloonTrend> trend(const BalloonBracket& bracket);

}  // namespace ballast::model
