#include "collector/schedule.h"

#include <algorithm>

namespace ballast::collector {

namespace {

using std::chrono::seconds;

constexpr seconds kLongestPause = std::chrono::hours(1);

}  // namespace

Result<When> parse_when(const std::string& text) {
  if (text.find_first_of(" \t") == std::string::npos) {
    const auto interval = parse_duration(text);
    if (!interval) return fail(interval.error());
    return When(*interval);
  }
  auto cron = CronExpression::parse(text);
  if (!cron) return fail(std::move(cron.error()));
  return When(std::move(*cron));
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
  seconds pause = first;
  for (int i = 1; i < failures && pause < kLongestPause; ++i) pause *= 2;
  const UtcTime soon = std::min<UtcTime>(now + std::min(pause, kLongestPause), due);
  return std::max<UtcTime>(soon, now + std::min(retry_after, kLongestPause));
}

}  // namespace ballast::collector
