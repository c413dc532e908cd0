// Between UTC and the wall clock of the local time zone (TZ, else /etc/localtime), to the minute.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
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

// Calendar times as cron writes them, in the local time zone.

// Five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday); lists, ranges,
// steps, and English names of months and days, three letters each. As in cron(8), a day matches
// when either day field does, if both are restricted.
//
// Daylight saving: a time that the clock jumps over is due right after the jump, once; one that it
// goes through twice is due the first time only. Expressions whose minute or hour begins with "*"
// follow the time that really passes: they go through the repeated hour twice and leave out the
// one that is jumped over.
class CronExpression {
 public:
  // Errors: kInvalidArgument; they name the field.
  static Result<CronExpression> parse(std::string_view text);
  // The first time after `time` that matches; nullopt if there is none within some eight years
  // ("0 0 30 2 *").
  [[nodiscard]] std::optional<UtcTime> next_after(UtcTime time) const;

 private:
  [[nodiscard]] bool matches_day(std::chrono::sys_days day) const;
  [[nodiscard]] std::optional<UtcTime> next_on_wall(UtcTime time) const;
  [[nodiscard]] std::optional<UtcTime> next_in_real_time(UtcTime time) const;
  [[nodiscard]] std::optional<UtcTime> first_on_day(std::chrono::sys_days day, UtcTime after) const;

  // Large enough for every field.
  using Field = std::bitset<60>;
  static Result<Field> parse_field(std::string_view text, std::size_t which);

  Field minutes_;
  Field hours_;
  Field days_;
  Field months_;
  Field weekdays_;
  bool in_real_time_ = false;  // minute or hour begins with "*"
  bool any_day_ = false;       // day of month begins with "*"
  bool any_weekday_ = false;   // day of week begins with "*"
};

// When a vCenter is scanned: every so often, or at calendar times. Pure but for the time zone.

using When = std::variant<std::chrono::seconds, CronExpression>;

struct Schedule {
  When when = std::chrono::seconds(3600);
  // A scan starts up to so much later than it is due, by chance, so that those of many vCenters,
  // and of many collectors, do not start in the same second.
  std::chrono::seconds jitter{0};
};

// "15m", "1h", or a cron expression. Errors: kInvalidArgument.
[[nodiscard]] Result<When> parse_when(const std::string& text);

// When the scan after the one that started at `last_start` is due. Slots that passed meanwhile are
// one, due now: a missed scan is made up for once. A last start in the future (the clock was set
// back) counts as now. Without one an interval is due now, a calendar time at its next. Never
// before `now`. nullopt if it is never due.
[[nodiscard]] std::optional<UtcTime> next_due(const When& when, std::optional<UtcTime> last_start,
                                              UtcTime now);

// The pause after so many failed scans in a row: `first`, doubled each time up to an hour, and no
// longer than until `due`, unless the server asked for more (`retry_after`, an hour at most).
[[nodiscard]] UtcTime next_try(std::chrono::seconds first, int failures,
                               std::chrono::seconds retry_after, UtcTime due, UtcTime now);

}  // namespace ballast::collector
