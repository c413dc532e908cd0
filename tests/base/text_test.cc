#include "base/text.h"

#include <gtest/gtest.h>

namespace ballast {
namespace {

struct PrintableCase {
  const char* what;
  std::string_view in;
  const char* out;
};

TEST(Printable, LetsNothingThroughThatATerminalWouldObey) {
  using namespace std::string_view_literals;
  const PrintableCase cases[] = {
      {"plain", "web-01", "web-01"},
      {"escape sequence", "\x1b[31mred", "\\x1b[31mred"},
      {"newline and tab", "a\nb\tc", "a\\x0ab\\x09c"},
      {"NUL inside", "a\0b"sv, "a\\x00b"},
      {"8-bit CSI as UTF-8",
       "\xc2\x9b"
       "1m",
       "\\x9b1m"},
      {"right-to-left override",
       "a\xe2\x80\xae"
       "b",
       "a\\u202eb"},
      {"invalid UTF-8",
       "a\xff"
       "b",
       "a\xef\xbf\xbd"
       "b"},
      {"umlaut and CJK stay", "büro-日本", "büro-日本"},
  };
  for (const auto& c : cases) EXPECT_EQ(printable(c.in), c.out) << c.what;
}

TEST(Printable, CutsAtTheLimitWithoutBreakingACharacter) {
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_EQ(printable("ab日本", 4), "ab…");
  EXPECT_EQ(printable("abc", 3), "abc");
}

TEST(SplitLines, KeepsEmptyLinesAndDropsLineEnds) {
  const auto lines = split_lines("a\r\n\nb");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "a");
  EXPECT_EQ(lines[1], "");
  EXPECT_EQ(lines[2], "b");
  EXPECT_TRUE(split_lines("").empty());
}

TEST(GlobMatch, MatchesTheWholeNameIgnoringCase) {
  EXPECT_TRUE(glob_match("web-*", "WEB-01"));
  EXPECT_TRUE(glob_match("db[0-9]", "db7"));
  EXPECT_FALSE(glob_match("web", "web-01"));
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("büro"), 4u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\xcc\x81"), 1u) << "a combining accent takes no column";
}

TEST(Elide, CutsToColumnsAndMarksTheCut) {
  EXPECT_EQ(elide("abcdef", 4), "abc…");
  EXPECT_EQ(elide("日本語", 4), "日…");
  EXPECT_EQ(elide("abc", 3), "abc");
  EXPECT_EQ(elide("abc", 0), "");
}

}  // namespace
}  // namespace ballast
