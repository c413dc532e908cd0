#include "cli/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "base/log_subject.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

TEST(LogLevel, FlagsGoBeforeTheConfiguration) {
  EXPECT_EQ(log_level(0, false), LogLevel::kWarning);
  EXPECT_EQ(log_level(0, false, LogLevel::kInfo), LogLevel::kInfo);
  EXPECT_EQ(log_level(1, false, LogLevel::kError), LogLevel::kDebug);
  EXPECT_EQ(log_level(2, false), LogLevel::kTrace);
  EXPECT_EQ(log_level(2, true), LogLevel::kError);
}

TEST(LogLevel, WordsOfTheConfiguration) {
  EXPECT_EQ(log_level_from_string("error"), LogLevel::kError);
  EXPECT_EQ(log_level_from_string("info"), LogLevel::kInfo);
  EXPECT_EQ(log_level_from_string("trace"), LogLevel::kTrace);
  EXPECT_EQ(log_level_from_string("loud"), std::nullopt);
}

TEST(Logging, OnlyTheLevelsAskedFor) {
  CapturedTerminal captured;
  const auto logging = setup_logging(LogLevel::kWarning, captured.terminal);
  spdlog::info("small talk");
  spdlog::warn("the clock is {} s off", 7);
  EXPECT_EQ(captured.err(), "warning: the clock is 7 s off\n");
}

TEST(Logging, NothingInALineReachesTheTerminalUnescaped) {
  CapturedTerminal captured(piped(), colour_tty(80));
  const auto logging = setup_logging(LogLevel::kWarning, captured.terminal);
  spdlog::error("guest said {}", "\x1b]0;owned\x07\nforged: line");
  EXPECT_EQ(captured.err(),
            "\x1b[1;31merror\x1b[0m: guest said \\x1b]0;owned\\x07\\x0aforged: line\n");
}

TEST(Logging, VerboseLinesCarryTheTime) {
  CapturedTerminal captured;
  const auto logging = setup_logging(LogLevel::kWarning, captured.terminal);
  set_log_level(LogLevel::kDebug);
  spdlog::debug("detail");
  EXPECT_THAT(captured.err(), testing::MatchesRegex("..:..:..\\....Z debug: detail\n"));
}

TEST(Logging, LinesSayWhatTheyAreAbout) {
  CapturedTerminal captured;
  const auto logging = setup_logging(LogLevel::kWarning, captured.terminal);
  {
    const LogAbout about({.vcenter = "prod", .scan = 12, .vm = "vm-42\x1b"});
    spdlog::warn("left alone");
  }
  spdlog::warn("about nothing");
  EXPECT_EQ(captured.err(),
            "warning: prod: scan 12: vm-42\\x1b: left alone\nwarning: about nothing\n");
}

TEST(Logging, JournalLinesCarryTheirPriority) {
  CapturedTerminal captured;
  const auto logging = setup_logging(LogLevel::kDebug, captured.terminal);
  set_log_format(LogFormat::kJournal);
  spdlog::error("a");
  spdlog::info("b\n<0>forged");
  spdlog::debug("c");
  EXPECT_EQ(captured.err(), "<3>a\n<6>b\\x0a<0>forged\n<7>c\n")
      << "systemd takes level and line from this";
}

TEST(Logging, JsonLinesAreJsonWhateverIsInThem) {
  CapturedTerminal captured;
  const auto logging = setup_logging(LogLevel::kInfo, captured.terminal);
  set_log_format(LogFormat::kJson);
  {
    const LogAbout about({.vcenter = "pr\"od", .scan = 12, .vm = "vm-42"});
    spdlog::warn("guest said {}", "\x1b]0;owned\x07\n\xff\"}");
  }
  spdlog::info("plain");
  const auto lines = captured.err();
  const auto end = lines.find('\n');
  const auto first = nlohmann::json::parse(lines.substr(0, end));
  EXPECT_EQ(first["level"], "warning");
  EXPECT_EQ(first["vcenter"], "pr\"od");
  EXPECT_EQ(first["scan"], 12);
  EXPECT_EQ(first["vm"], "vm-42");
  EXPECT_THAT(first["message"].get<std::string>(), testing::StartsWith("guest said \x1b]0;owned"));
  EXPECT_THAT(first["time"].get<std::string>(), testing::MatchesRegex("....-..-..T..:..:..Z"));
  EXPECT_THAT(lines, testing::Not(testing::HasSubstr("\x1b"))) << "escaped in the text";
  const auto second = nlohmann::json::parse(lines.substr(end + 1));
  EXPECT_FALSE(second.contains("scan")) << "the subject ends with its line: " << second;
}

TEST(Logging, EndedSessionLeavesTheTerminalAlone) {
  CapturedTerminal captured;
  { const auto logging = setup_logging(LogLevel::kTrace, captured.terminal); }
  spdlog::error("too late");
  EXPECT_EQ(captured.err(), "");
}

}  // namespace
}  // namespace ballast::cli
