// Wall-clock time, always UTC in milliseconds. Nothing but a schedule knows a local time zone.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ballast {

using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

// Returns the present time by the system's clock, which may be set back.
[[nodiscard]] inline UtcTime now_utc() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// Writes "2026-11-23T13:09:13Z"; the milliseconds are dropped.
[[nodiscard]] std::string format_iso8601(UtcTime time);

// Reads "2026-11-23", "2026-11-23T13:09:13Z" or "…13:09:13.250+01:00"; a space may stand in place
// of the T. Without an offset it is UTC. Errors: kInvalidArgument for anything else.
[[nodiscard]] Result<UtcTime> parse_iso8601(std::string_view text);

// Reads "90s", "15m", "24h", "7d" or "2w". Errors: kInvalidArgument for anything else, and for
// zero and negative durations.
[[nodiscard]] Result<std::chrono::seconds> parse_duration(std::string_view text);

// Writes a duration for people: "850 ms", "12.3 s", "4 min 05 s", "3 h 20 min", "5 d 2 h".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

}  // namespace ballast
