// Log lines for people, on stderr.
#pragma once

#include <optional>
#include <string_view>

#include "cli/terminal.h"

namespace ballast::cli {

enum class LogLevel { kError, kWarning, kInfo, kDebug, kTrace };

// --quiet leaves errors, --verbose adds debug lines, twice everything; without them `configured`.
[[nodiscard]] LogLevel log_level(int verbose, bool quiet, LogLevel configured = LogLevel::kWarning);
// "error", "warning", "info", "debug", "trace"
[[nodiscard]] std::optional<LogLevel> log_level_from_string(std::string_view text);

// While it lives, the default spdlog logger writes through `terminal`, above a progress line if one
// is shown; afterwards log lines go nowhere. At most one at a time; the terminal must outlive it.
class [[nodiscard]] LoggingSession {
 public:
  LoggingSession() = default;
  ~LoggingSession();
  LoggingSession(const LoggingSession&) = delete;
  LoggingSession& operator=(const LoggingSession&) = delete;
};

// "warning: …"; from info on with the time of day (UTC) in front. Every line goes through
// safe_text(), whatever the caller put into it.
LoggingSession setup_logging(LogLevel level, Terminal& terminal);
// For the session that is alive; when the level is known only after the configuration was read.
void set_log_level(LogLevel level);

}  // namespace ballast::cli
