// Between UTC and the wall clock of the local time zone (TZ, else /etc/localtime), to the minute.
#pragma once

#include <chrono>

#include "base/time.h"

namespace ballast::collector {

struct LocalMinute {
  std::chrono::sys_days day{};  // the date on the wall, as if it were UTC
  int hour = 0;
  int minute = 0;
  auto operator<=>(const LocalMinute&) const = default;
};

[[nodiscard]] LocalMinute local_minute(UtcTime time);

// When the wall clock shows `wall`: the first time where it does so twice, the moment after the
// jump where it jumps over it.
[[nodiscard]] UtcTime instant_of(const LocalMinute& wall);

}  // namespace ballast::collector
