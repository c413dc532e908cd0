// Calendar times as cron writes them, in the local time zone.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "collector/local_time.h"

namespace ballast::collector {

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

}  // namespace ballast::collector
