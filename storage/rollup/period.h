// Private to storage/: hours and days, UTC, and the tables that hold them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ballast::storage {

struct PeriodKind {
  std::string_view word;  // stands in rollup.period, and in messages
  std::int64_t length_ms = 0;
  const char* vm_table = nullptr;  // the table of the VMs' periods
};

inline constexpr PeriodKind kHour = {"hour", 3'600'000, "vm_hour"};
inline constexpr PeriodKind kDay = {"day", 86'400'000, "vm_day"};
inline constexpr std::array kPeriodKinds = {&kHour, &kDay};

// One hour or day of one vCenter.
struct Period {
  const PeriodKind* kind = &kHour;
  std::int64_t vcenter_id = 0;
  std::int64_t start_ms = 0;
};

// Returns the start of the period that `time_ms` lies in.
[[nodiscard]] constexpr std::int64_t start_of(const PeriodKind& kind, std::int64_t time_ms) {
  return time_ms / kind.length_ms * kind.length_ms;
}

}  // namespace ballast::storage
