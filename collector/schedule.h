// When a vCenter is scanned: every so often, or at calendar times. Pure but for the time zone.
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

// A cron expression of five fields: minute, hour, day of month, month, day of week (0 and 7 are
// Sunday); lists, ranges, steps, and English names of months and days. As in cron(8), a day matches
// when either day field does, if both are restricted. Times are of the local time zone.
//
// Daylight saving: a time that the clock jumps over is due right after the jump, once; one that it
// goes through twice is due the first time only. Expressions with "*" for minute or hour follow the
// time that really passes, and so go through the repeated hour twice.
class CronExpression {
 public:
  // Errors: kInvalidArgument; they name the field.
  static Result<CronExpression> parse(std::string_view text);
  // The first time after `time` that matches; nullopt if there is none within eight years
  // ("0 0 30 2 *").
  [[nodiscard]] std::optional<UtcTime> next_after(UtcTime time) const;

 private:
  struct Civil;
  [[nodiscard]] bool day_matches(const Civil& day) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_time_ = false;     // minute or hour is "*"
  bool any_day_ = false;      // day of month is "*"
  bool any_weekday_ = false;  // day of week is "*"
};

struct Schedule {
  std::variant<std::chrono::seconds, CronExpression> when = std::chrono::seconds(3600);
  // A scan starts up to so much later than it is due, by chance, so that those of many vCenters,
  // and of many collectors, do not start in the same second.
  std::chrono::seconds jitter{0};
};

// "15m", "1h" (at least 1 s), or a cron expression. Errors: kInvalidArgument.
[[nodiscard]] Result<std::variant<std::chrono::seconds, CronExpression>> parse_when(
    const std::string& text);

// When the scan after the one that started at `last_start` is due. Slots that passed meanwhile are
// one, due now: a missed scan is made up for once. Without a last start an interval is due now, a
// calendar time at its next. Never before `now`. nullopt if it is never due.
[[nodiscard]] std::optional<UtcTime> next_due(const Schedule& schedule,
                                              std::optional<UtcTime> last_start, UtcTime now);

}  // namespace ballast::collector
