#include "tests/cases/case_file.h"

#include <gmock/gmock.h>

namespace ballast::cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(CaseFile, EveryKey) {
  const auto cases = parse_cases("x.cases", R"(# a comment

NAME         one  of all
STORE        fleet
FILE a.toml
NAME = "in the file"
END
TTY          80 colour unicode
BEFORE       ballast db rollup
BEFORE       ballast db check
RUN          ballast report --name 'a b' "x\"\e"
EXIT         3
REPLACE      [0-9]+ => N
EXPECT_TEXT
first

last
END
STDERR_MATCH  one
STDERR_MATCH  two

NAME  the next
RUN   ballast
)");
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_EQ(cases->size(), 2U);
  const Case& one = cases->front();
  EXPECT_EQ(one.line, 3);
  EXPECT_EQ(one.name, "one  of all");
  EXPECT_EQ(one.store, "fleet");
  EXPECT_THAT(one.files, ElementsAre(Pair("a.toml", "NAME = \"in the file\"\n")));
  EXPECT_EQ(one.tty.width, 80U);
  EXPECT_TRUE(one.tty.colour && one.tty.unicode);
  EXPECT_EQ(one.before.size(), 2U);
  EXPECT_THAT(one.run, ElementsAre("ballast", "report", "--name", "a b", "x\"\x1b"));
  EXPECT_EQ(one.exit_code, 3);
  EXPECT_THAT(one.replace, ElementsAre(Pair("[0-9]+", "N")));
  EXPECT_EQ(one.out.text, "first\n\nlast\n");
  EXPECT_THAT(one.err.matches, ElementsAre("one", "two"));
  const Case& next = cases->back();
  EXPECT_EQ(next.tty.width, 0U) << "a pipe, where nothing else is said";
  EXPECT_TRUE(next.out.empty() && next.err.empty());
}

TEST(CaseFile, WhatIsWrongIsToldWithItsLine) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"RUN ballast\n", "x.cases:1: a case begins with NAME"},
      {"NAME\n", "x.cases:1: a case needs a name"},
      {"NAME a\nRAN ballast\n", "x.cases:2: there is no key \"RAN\""},
      {"NAME a\n\nNAME b\nRUN ballast\n", "x.cases:1: the case has no RUN"},
      {"NAME a\nEXIT 1\n", "x.cases:1: the case has no RUN"},
      {"NAME a\nRUN ballast\nNAME a\n", "x.cases:3: another case here has that name"},
      {"NAME a\nRUN ballast\nRUN ballast\n", "x.cases:3: RUN is there twice"},
      {"NAME a\nRUN ls\n", "x.cases:2: the command is ballast"},
      {"NAME a\nRUN ballast 'x\n", "x.cases:2: a quote is left open"},
      {"NAME a\nEXIT 4\n", "x.cases:2: EXIT is followed by"},
      {"NAME a\nEXIT one\n", "x.cases:2: EXIT is followed by"},
      {"NAME a\nTTY colour\n", "x.cases:2: TTY is followed by the width"},
      {"NAME a\nTTY 80 green\n", "x.cases:2: a terminal has"},
      {"NAME a\nENV HOME\n", "x.cases:2: ENV is followed by NAME=VALUE"},
      {"NAME a\nENV =x\n", "x.cases:2: ENV is followed by NAME=VALUE"},
      {"NAME a\nEXPECT\n", "x.cases:2: exactly one word"},
      {"NAME a\nEXPECT_TEXT\ntext\n", "x.cases:2: no END after this EXPECT_TEXT"},
      {"NAME a\nEXPECT_TEXT text\nEND\n", "x.cases:2: the text begins on the line below"},
      {"NAME a\nEXPECT b\nEXPECT_MATCH c\n", "x.cases:3: this stream is expected otherwise above"},
      {"NAME a\nSTDERR_MATCH [a\n", "x.cases:2: not a regular expression"},
      {"NAME a\nREPLACE b\n", "x.cases:2: REPLACE is followed by"},
  };
  for (const auto& row : rows) {
    const auto cases = parse_cases("x.cases", row.text);
    ASSERT_FALSE(cases) << row.text;
    EXPECT_THAT(cases.error().message, HasSubstr(row.message));
  }
}

}  // namespace
}  // namespace ballast::cases
