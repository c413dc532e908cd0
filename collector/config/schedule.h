// When a vCenter is scanned: at an interval, or at calendar times as cron writes them. Pure, but
// for the local time zone (TZ, else /etc/localtime).
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

// Calendar times as cron writes them, in the local time zone: five fields for minute, hour, day of
// month, month, and day of week (0 and 7 are Sunday), with lists, ranges, steps, and English names
// of months and days (three letters). As in cron(8), if both day fields are restricted, a day
// matches when either of them does.
//
// Daylight saving: a time that the clock jumps over is due once, right after the jump; a time that
// it shows twice is due the first time only. Expressions whose minute or hour begins with "*"
// follow the time that really passes instead: they run in both repeated hours, and in none that is
// jumped over.
class CronExpression {
 public:
  // Reads the five fields. Errors: kInvalidArgument; they name the field.
  static Result<CronExpression> parse(std::string_view text);
  // Returns the first matching time after `time`; nullopt if there is none within some eight years,
  // as for "0 0 30 2 *".
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

// An interval, or calendar times.
using When = std::variant<std::chrono::seconds, CronExpression>;

struct Schedule {
  When when = std::chrono::seconds(3600);
  // A scan starts later than it is due, by a random time up to this: so scans of many vCenters, and
  // of many collectors, do not all start in the same second.
  std::chrono::seconds jitter{0};
};

// Reads "15m", "1h", or a cron expression. Errors: kInvalidArgument.
[[nodiscard]] Result<When> parse_when(const std::string& text);

// Returns when the scan after the one that started at `last_start` is due, never before `now`;
// nullopt if it never is. However many slots have passed meanwhile, one scan is due now: a missed
// scan is made up for once. Without a last start, an interval is due now, and a calendar time at
// its next. A last start in the future counts as now: the clock was set back.
[[nodiscard]] std::optional<UtcTime> next_due(const When& when, std::optional<UtcTime> last_start,
                                              UtcTime now);

// Returns when to try again after so many failed scans in a row. The pause is `first`, doubled each
// time up to an hour, and ends at `due` at the latest. It is longer only if the server asked for
// that (`retry_after`, an hour at most).
[[nodiscard]] UtcTime next_try(std::chrono::seconds first, int failures,
                               std::chrono::seconds retry_after, UtcTime due, UtcTime now);

}  // namespace ballast::collector
