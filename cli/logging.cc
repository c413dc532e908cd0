#include "cli/logging.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include "base/log_subject.h"
#include "base/time.h"
#include "output/terminal.h"

namespace ballast::cli {

using output::paint;
using output::safe_text;
using output::Style;
using output::Terminal;

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

std::string_view word_of(spdlog::level::level_enum level) {
  const auto word = spdlog::level::to_string_view(level);
  return {word.data(), word.size()};
}

// As <syslog.h> numbers them.
int journal_priority(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
    case spdlog::level::err:
      return 3;
    case spdlog::level::warn:
      return 4;
    case spdlog::level::info:
      return 6;
    default:
      return 7;
  }
}

// "prod: scan 12: vm-42: "
std::string subject_in_front() {
  const LogSubject* about = LogAbout::current();
  if (about == nullptr) return {};
  std::string text;
  if (!about->vcenter.empty()) text += fmt::format("{}: ", about->vcenter);
  if (about->scan != 0) text += fmt::format("scan {}: ", about->scan);
  if (!about->vm.empty()) text += fmt::format("{}: ", about->vm);
  return text;
}

std::string json_line(const spdlog::details::log_msg& message) {
  nlohmann::ordered_json line;
  line["time"] = format_iso8601(std::chrono::floor<std::chrono::milliseconds>(message.time));
  line["level"] = word_of(message.level);
  if (const LogSubject* about = LogAbout::current()) {
    if (!about->vcenter.empty()) line["vcenter"] = about->vcenter;
    if (about->scan != 0) line["scan"] = about->scan;
    if (!about->vm.empty()) line["vm"] = about->vm;
  }
  const std::string_view text(message.payload.data(), message.payload.size());
  line["message"] = text.substr(0, kMaxLineBytes);
  return line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// Its lock makes the changes of format and level safe in any thread.
class TerminalSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit TerminalSink(Terminal& terminal) : terminal_(terminal) {}

  void use(LogFormat format) {
    const std::lock_guard lock(mutex_);
    format_ = format;
  }
  void show_time(bool shown) {
    const std::lock_guard lock(mutex_);
    with_time_ = shown;
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (format_ == LogFormat::kJson) {
      terminal_.err_line(json_line(message));
      return;
    }
    const auto& traits = terminal_.err_traits();
    const std::string_view payload(message.payload.data(), message.payload.size());
    const std::string text =
        safe_text(fmt::format("{}{}", subject_in_front(), payload), traits, kMaxLineBytes);
    if (format_ == LogFormat::kJournal) {
      terminal_.err_line(fmt::format("<{}>{}", journal_priority(message.level), text));
      return;
    }
    const auto word = word_of(message.level);
    terminal_.err_line(fmt::format("{}{}: {}", with_time_ ? time_of_day(message) : "",
                                   paint(word, style_of_level(message.level), traits.colour),
                                   text));
  }
  void flush_() override {}

 private:
  // "13:09:13.250Z "
  static std::string time_of_day(const spdlog::details::log_msg& message) {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(message.time);
    const auto of_day = time - std::chrono::floor<std::chrono::days>(time);
    return fmt::format("{:%H:%M:%S}Z ", of_day);
  }

  Terminal& terminal_;
  LogFormat format_ = LogFormat::kText;
  bool with_time_ = false;
};

// The sink of the session that is alive; empty between sessions.
std::shared_ptr<TerminalSink> g_sink;

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
  g_sink.reset();
}

LoggingSession setup_logging(LogLevel level, Terminal& terminal) {
  g_sink = std::make_shared<TerminalSink>(terminal);
  use_sink(g_sink, spdlog::level::off);
  set_log_level(level);
  return {};
}

void set_log_level(LogLevel level) {
  if (g_sink) g_sink->show_time(level >= LogLevel::kInfo);
  spdlog::default_logger()->set_level(spdlog_level(level));
}

void set_log_format(LogFormat format) {
  if (g_sink) g_sink->use(format);
}

}  // namespace ballast::cli
