#include "cli/logging.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string>

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include "base/text.h"
#include "cli/style.h"

namespace ballast::cli {

namespace {

constexpr std::size_t kMaxLineBytes = 65536;

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kTrace:
      break;
  }
  return spdlog::level::trace;
}

Style style_of_level(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return Style::kBad;
  return level == spdlog::level::warn ? Style::kNotice : Style::kFaint;
}

class TerminalSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit TerminalSink(Terminal& terminal) : terminal_(terminal) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    const std::string_view whole(formatted.data(), formatted.size());
    const auto& traits = terminal_.err_traits();
    const auto safe = [&](std::string_view part) { return safe_text(part, traits, kMaxLineBytes); };
    const auto begin = message.color_range_start;
    const auto end = message.color_range_end;
    terminal_.err_line(
        safe(whole.substr(0, begin)) +
        paint(whole.substr(begin, end - begin), style_of_level(message.level), traits.colour) +
        safe(whole.substr(end)));
  }
  void flush_() override {}

 private:
  Terminal& terminal_;
};

void use_sink(std::shared_ptr<spdlog::sinks::sink> sink, spdlog::level::level_enum level) {
  auto logger = std::make_shared<spdlog::logger>("ballast", std::move(sink));
  logger->set_level(level);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

LogLevel log_level(int verbose, bool quiet, LogLevel configured) {
  if (quiet) return LogLevel::kError;
  if (verbose <= 0) return configured;
  return verbose == 1 ? LogLevel::kDebug : LogLevel::kTrace;
}

std::optional<LogLevel> log_level_from_string(std::string_view text) {
  constexpr std::array<std::string_view, 5> kWords = {"error", "warning", "info", "debug", "trace"};
  const auto found = std::find(kWords.begin(), kWords.end(), text);
  if (found == kWords.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kWords.begin());
}

LoggingSession::~LoggingSession() {
  use_sink(std::make_shared<spdlog::sinks::null_sink_mt>(), spdlog::level::off);
}

LoggingSession setup_logging(LogLevel level, Terminal& terminal) {
  use_sink(std::make_shared<TerminalSink>(terminal), spdlog::level::off);
  set_log_level(level);
  return {};
}

void set_log_level(LogLevel level) {
  const auto logger = spdlog::default_logger();
  const bool with_time = level >= LogLevel::kInfo;
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      with_time ? "%H:%M:%S.%eZ %^%l%$: %v" : "%^%l%$: %v", spdlog::pattern_time_type::utc, ""));
  logger->set_level(spdlog_level(level));
}

}  // namespace ballast::cli
