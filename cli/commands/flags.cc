// The flags that several commands have, and how a command ends.
#include "cli/commands/flags.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/context.h"
#include "collector/config/config.h"

namespace ballast::cli {

using output::Terminal;

namespace {

constexpr const char* kConfigName = "ballast.toml";

// "7d" before `now`, or a point in time.
Result<UtcTime> parse_time(std::string_view text, UtcTime now) {
  if (const auto ago = parse_duration(text)) return now - *ago;
  auto time = parse_iso8601(text);
  if (time) return time;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("\"{}\" is neither a duration nor a time", printable(text, 40)),
              "7d, 24h, 2026-11-23 or 2026-11-23T13:00:00Z");
}

std::vector<model::Verdict> parse_verdicts(const std::vector<std::string>& words) {
  std::vector<model::Verdict> verdicts;
  for (const auto& word : words) {
    const auto verdict = model::verdict_from_string(word);
    if (!verdict) {
      throw CLI::ValidationError(
          "--verdict", fmt::format("\"{}\" is none of balloon, excess, hidden, clean, unknown",
                                   printable(word, 40)));
    }
    verdicts.push_back(*verdict);
  }
  return verdicts;
}

// Not only whether it is there: one that this user may not look at is an error to be told, not a
// reason to take the next.
bool may_be_there(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return status.type() != std::filesystem::file_type::not_found;
}

// As in `ballast report | head`: they have read enough, and that is no failure.
bool reader_has_left() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

void add_common_flags(CLI::App& command, CommonOptions& options) {
  command.add_option("--config", options.config_path, "Configuration file")->option_text("FILE");
  command.add_option("--db", options.database_path, "Database file")->option_text("FILE");
  command.add_flag("-v,--verbose", options.verbose, "Say more on standard error; twice: all");
  command.add_flag("-q,--quiet", options.quiet, "Say nothing on standard error but errors");
}

void add_choice_flag(CLI::App& command, const std::string& name,
                     const std::vector<std::string>& words,
                     const std::function<void(std::size_t)>& chosen, const std::string& description,
                     const std::string& value) {
  const auto choose = [name, words, chosen](const std::string& word) {
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) {
      throw CLI::ValidationError(
          name, fmt::format("\"{}\" is none of {}", printable(word, 40), fmt::join(words, ", ")));
    }
    chosen(static_cast<std::size_t>(found - words.begin()));
  };
  command.add_option_function<std::string>(name, choose, description)
      ->option_text(value.empty() ? fmt::format("{}", fmt::join(words, "|")) : value);
}

void add_format_flag(CLI::App& command, Format& format) {
  add_choice_flag(
      command, "--format", {"table", "json", "csv"},
      [&format](std::size_t choice) { format = static_cast<Format>(choice); },
      "table (the default, for people), json or csv", "FORMAT");
}

void add_time_flag(CLI::App& command, const std::string& name, std::optional<UtcTime>& time,
                   UtcTime now, const std::string& description) {
  const auto read = [name, now, &time](const std::string& text) {
    const auto parsed = parse_time(text, now);
    if (!parsed) throw CLI::ValidationError(name, parsed.error().sentence());
    time = *parsed;
  };
  command.add_option_function<std::string>(name, read, description)->option_text("TIME");
}

void add_size_flag(CLI::App& command, const std::string& name, std::optional<std::int64_t>& kib,
                   const std::string& description) {
  const auto read = [name, &kib](const std::string& text) {
    const auto parsed = parse_size(text);
    if (!parsed) throw CLI::ValidationError(name, parsed.error().sentence());
    kib = *parsed;
  };
  command.add_option_function<std::string>(name, read, description)->option_text("SIZE");
}

void add_verdict_flag(CLI::App& command, std::vector<model::Verdict>& verdicts,
                      const std::string& description) {
  command
      .add_option_function<std::vector<std::string>>(
          "--verdict",
          [&verdicts](const std::vector<std::string>& words) { verdicts = parse_verdicts(words); },
          description)
      ->delimiter(',')
      ->option_text("LIST");
}

void add_count_flag(CLI::App& command, const std::string& name, std::size_t& count,
                    const std::string& description) {
  static constexpr std::size_t kMost = 1'000'000;
  const auto read = [name, &count](const std::string& text) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, count);
    if (parsed.ec == std::errc() && parsed.ptr == end && count >= 1 && count <= kMost) return;
    throw CLI::ValidationError(
        name, fmt::format("\"{}\" is not a number from 1 to {}", printable(text, 40), kMost));
  };
  command.add_option_function<std::string>(name, read, description)->option_text("N");
}

int report_failure(Terminal& terminal, const Error& error) {
  terminal.err_error(error);
  const bool usage = error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kConfig;
  return usage ? kExitUsage : kExitFailed;
}

int finish_output(Terminal& terminal, int exit_code) {
  const auto written = terminal.finish_out();
  if (written || reader_has_left()) return exit_code;
  return report_failure(terminal, written.error());
}

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> usual_config_places() {
  std::vector<std::string> places;
  // By the XDG base directory specification a relative path in the variable is to be ignored.
  std::filesystem::path home = environment_variable("XDG_CONFIG_HOME");
  if (!home.is_absolute()) {
    home = environment_variable("HOME");
    home /= ".config";
  }
  if (home.is_absolute()) places.push_back(home / "ballast" / kConfigName);
  places.push_back(std::string("/etc/ballast/") + kConfigName);
  return places;
}

std::optional<std::string> find_config(const CommonOptions& options) {
  if (!options.config_path.empty()) return options.config_path;
  if (auto named = environment_variable("BALLAST_CONFIG"); !named.empty()) return named;
  for (auto& place : usual_config_places()) {
    if (may_be_there(place)) return std::move(place);
  }
  return std::nullopt;
}

Result<std::string> config_path(const CommonOptions& options) {
  if (auto found = find_config(options)) return std::move(*found);
  const std::string here =
      may_be_there(kConfigName)
          ? fmt::format("--config {0}: a {0} in the current folder is not read by itself",
                        kConfigName)
          : std::string(
                "--config FILE; or without any: ballast scan --url VCENTER --username USER");
  return fail(ErrorCode::kConfig,
              fmt::format("there is no configuration: neither --config nor BALLAST_CONFIG names "
                          "one, and there is no {}",
                          fmt::join(usual_config_places(), ", no ")),
              here);
}

Result<std::string> resolve_database(const CommonOptions& options) {
  if (!options.database_path.empty()) return options.database_path;
  const auto path = config_path(options);
  if (!path) return fail(path.error());
  auto config = collector::load_config(*path);
  if (!config) return fail(config.error());
  return std::move(config->database);
}

}  // namespace ballast::cli
