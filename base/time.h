// Wall-clock time. UTC, milliseconds; the local time zone exists only in front of a person.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ballast {

using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

[[nodiscard]] inline UtcTime now_utc() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// "2026-11-23T13:09:13Z"; the milliseconds are dropped.
[[nodiscard]] std::string format_iso8601(UtcTime time);

// "2026-11-23", "2026-11-23T13:09:13Z", "…13:09:13.250+01:00", a space in place of T; without an
// offset it is UTC. Errors: kInvalidArgument.
[[nodiscard]] Result<UtcTime> parse_iso8601(std::string_view text);

// "90s", "15m", "24h", "7d", "2w". Errors: kInvalidArgument for anything else, zero or negative.
[[nodiscard]] Result<std::chrono::seconds> parse_duration(std::string_view text);

// "850 ms", "12.3 s", "4 min 05 s", "3 h 20 min", "5 d 2 h".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

}  // namespace ballast
