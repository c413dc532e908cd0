#include "output/progress_line.h"

#include <gtest/gtest.h>

#include "tests/fixtures/samples.h"

namespace ballast::output {

using namespace fixtures;
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ProgressPacer::TimePoint at(milliseconds since_start) {
  return ProgressPacer::TimePoint(seconds(1000)) + since_start;
}

TEST(ProgressMode, FollowsTheTerminal) {
  StreamTraits dumb = colour_tty(80);
  dumb.rewrites = false;
  EXPECT_EQ(progress_mode(colour_tty(80), false), ProgressMode::kRewrite);
  EXPECT_EQ(progress_mode(dumb, false), ProgressMode::kPlain);
  EXPECT_EQ(progress_mode(piped(), false), ProgressMode::kPlain);
  EXPECT_EQ(progress_mode(colour_tty(80), true), ProgressMode::kSilent);
}

TEST(ProgressPacer, RewritesAtMostTenTimesASecond) {
  ProgressPacer pacer(ProgressMode::kRewrite);
  EXPECT_TRUE(pacer.due("1", at(milliseconds(0))));
  EXPECT_FALSE(pacer.due("2", at(milliseconds(99))));
  EXPECT_TRUE(pacer.due("3", at(milliseconds(100))));
  EXPECT_FALSE(pacer.due("3", at(milliseconds(500)))) << "nothing new to show";
}

TEST(ProgressPacer, PipedLinesAreRare) {
  ProgressPacer pacer(ProgressMode::kPlain);
  EXPECT_TRUE(pacer.due("1", at(seconds(0))));
  EXPECT_FALSE(pacer.due("2", at(seconds(9))));
  EXPECT_TRUE(pacer.due("2", at(seconds(10))));
}

TEST(ProgressPacer, SilentNeverShows) {
  ProgressPacer pacer(ProgressMode::kSilent);
  EXPECT_FALSE(pacer.due("1", at(seconds(0))));
}

TEST(ProgressLine, RewritesOneLineAndTakesItAway) {
  CapturedTerminal captured(piped(), colour_tty(12));
  milliseconds now{0};
  {
    ProgressLine line(captured.terminal, ProgressMode::kRewrite, [&now] { return at(now); });
    line.update("listed 10");
    now += milliseconds(50);
    line.update("listed 11");
    now += milliseconds(50);
    line.update("listed 12000000");
    line.println("a\x1b[2Jfact");
  }
  EXPECT_EQ(captured.err(),
            "\r\x1b[Klisted 10"
            "\r\x1b[Klisted 120…"
            "\r\x1b[Ka\\x1b[2Jfact\nlisted 120…"
            "\r\x1b[K");
}

TEST(ProgressLine, PipedWritesPlainLines) {
  CapturedTerminal captured;
  milliseconds now{0};
  ProgressLine line(captured.terminal, ProgressMode::kPlain, [&now] { return at(now); });
  line.update("listed 10");
  line.update("listed 20");
  now += seconds(10);
  line.update("listed 30");
  line.println("done");
  line.finish();
  EXPECT_EQ(captured.err(), "listed 10\nlisted 30\ndone\n");
}

TEST(ProgressLine, SilentWritesNothing) {
  CapturedTerminal captured(piped(), colour_tty(80));
  ProgressLine line(captured.terminal, ProgressMode::kSilent);
  line.update("x");
  line.println("y");
  line.finish();
  EXPECT_EQ(captured.err(), "");
}

}  // namespace
}  // namespace ballast::output
