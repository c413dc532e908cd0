#include "output/table.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/fixtures/samples.h"

namespace ballast::output {

using namespace fixtures;
namespace {

Table fleet() {
  Table table({{"NAME", "", "", Align::kLeft, 6, 0},
               {"HOST", "", "", Align::kLeft, 5, 1},
               {"UNACCOUNTED", "UNACC.", "MiB", Align::kRight, 0, 3},
               {"PROOF", "", "", Align::kLeft, 0, 2}});
  table.add_row({{"web-frontend-01"}, {"esx-01.lab"}, {"1,283.4"}, {"driver"}});
  table.add_row({{"東京"}, {"esx-02"}, {"3.0"}, {"point", Style::kGood}});
  return table;
}

std::string at(std::size_t width) {
  StreamTraits traits = piped();
  traits.width = width;
  return fleet().render(traits);
}

TEST(Table, PipedTakesTheRoomItNeeds) {
  EXPECT_EQ(at(0),
            "NAME             HOST        UNACCOUNTED  PROOF\n"
            "                                     MiB\n"
            "web-frontend-01  esx-01.lab      1,283.4  driver\n"
            "東京             esx-02              3.0  point\n");
}

TEST(Table, ShortTitlesComeBeforeTextGetsTight) {
  EXPECT_EQ(at(46),
            "NAME             HOST         UNACC.  PROOF\n"
            "                                 MiB\n"
            "web-frontend-01  esx-01.lab  1,283.4  driver\n"
            "東京             esx-02          3.0  point\n");
}

TEST(Table, LongTextIsCutBeforeTitlesAreShortened) {
  Table table({{"NAME", "", "", Align::kLeft, 6, 0}, {"DIFFERENCE", "DIFF.", "", Align::kRight}});
  table.add_row({{"a-name-that-would-take-most-of-the-line"}, {"1"}});
  StreamTraits traits = piped();
  traits.width = 36;
  EXPECT_EQ(table.render(traits),
            "NAME                      DIFFERENCE\n"
            "a-name-that-would-take-…           1\n");
}

TEST(Table, ThenTheWidestTextIsCut) {
  EXPECT_EQ(at(40),
            "NAME         HOST         UNACC.  PROOF\n"
            "                             MiB\n"
            "web-fronte…  esx-01.lab  1,283.4  driver\n"
            "東京         esx-02          3.0  point\n");
}

TEST(Table, ThenColumnsAreDropped) {
  EXPECT_EQ(at(27),
            "NAME         UNACC.  PROOF\n"
            "                MiB\n"
            "web-front…  1,283.4  driver\n"
            "東京            3.0  point\n")
      << "HOST goes first, figures stay whole";
  EXPECT_EQ(at(10),
            "NAME\n"
            "\n"
            "web-front…\n"
            "東京\n");
}

TEST(Table, NoLineIsEverWiderThanTheTerminal) {
  for (std::size_t width = 1; width < 60; ++width) {
    const std::string text = at(width);
    for (const auto line : split_lines(text)) {
      EXPECT_LE(display_width(line), width) << "at " << width << ": " << line;
    }
  }
}

TEST(Table, IndentCounts) {
  StreamTraits traits = piped();
  traits.width = 42;
  const std::string text = fleet().render(traits, 2);
  for (const auto line : split_lines(text)) {
    EXPECT_LE(display_width(line), 42u);
    EXPECT_TRUE(line.empty() || line.starts_with("  "));
  }
}

TEST(Table, ColoursCoverTheTextOnly) {
  Table table({{"A"}, {"B"}});
  table.add_row({{"x", Style::kGood}, {"y", Style::kBad}});
  EXPECT_EQ(table.render(colour_tty(80)),
            "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n\x1b[32mx\x1b[0m  \x1b[1;31my\x1b[0m\n");
}

TEST(Table, MissingCellsAreEmptyAndSurplusOnesIgnored) {
  Table table({{"A"}, {"B"}});
  table.add_row({{"1"}});
  table.add_row({{"1"}, {"2"}, {"3"}});
  EXPECT_EQ(table.render(piped()), "A  B\n1\n1  2\n");
}

TEST(Fold, BreaksBetweenWords) {
  EXPECT_EQ(fold("one two three", 0), "one two three");
  EXPECT_EQ(fold("one two three four five", 18), "one two three four\nfive");
  EXPECT_EQ(fold("one two three four five", 24, 4), "one two three four\n    five");
  EXPECT_EQ(fold("", 20), "");
}

TEST(Fold, CutsAWordThatIsLongerThanALine) {
  EXPECT_EQ(fold("x /a/very/long/path/without/end y", 16), "x\n/a/very/long/pat\nh/without/end y");
  EXPECT_EQ(fold("12345678901234567", 16), "1234567890123456\n7");
  EXPECT_EQ(fold("日本日本日本日本日", 17), "日本日本日本日本\n日")
      << "a wide character is not split";
}

TEST(Fold, NoLineIsWiderThanTheTerminal) {
  const std::string text = "日本 and somethingratherlong…with dots or 12345678901234567890 more …";
  for (std::size_t width = 16; width < 60; ++width) {
    const std::string folded = fold(text, width);
    for (const auto line : split_lines(folded)) {
      EXPECT_LE(display_width(line), width) << line;
    }
  }
}

}  // namespace
}  // namespace ballast::output
