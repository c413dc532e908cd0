#include "collector/local_time.h"

#include <time.h>

namespace ballast::collector {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Seconds = std::chrono::sys_seconds;

seconds offset_at(Seconds time) {
  const std::time_t value = time.time_since_epoch().count();
  std::tm fields{};
  ::localtime_r(&value, &fields);
  return seconds(fields.tm_gmtoff);
}

Seconds as_if_utc(const LocalMinute& wall) {
  return wall.day + std::chrono::hours(wall.hour) + minutes(wall.minute);
}

// The first second after `before`, up to `after`, that has the offset of `after`.
Seconds transition_between(Seconds before, Seconds after) {
  const seconds offset = offset_at(after);
  while (after - before > seconds(1)) {
    const Seconds middle = before + (after - before) / 2;
    (offset_at(middle) == offset ? after : before) = middle;
  }
  return after;
}

}  // namespace

LocalMinute local_minute(UtcTime time) {
  const auto utc = std::chrono::floor<seconds>(time);
  const auto wall = std::chrono::floor<minutes>(utc + offset_at(utc));
  const auto day = std::chrono::floor<std::chrono::days>(wall);
  const auto minute = static_cast<int>((wall - day).count());
  return {day, minute / 60, minute % 60};
}

UtcTime instant_of(const LocalMinute& wall) {
  // Nowhere does the clock change twice within two days.
  const Seconds shown = as_if_utc(wall);
  const seconds before = offset_at(shown - std::chrono::days(1));
  const seconds after = offset_at(shown + std::chrono::days(1));
  const Seconds early = shown - before;
  const Seconds late = shown - after;
  if (offset_at(early) == before) return early;
  if (offset_at(late) == after) return late;
  return transition_between(late, early);
}

}  // namespace ballast::collector
