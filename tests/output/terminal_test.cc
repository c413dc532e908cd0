#include "output/terminal.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/fixtures/samples.h"

namespace ballast::output {

using namespace fixtures;
namespace {

TerminalEnvironment xterm() { return {"xterm-256color", std::nullopt, std::nullopt, "UTF-8"}; }

TEST(StreamTraits, TerminalHasColoursAndItsMeasuredWidth) {
  const auto traits = stream_traits(xterm(), true, 132);
  EXPECT_TRUE(traits.tty && traits.colour && traits.unicode && traits.rewrites);
  EXPECT_EQ(traits.width, 132u);
}

TEST(StreamTraits, PipeIsNeitherCutNorColoured) {
  auto environment = xterm();
  environment.columns = "40";
  const auto traits = stream_traits(environment, false, 132);
  EXPECT_FALSE(traits.tty || traits.colour || traits.rewrites);
  EXPECT_EQ(traits.width, 0u) << "COLUMNS must not cut what goes to a file";
}

TEST(StreamTraits, EnvironmentTurnsColoursOff) {
  struct Case {
    const char* what;
    std::optional<std::string> term;
    std::optional<std::string> no_color;
    bool colour;
    bool rewrites;
  };
  const Case cases[] = {
      {"NO_COLOR set", "xterm", "1", false, true},
      {"NO_COLOR empty counts as unset", "xterm", "", true, true},
      {"dumb terminal", "dumb", std::nullopt, false, false},
      {"no TERM", std::nullopt, std::nullopt, false, false},
      {"empty TERM", "", std::nullopt, false, false},
  };
  for (const auto& c : cases) {
    const auto traits = stream_traits({c.term, c.no_color, std::nullopt, "UTF-8"}, true, 80);
    EXPECT_EQ(traits.colour, c.colour) << c.what;
    EXPECT_EQ(traits.rewrites, c.rewrites) << c.what;
  }
}

TEST(StreamTraits, WidthComesFromColumnsThenTheDriverThen80) {
  struct Case {
    std::optional<std::string> columns;
    std::size_t measured;
    std::size_t width;
  };
  const Case cases[] = {{"100", 132, 100},     {std::nullopt, 132, 132},
                        {std::nullopt, 0, 80}, {"wide", 0, 80},
                        {"-5", 120, 120},      {"", 0, 80},
                        {"0", 90, 90},         {"99999999999999999999999", 90, 90}};
  for (const auto& c : cases) {
    auto environment = xterm();
    environment.columns = c.columns;
    EXPECT_EQ(stream_traits(environment, true, c.measured).width, c.width)
        << "COLUMNS=" << c.columns.value_or("(unset)");
  }
}

TEST(StreamTraits, OtherCodesetMeansAscii) {
  auto environment = xterm();
  environment.codeset = "ISO-8859-1";
  EXPECT_FALSE(stream_traits(environment, true, 80).unicode);
}

TEST(SafeText, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(safe_text("a\x1b[31mb", colour_tty(80)), "a\\x1b[31mb");
  EXPECT_EQ(safe_text("日本", colour_tty(80)), "日本");
}

// On a Latin-1 terminal the bytes of "日" include C1 control characters.
TEST(SafeText, TerminalWithoutUtf8GetsNoOtherBytes) {
  EXPECT_EQ(safe_text("日本 x…", ascii_tty(80)), "?? x...");
  EXPECT_EQ(safe_text("Ä\x9b", ascii_tty(80)), "??");
  StreamTraits pipe = piped();
  pipe.unicode = false;
  EXPECT_EQ(safe_text("日本", pipe), "日本") << "a file keeps the name";
}

TEST(ElideFor, CutsWithTheDotsThatTheTerminalHas) {
  EXPECT_EQ(elide_for("abcdefgh", 5, true), "abcd…");
  EXPECT_EQ(elide_for("abcdefgh", 5, false), "abc..");
  EXPECT_EQ(elide_for("abcdefgh", 8, false), "abcdefgh");
  EXPECT_EQ(elide_for("abcdefgh", 2, false), "ab");
}

TEST(Terminal, LinesStandAboveTheTransientLine) {
  CapturedTerminal captured(piped(), colour_tty(20));
  captured.terminal.show_transient("working");
  captured.terminal.err_line("a fact");
  captured.terminal.clear_transient();
  captured.terminal.err_line("end");
  EXPECT_EQ(captured.err(), "\r\x1b[Kworking\r\x1b[Ka fact\nworking\r\x1b[Kend\n");
}

TEST(Terminal, TransientLineLeavesTheLastColumnFree) {
  CapturedTerminal captured(piped(), colour_tty(10));
  captured.terminal.show_transient("0123456789");
  EXPECT_EQ(captured.err(), "\r\x1b[K01234567…") << "a full line would make some terminals wrap";
}

TEST(Terminal, TransientLineFollowsTheWindow) {
  std::ostringstream out;
  std::ostringstream err;
  std::size_t width = 20;
  Terminal terminal(out, piped(), err, colour_tty(80), [&width] { return width; });
  terminal.show_transient("0123456789");
  width = 6;
  terminal.show_transient("0123456789");
  EXPECT_EQ(err.str(), "\r\x1b[K0123456789\r\x1b[K0123…");
}

TEST(Terminal, ErrorShowsEveryProblemAndTheHint) {
  CapturedTerminal captured;
  captured.terminal.err_error(
      {ErrorCode::kConfig, "a.toml:1: bad\na.toml:2: worse\x1b", "fix it", ""});
  EXPECT_EQ(captured.err(), "error: a.toml:1: bad\n  a.toml:2: worse\\x1b\n  try: fix it\n");
}

TEST(Terminal, FailedOutputIsAnError) {
  CapturedTerminal captured;
  EXPECT_TRUE(captured.terminal.finish_out());
  captured.out_stream.setstate(std::ios::badbit);
  const auto written = captured.terminal.finish_out();
  ASSERT_FALSE(written) << "a full disk must not look like success";
  EXPECT_EQ(written.error().code, ErrorCode::kStorage);
}

}  // namespace
}  // namespace ballast::output
