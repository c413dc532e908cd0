#include "collector/config/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <time.h>

#include "base/text.h"

namespace ballast::collector {

namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using Seconds = std::chrono::sys_seconds;

// What the wall clock shows, to the minute.
struct LocalMinute {
  sys_days day{};  // the date on the wall, as if it were UTC
  int hour = 0;
  int minute = 0;
};

seconds offset_at(Seconds time) {
  const std::time_t value = time.time_since_epoch().count();
  std::tm fields{};
  ::localtime_r(&value, &fields);
  return seconds(fields.tm_gmtoff);
}

Seconds as_if_utc(const LocalMinute& wall) {
  return wall.day + std::chrono::hours(wall.hour) + minutes(wall.minute);
}

// Returns the first second after `before`, up to `after`, that has the offset of `after`.
Seconds transition_between(Seconds before, Seconds after) {
  const seconds offset = offset_at(after);
  while (after - before > seconds(1)) {
    const Seconds middle = before + (after - before) / 2;
    (offset_at(middle) == offset ? after : before) = middle;
  }
  return after;
}

LocalMinute local_minute(UtcTime time) {
  const auto utc = std::chrono::floor<seconds>(time);
  const auto wall = std::chrono::floor<minutes>(utc + offset_at(utc));
  const auto day = std::chrono::floor<std::chrono::days>(wall);
  const auto minute = static_cast<int>((wall - day).count());
  return {day, minute / 60, minute % 60};
}

// Returns when the wall clock shows `wall`: the first time where it does so twice, the moment after
// the jump where it jumps over it.
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

constexpr days kHorizon{8 * 366};  // a 29 February may be eight years away

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

struct FieldRule {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> words;  // the first stands for `least`
};

constexpr std::array<FieldRule, 5> kRules = {{{"minute", 0, 59, {}},
                                              {"hour", 0, 23, {}},
                                              {"day of month", 1, 31, {}},
                                              {"month", 1, 12, kMonths},
                                              {"day of week", 0, 7, kWeekdays}}};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> value_of(std::string_view text, const FieldRule& rule) {
  for (std::size_t i = 0; i < rule.words.size(); ++i) {
    if (glob_match(std::string(rule.words[i]), std::string(text))) {
      return rule.least + static_cast<int>(i);
    }
  }
  const auto value = number(text);
  return value && *value >= rule.least && *value <= rule.most ? value : std::nullopt;
}

struct FieldRange {
  int first;
  int last;
  int step;
};

std::optional<FieldRange> range_of(std::string_view text, const FieldRule& rule) {
  const auto slash = text.find('/');
  const auto ends = text.substr(0, slash);
  FieldRange range{rule.least, rule.most, 1};
  if (slash != std::string_view::npos) {
    const auto step = number(text.substr(slash + 1));
    if (!step || *step < 1) return std::nullopt;
    range.step = *step;
  }
  if (ends == "*") return range;
  const auto dash = ends.find('-');
  const auto first = value_of(ends.substr(0, dash), rule);
  const auto last = dash == std::string_view::npos ? first : value_of(ends.substr(dash + 1), rule);
  // "5/10" means different things in different crons.
  const bool lone_step = dash == std::string_view::npos && slash != std::string_view::npos;
  if (!first || !last || *first > *last || lone_step) return std::nullopt;
  return FieldRange{*first, *last, range.step};
}

}  // namespace

Result<CronExpression::Field> CronExpression::parse_field(std::string_view text,
                                                          std::size_t which) {
  const FieldRule& rule = kRules.at(which);
  Field field;
  for (const auto part : split(text, ",")) {
    const auto range = range_of(part, rule);
    if (!range) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("\"{}\" is not a {}", printable(text, 40), rule.name),
                  fmt::format("*, numbers from {} to {}, ranges such as {}-{}, steps such as */2, "
                              "separated by commas",
                              rule.least, rule.most, rule.least, rule.least + 2));
    }
    for (int value = range->first; value <= range->last; value += range->step) {
      field.set(static_cast<std::size_t>(value));
    }
  }
  return field;
}

