// Figures, counts and times as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ballast {

// "1,234"; thousands are set apart, so that long figures can be read.
[[nodiscard]] std::string grouped(std::int64_t value);
// "1 guest", "152 guests".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view noun);
// "1,283.4": MiB with one decimal, without the unit (which stands in the column's head).
[[nodiscard]] std::string mib(std::int64_t kib);
// "1,283": whole MiB, for what vCenter gives in whole MiB.
[[nodiscard]] std::string whole_mib(std::int64_t kib);
// "+3.4", "-0.2", "0.0".
[[nodiscard]] std::string signed_mib(std::int64_t kib);
// "-" where there is no value.
[[nodiscard]] std::string or_dash(const std::optional<std::int64_t>& kib,
                                  std::string (*format)(std::int64_t));

// "2026-11-23 13:05 UTC"
[[nodiscard]] std::string format_when(UtcTime time);
// "just now", "12 min ago", "3 h ago", "5 days ago".
[[nodiscard]] std::string format_age(UtcTime time, UtcTime now);

}  // namespace ballast
