// The command line itself: help, version, usage errors, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "cli/context.h"
#include "cli/db_command.h"
#include "cli/export_command.h"
#include "cli/report_command.h"
#include "cli/vm_command.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

Outcome run(const std::vector<std::string>& arguments) {
  CapturedTerminal captured;
  Outcome outcome;
  outcome.exit_code =
      run_app({add_report_command, add_vm_command, add_export_command, add_db_command}, arguments,
              captured.terminal, sample_now());
  outcome.out = captured.out();
  outcome.err = captured.err();
  return outcome;
}

TEST(App, HelpAndVersionGoToStdout) {
  const auto help = run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("report"));
  EXPECT_THAT(help.out, HasSubstr("Exit codes"));
  EXPECT_THAT(help.out, Not(HasSubstr("collect"))) << "what does not exist is not offered";
  EXPECT_EQ(help.err, "");
  const auto version = run({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, testing::MatchesRegex("ballast [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(App, HelpFitsAnOldTerminal) {
  for (const auto& arguments : {std::vector<std::string>{"--help"},
                                {"report", "-h"},
                                {"vm", "-h"},
                                {"export", "-h"},
                                {"db", "-h"},
                                {"db", "rejudge", "-h"}}) {
    const auto help = run(arguments);
    for (const auto line : split_lines(help.out)) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
}

TEST(App, CommandHelpListsItsFlagsAndTheCommonOnes) {
  const auto help = run({"report", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const auto* flag : {"--all", "--verdict", "--cluster", "--host", "--name", "--min-size",
                           "--sort", "--limit", "--format", "--db", "--config", "--quiet"}) {
    EXPECT_THAT(help.out, HasSubstr(flag));
  }
  EXPECT_THAT(run({"vm", "-h"}).out, HasSubstr("--since"));
}

TEST(App, UsageErrorsAreOneHelpfulLine) {
  struct Case {
    std::vector<std::string> arguments;
    std::string line;
  };
  const Case cases[] = {
      {{}, "ballast: no command given (see ballast --help)\n"},
      {{"reprot"},
       "ballast: there is no command \"reprot\"; did you mean \"report\"? (see ballast --help)\n"},
      {{"x\x1b[2J"}, "ballast: there is no command \"x\\x1b[2J\" (see ballast --help)\n"},
      {{"--nonsense"}, "ballast: there is no flag --nonsense here (see ballast --help)\n"},
      {{"report", "--nonsense"},
       "ballast report: there is no flag --nonsense here (see ballast report --help)\n"},
      {{"report", "extra"},
       "ballast report: \"extra\" is one argument too many (see ballast report --help)\n"},
      {{"report", "--format", "xml"},
       "ballast report: --format: \"xml\" is none of table, json, csv (see ballast report "
       "--help)\n"},
      {{"report", "--sort", "size"},
       "ballast report: --sort: \"size\" is none of balloon, unaccounted, difference, name, "
       "memory, host, consumed, cluster, leak (see ballast report --help)\n"},
      {{"report", "--verdict", "balloon,baloon"},
       "ballast report: --verdict: \"baloon\" is none of balloon, excess, hidden, clean, unknown "
       "(see ballast report --help)\n"},
      {{"report", "--limit", "0"},
       "ballast report: --limit: \"0\" is not a number from 1 to 1000000 (see ballast report "
       "--help)\n"},
      {{"report", "--limit"},
       "ballast report: --limit needs a value (see ballast report --help)\n"},
      {{"report", "--db", "a", "--db", "b"},
       "ballast report: --db is there more than once (see ballast report --help)\n"},
      {{"vm"}, "ballast vm: NAME|MOREF|UUID is required (see ballast vm --help)\n"},
      {{"db"},
       "ballast db: a command is missing: one of status, check, backup, rollup, prune, rejudge "
       "(see ballast db --help)\n"},
      {{"db", "chek"},
       "ballast db: there is no command \"chek\"; did you mean \"check\"? (see ballast db "
       "--help)\n"},
      {{"export"}, "ballast export: KIND is required (see ballast export --help)\n"},
      {{"export", "daily", "--output", "-"},
       "ballast export: --output: without it the CSV goes to standard output (see ballast export "
       "--help)\n"},
      {{"report", "--all", "--verdict", "clean"},
       "ballast report: --all excludes --verdict (see ballast report --help)\n"},
      {{"vm", "x", "--since", "yesterday"},
       "ballast vm: --since: \"yesterday\" is neither a duration nor a time. Try: 7d, 24h, "
       "2026-11-23 or 2026-11-23T13:00:00Z (see ballast vm --help)\n"},
      {{"report", "--min-size", "lots"},
       "ballast report: --min-size: \"lots\" is not a memory size. Try: a number with a unit, such "
       "as 4GiB, 512MiB or 2048KiB (see ballast report --help)\n"},
  };
  for (const auto& c : cases) {
    const auto outcome = run(c.arguments);
    EXPECT_EQ(outcome.exit_code, 2) << c.line;
    EXPECT_EQ(outcome.err, c.line);
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(App, OtherUsageErrors) {
  const std::vector<std::vector<std::string>> cases = {
      {"report", "--limit", "many"},
      {"report", "--limit", "-5"},
      {"report", "--verdict="},
      {"report", "vm"},
      {"vm", "a", "b"},
      {"--db"},
  };
  for (const auto& arguments : cases) {
    const auto outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, StartsWith("ballast")) << arguments.back();
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

TEST(App, CommonFlagsStandBeforeOrAfterTheCommand) {
  for (const auto& arguments :
       {std::vector<std::string>{"--db", "/nonexistent/ballast.db", "report"},
        std::vector<std::string>{"report", "--db", "/nonexistent/ballast.db"}}) {
    const auto outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/ballast.db"));
    EXPECT_THAT(outcome.err, HasSubstr("ballast scan"));
  }
}

TEST(App, VmMayBeCalledLikeACommand) {
  const auto outcome = run({"vm", "report", "--db", "/nonexistent/ballast.db"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
}

TEST(App, MissingConfigurationIsAConfigurationError) {
  const auto outcome = run({"report", "--config", "/nonexistent/ballast.toml"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/ballast.toml"));
}

}  // namespace
}  // namespace ballast::cli
