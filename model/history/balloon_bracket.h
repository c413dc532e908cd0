// How large the balloon was around the moment at which a guest was read, by the hypervisor's 20 s
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

// The realtime samples of one VM, oldest first. Empty where the server has none.
struct BalloonCounters {
  std::string vm;  // moref
  std::vector<CounterSample> balloon;
  std::optional<std::int64_t> target_kib;  // the newest; level 2, so not every server has it
};

enum class BalloonTrend { kSteady, kInflating, kDeflating };
[[nodiscard]] std::string_view to_string(BalloonTrend trend);  // "steady", "inflating", "deflating"

struct BalloonBracket {
  std::int64_t low_kib = 0;
  std::int64_t high_kib = 0;
  std::optional<std::int64_t> target_kib;
  friend bool operator==(const BalloonBracket&, const BalloonBracket&) = default;
};

// From the poll of the quick stats to the reading of the guest (vCenter's clock). Where the newest
// sample is older than the reading, the bracket is as much wider as the last step was, for each
// interval of 20 s that is missing. Empty if that is more than three, or a sample is absurd.
[[nodiscard]] std::optional<BalloonBracket> bracket_between(const BalloonCounters& counters,
                                                            UtcTime polled_at, UtcTime read_at);

// By the target, against the balloon, with a step of the driver (2 MiB) between them allowed; empty
// without a target. (A target of 0 with a balloon is what
// hosts report whose balloon is about to go - or vSphere 6.0, always.)
[[nodiscard]] std::optional<BalloonTrend> trend(const BalloonBracket& bracket);

}  // namespace ballast::model
