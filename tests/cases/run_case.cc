#include "tests/cases/run_case.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "cli/commands/commands.h"
#include "tests/fixtures/golden.h"
#include "tests/fixtures/sample_stores.h"
#include "tests/fixtures/samples.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::cases {

namespace {

namespace fs = std::filesystem;
using fixtures::CapturedTerminal;

constexpr const char* kStore = "ballast.db";

// A folder to work in, until the end of the case.
class WorkFolder {
 public:
  WorkFolder() : before_(fs::current_path()) {
    for (const auto& entry : fs::directory_iterator(BALLAST_TEST_DATA)) {
      fs::create_directory_symlink(entry.path(), path(entry.path().filename()));
    }
    fs::current_path(path());
  }
  ~WorkFolder() { fs::current_path(before_); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  [[nodiscard]] std::string path(const std::string& name = ".") const { return dir_.path(name); }

 private:
  storage::TempDir dir_;
  fs::path before_;
};

// The variables of a case, until its end.
class Environment {
 public:
  explicit Environment(const Case& one) : one_(one) {
    for (const auto& [name, value] : one_.environment) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : one_.environment) ::unsetenv(name.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const Case& one_;
};

output::StreamTraits traits_of(const Tty& tty) {
  if (tty.width == 0) return fixtures::piped();
  return {true, tty.width, tty.colour, tty.unicode, true};
}

// What stands behind "ballast". The case's store is the database, unless the command names one.
Words arguments_of(const Case& one, const Words& command) {
  Words arguments(command.begin() + 1, command.end());
  const bool named = std::find(arguments.begin(), arguments.end(), "--db") != arguments.end();
  if (!one.store.empty() && !named) arguments.insert(arguments.begin(), {"--db", kStore});
  return arguments;
}

int run(const Case& one, const Words& command, CapturedTerminal& terminal) {
  return cli::run_app(cli::every_command(), arguments_of(one, command), terminal.terminal,
                      fixtures::sample_now());
}

std::string replaced(const Case& one, std::string text) {
  for (const auto& [expression, by] : one.replace) {
    text = std::regex_replace(text, pattern(expression), by);
  }
  return text;
}

// Returns how the stream differs from what was expected; "" if it does not.
std::string difference(const std::string& stream, const Expected& expected,
                       const std::string& actual) {
  if (!expected.golden.empty()) {
    return fixtures::matches_golden(expected.golden, actual).message();
  }
  const std::string shown = fixtures::visible(actual);
  for (const auto& expression : expected.matches) {
    if (std::regex_search(shown, pattern(expression))) continue;
    return fmt::format("{} has nothing like\n  {}\nbut is\n{}", stream, expression, shown);
  }
  if (!expected.matches.empty()) return {};
  return fixtures::matches_text(stream, expected.text.value_or(""), shown).message();
}

void prepare(const Case& one) {
  for (const auto& [name, text] : one.files) {
    const auto folder = fs::path(name).parent_path();
    if (!folder.empty()) fs::create_directories(folder);
    storage::write_file(name, text);
  }
  if (!one.store.empty()) fixtures::make_store(one.store, kStore);
  for (const auto& command : one.before) {
    CapturedTerminal terminal;
    ASSERT_EQ(run(one, command, terminal), 0) << fmt::format("{}", fmt::join(command, " ")) << '\n'
                                              << terminal.err();
  }
}

}  // namespace

void run_case(const Case& one) {
  const WorkFolder folder;
  const Environment environment(one);
  ASSERT_NO_FATAL_FAILURE(prepare(one));
  CapturedTerminal terminal(traits_of(one.tty));
  const int exit_code = run(one, one.run, terminal);
  const auto out = difference("standard output", one.out, replaced(one, terminal.out()));
  const auto err = difference("standard error", one.err, replaced(one, terminal.err()));
  const auto fail = [&one](const std::string& what) {
    ADD_FAILURE_AT(one.path.c_str(), one.line) << what;
  };
  if (exit_code != one.exit_code) {
    fail(fmt::format("exit code {} instead of {}", exit_code, one.exit_code));
  }
  if (!out.empty()) fail(out);
  if (!err.empty()) fail(err);
}

}  // namespace ballast::cases
