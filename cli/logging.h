// The log: lines on stderr, for people or for programs.
#pragma once

#include <optional>
#include <string_view>

#include "output/terminal.h"

namespace ballast::cli {

enum class LogLevel { kError, kWarning, kInfo, kDebug, kTrace };

// What a line is about (base/log_subject.h) stands before its text, or in fields of its own.
enum class LogFormat {
  kText,  // "warning: prod: scan 12: vm-42: …"; from info on with the time of day (UTC) in front
  kJournal,  // the same without level and time, which systemd's journal keeps: "<4>prod: …"
  kJson,  // {"time":"…Z","level":"warning","vcenter":"prod","scan":12,"vm":"vm-42","message":"…"}
};

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

// In kText. Every line goes through safe_text() (JSON: is escaped), whatever the caller put into
// it.
LoggingSession setup_logging(LogLevel level, output::Terminal& terminal);
// For the session that is alive; when they are known only after the configuration was read. Any
// thread.
void set_log_level(LogLevel level);
void set_log_format(LogFormat format);

}  // namespace ballast::cli
