#include "output/csv.h"

#include <functional>
#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::output {
namespace {

std::string field(std::string_view text) {
  std::ostringstream out;
  CsvWriter(out).text(text);
  return out.str();
}

TEST(Csv, TextCells) {
  struct Case {
    const char* what;
    std::string text;
    std::string cell;
  };
  const Case cases[] = {
      {"plain", "web-01", "web-01"},
      {"empty", "", ""},
      {"comma", "a,b", "\"a,b\""},
      {"quote", "a\"b", "\"a\"\"b\""},
      {"newline stays in its record", "a\nb", "a\\x0ab"},
      {"terminal escape", "a\x1b[0m", "a\\x1b[0m"},
      {"not UTF-8", "a\xff", "a\xEF\xBF\xBD"},
      {"wide", "日本", "日本"},
      {"formula =", "=1+1", "'=1+1"},
      {"formula +", "+1", "'+1"},
      {"formula -", "-1", "'-1"},
      {"formula @", "@SUM(1)", "'@SUM(1)"},
      {"formula with comma", "=A(1,2)", "\"'=A(1,2)\""},
      {"tab cannot lead", "\t=1", "\\x09=1"},
      {"full-width formula", "＝1+1", "'＝1+1"},
      {"full-width plus", "＋1", "'＋1"},
      {"full-width minus", "－1", "'－1"},
      {"full-width at", "＠A", "'＠A"},
      {"carriage return cannot lead", "\r=1", "\\x0d=1"},
      {"spaces stay", " a ", " a "},
      {"formula after blanks", "  =1", "  '=1"},
      {"formula after ;", "x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"},
      {"formula after |", "x|@SUM(1)", "x|'@SUM(1)"},
      {"formula after a comma", "x,-1", "\"x,'-1\""},
      {"formula after ; and blanks", "x; +1", "x; '+1"},
      {"full-width formula after ;", "x;＝1", "x;'＝1"},
      {"formula after ; and a quote", "x;\"=1\"", "\"x;\"\"'=1\"\"\""},
      {"each of them", "=1;=2|=3", "'=1;'=2|'=3"},
      {"tab and line end are escaped", "x\t=1\n=2\r=3", "x\\x09=1\\x0a=2\\x0d=3"},
      {"separators alone are harmless", "a;b|c;", "a;b|c;"},
      {"too long for a cell", std::string(40'000, 'a'), std::string(32'767, 'a') + "…"},
      {"inner sign is harmless", "a=b-c", "a=b-c"},
  };
  for (const auto& c : cases) EXPECT_EQ(field(c.text), c.cell) << c.what;
}

std::string written(const std::function<void(CsvWriter&)>& write) {
  std::ostringstream out;
  CsvWriter csv(out);
  write(csv);
  csv.flush();
  return out.str();
}

TEST(Csv, RecordsEndInCrLfAndNumbersStayNumbers) {
  const auto text = written([](CsvWriter& csv) {
    csv.number(-5);
    csv.number(std::nullopt);
    csv.text("x");
    csv.end_record();
    csv.text("y");
    csv.end_record();
  });
  EXPECT_EQ(text, "-5,,x\r\ny\r\n");
}

TEST(Csv, NumbersOfEverySize) {
  const auto text = written([](CsvWriter& csv) {
    csv.number(std::numeric_limits<std::int64_t>::min());
    csv.number(std::numeric_limits<std::int64_t>::max());
    csv.decimal(0.99995, 4);
    csv.decimal(-1.5, 4);
    csv.decimal(std::nullopt, 4);
    csv.decimal(1e300, 0);
  });
  EXPECT_THAT(text,
              testing::StartsWith("-9223372036854775808,9223372036854775807,1.0000,-1.5000,,1000"));
  EXPECT_EQ(text.size(),
            std::string("-9223372036854775808,9223372036854775807,1.0000,-1.5000,,").size() + 301)
      << "never an exponent";
}

TEST(Csv, TimesAreIsoUtc) {
  for (const auto* iso : {"2026-11-23T13:09:13Z", "2026-11-23T13:09:14Z", "2026-11-24T00:00:00Z",
                          "1969-12-31T23:59:59Z", "2028-02-29T23:59:59Z"}) {
    const UtcTime time = *parse_iso8601(iso) + std::chrono::milliseconds(999);
    EXPECT_EQ(written([&](CsvWriter& csv) { csv.time(time); }), iso);
  }
  const auto two_days = written([](CsvWriter& csv) {
    csv.time(*parse_iso8601("2026-11-23T23:59:59Z"));
    csv.time(*parse_iso8601("2026-11-24T00:00:00Z"));
    csv.time(std::nullopt);
    csv.text("");
  });
  EXPECT_EQ(two_days, "2026-11-23T23:59:59Z,2026-11-24T00:00:00Z,,");
}

TEST(Csv, NothingIsLostInTheBuffer) {
  const std::string cell(1000, 'x');
  std::ostringstream out;
  {
    CsvWriter csv(out);
    for (int i = 0; i < 1000; ++i) {
      csv.text(cell);
      csv.end_record();
    }
    EXPECT_GT(out.str().size(), 900'000U) << "memory stays bounded";
  }
  EXPECT_EQ(out.str().size(), 1'002'000U);
}

TEST(Csv, AStreamThatRefusesIsNoticed) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  CsvWriter csv(out);
  EXPECT_FALSE(csv.good());
}

}  // namespace
}  // namespace ballast::output