Result<CronExpression> CronExpression::parse(std::string_view text) {
  auto fields = split(text, " \t");
  std::erase(fields, std::string_view());
  if (fields.size() != kRules.size()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("\"{}\" has {} fields instead of five", printable(text, 60), fields.size()),
        "minute, hour, day of month, month, day of week, such as \"*/15 * * * *\"");
  }
  CronExpression cron;
  const std::array<Field*, 5> targets = {&cron.minutes_, &cron.hours_, &cron.days_, &cron.months_,
                                         &cron.weekdays_};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    auto field = parse_field(fields[i], i);
    if (!field) return fail(std::move(field.error()));
    *targets[i] = *field;
  }
  constexpr std::size_t kOtherSunday = 7;
  if (cron.weekdays_.test(kOtherSunday)) cron.weekdays_.set(0);
  cron.in_real_time_ = fields[0].front() == '*' || fields[1].front() == '*';
  cron.any_day_ = fields[2].front() == '*';
  cron.any_weekday_ = fields[4].front() == '*';
  return cron;
}

bool CronExpression::matches_day(sys_days day) const {
  const std::chrono::year_month_day date(day);
  const std::chrono::weekday weekday(day);
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool by_date = days_.test(static_cast<unsigned>(date.day()));
  const bool by_weekday = weekdays_.test(weekday.c_encoding());
  return any_day_ || any_weekday_ ? by_date && by_weekday : by_date || by_weekday;
}

std::optional<UtcTime> CronExpression::next_after(UtcTime time) const {
  return in_real_time_ ? next_in_real_time(time) : next_on_wall(time);
}

std::optional<UtcTime> CronExpression::first_on_day(sys_days day, UtcTime after) const {
  for (int hour = 0; hour < 24; ++hour) {
    if (!hours_.test(static_cast<std::size_t>(hour))) continue;
    for (int minute = 0; minute < 60; ++minute) {
      if (!minutes_.test(static_cast<std::size_t>(minute))) continue;
      const UtcTime due = instant_of({day, hour, minute});
      if (due > after) return due;
    }
  }
  return std::nullopt;
}

// Looks day by day: on the wall a day has each of its times once.
std::optional<UtcTime> CronExpression::next_on_wall(UtcTime time) const {
  const sys_days today = local_minute(time).day;
  for (sys_days day = today; day <= today + kHorizon; day += days(1)) {
    if (!matches_day(day)) continue;
    if (const auto due = first_on_day(day, time)) return due;
  }
  return std::nullopt;
}

// Walks through the minutes that really pass, and skips days and hours that do not match.
std::optional<UtcTime> CronExpression::next_in_real_time(UtcTime time) const {
  UtcTime at = std::chrono::floor<minutes>(time) + minutes(1);
  const UtcTime end = time + kHorizon;
  while (at <= end) {
    const LocalMinute wall = local_minute(at);
    if (!matches_day(wall.day)) {
      at = std::max<UtcTime>(instant_of({wall.day + days(1), 0, 0}), at + minutes(1));
    } else if (!hours_.test(static_cast<std::size_t>(wall.hour))) {
      at += minutes(60 - wall.minute);
    } else if (!minutes_.test(static_cast<std::size_t>(wall.minute))) {
      at += minutes(1);
    } else {
      return at;
    }
  }
  return std::nullopt;
}

Result<When> parse_when(const std::string& text) {
  if (text.find_first_of(" \t") == std::string::npos) {
    const auto interval = parse_duration(text);
    if (!interval) return fail(interval.error());
    return When(*interval);
  }
  auto cron = CronExpression::parse(text);
  if (!cron) return fail(std::move(cron.error()));
  return When(*cron);
}

std::optional<UtcTime> next_due(const When& when, std::optional<UtcTime> last_start, UtcTime now) {
  const UtcTime last = std::min(last_start.value_or(now), now);
  if (const auto* interval = std::get_if<seconds>(&when)) {
    return last_start ? std::max<UtcTime>(last + *interval, now) : now;
  }
  const auto due = std::get<CronExpression>(when).next_after(last);
  return due ? std::optional(std::max(*due, now)) : std::nullopt;
}

UtcTime next_try(seconds first, int failures, seconds retry_after, UtcTime due, UtcTime now) {
  constexpr seconds kLongestPause = std::chrono::hours(1);
  seconds pause = first;
  for (int i = 1; i < failures && pause < kLongestPause; ++i) pause *= 2;
  const UtcTime soon = std::min<UtcTime>(now + std::min(pause, kLongestPause), due);
  return std::max<UtcTime>(soon, now + std::min(retry_after, kLongestPause));
}

}  // namespace ballast::collector
