#include <algorithm>
#include <exception>
#include <string_view>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/spelling.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/logging.h"

namespace ballast::cli {

using output::Terminal;

namespace {

constexpr std::string_view kFooter =
    "Exit codes: 0 done; 1 failed; 2 usage or configuration error; 3 partial: some\n"
    "vCenters or guests could not be read. Data goes to standard output, everything\n"
    "else to standard error.";

// The command that was named, else the application.
const CLI::App& chosen(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.front();
}

std::string full_name(const CLI::App& app, const CLI::App& command) {
  return &app == &command ? app.get_name() : app.get_name() + " " + command.get_name();
}

std::string unknown_command(const CLI::App& app, const std::string& word) {
  NearNames near(word, 1);
  for (const auto* command : app.get_subcommands({})) near.offer(command->get_name());
  const auto best = near.best();
  return fmt::format("there is no command \"{}\"{}", printable(word, 60),
                     best.empty() ? "" : fmt::format("; did you mean \"{}\"?", best.front()));
}

// `word` may have a value: "--fromat=json". The value is not shown: it could be a secret.
std::string unknown_flag(const CLI::App& command, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));
  NearNames near(std::string_view(flag).substr(std::min(flag.find_first_not_of('-'), flag.size())),
                 1);
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) near.offer(name);
  }
  const auto best = near.best();
  return fmt::format("there is no flag {} here{}", printable(flag, 60),
                     best.empty() ? "" : fmt::format("; did you mean --{}?", best.front()));
}

std::string missing_command(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands({})) names.push_back(command->get_name());
  return fmt::format("a command is missing: one of {}", fmt::join(names, ", "));
}

std::string unexpected_word(const CLI::App& app, const std::string& word) {
  if (word.starts_with("-")) return unknown_flag(chosen(app), word);
  if (app.get_subcommands().empty()) return unknown_command(app, word);
  return fmt::format("\"{}\" is one argument too many", printable(word, 60));
}

// What is wrong with the command line, in one line.
std::string describe_usage_error(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = printable(error.what());
  const auto extras = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extras.empty()) {
    return unexpected_word(app, extras.front());
  }
  const auto& command = chosen(app);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
      !command.get_subcommands({}).empty()) {
    return extras.empty() ? missing_command(command) : unknown_command(command, extras.front());
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string flag = message.substr(0, message.find(':'));
    return flag + (message.ends_with("missing") ? " needs a value" : " is there more than once");
  }
  return message;
}

int usage_error(Terminal& terminal, const CLI::App& app, const std::string& what) {
  const std::string command = full_name(app, chosen(app));
  terminal.err_line(fmt::format("{}: {} (see {} --help)", command, what, command));
  return kExitUsage;
}

int run_action(const Context& context) {
  const auto logging =
      setup_logging(log_level(context.common.verbose, context.common.quiet), context.terminal);
  return context.action();
}

int parse_and_run(CLI::App& app, Context& context, std::vector<std::string> reversed) {
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const auto& command = chosen(app);
    context.terminal.out() << command.help(&command == &app ? "" : app.get_name());
    return finish_output(context.terminal, kExitDone);
  } catch (const CLI::CallForVersion&) {
    context.terminal.out() << app.version() << '\n';
    return finish_output(context.terminal, kExitDone);
  } catch (const CLI::ParseError& error) {
    return usage_error(context.terminal, app, describe_usage_error(app, error));
  }
  if (!context.action) return usage_error(context.terminal, app, "no command given");
  return run_action(context);
}

}  // namespace

int run_app(const std::vector<AddCommand>& commands, const std::vector<std::string>& arguments,
            Terminal& terminal, UtcTime now) {
  Context context{terminal, now};
  CLI::App app("Finds the memory that VMware's balloon driver took from Linux guests.", "ballast");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", std::string("ballast ") + BALLAST_VERSION,
                       "Print the version and exit");
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(28);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.footer(std::string(kFooter));
  add_common_flags(app, context.common);
  for (const auto add : commands) add(app, context);
  for (auto* command : app.get_subcommands({})) command->group("Commands");
  try {
    return parse_and_run(app, context, {arguments.rbegin(), arguments.rend()});
  } catch (const std::exception& error) {
    terminal.err_error({ErrorCode::kInvalidArgument,
                        fmt::format("unexpected failure: {}", error.what()),
                        "this is a defect in ballast; please report it with the command line", ""});
    return kExitFailed;
  }
}

}  // namespace ballast::cli
