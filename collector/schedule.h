// When a vCenter is scanned: every so often, or at calendar times. Pure but for the time zone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "base/result.h"
#include "base/time.h"
#include "collector/cron_expression.h"

namespace ballast::collector {

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
