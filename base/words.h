// Numbers, counts and times as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ballast {

// Writes a whole number with its thousands apart: "1,234".
[[nodiscard]] std::string grouped(std::int64_t value);
// Writes a count with its noun, which is given in the singular: "1 guest", "152 guests".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view noun);

// Writes MiB with one decimal: "1,283.4". The unit is left to the heading of the column.
[[nodiscard]] std::string mib(std::int64_t kib);
// Writes whole MiB, for what vCenter gives in whole MiB: "1,283".
[[nodiscard]] std::string whole_mib(std::int64_t kib);
// Writes MiB with one decimal and a sign: "+3.4", "-0.2", "0.0".
[[nodiscard]] std::string signed_mib(std::int64_t kib);
// Writes `kib` by `format`, "-" where there is no value.
[[nodiscard]] std::string or_dash(const std::optional<std::int64_t>& kib,
                                  std::string (*format)(std::int64_t));

// Writes a time to the minute: "2026-11-23 13:05 UTC".
[[nodiscard]] std::string format_when(UtcTime time);
// Writes how long ago `time` was: "just now", "12 min ago", "3 h ago", "5 days ago".
[[nodiscard]] std::string format_age(UtcTime time, UtcTime now);

}  // namespace ballast
