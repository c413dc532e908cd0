#include "cli/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "tests/cli/samples.h"

namespace ballast::cli {
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

TEST(Logging, EndedSessionLeavesTheTerminalAlone) {
  CapturedTerminal captured;
  { const auto logging = setup_logging(LogLevel::kTrace, captured.terminal); }
  spdlog::error("too late");
  EXPECT_EQ(captured.err(), "");
}

}  // namespace
}  // namespace ballast::cli
