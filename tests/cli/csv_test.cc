#include "cli/csv.h"

#include <sstream>

#include <gtest/gtest.h>

namespace ballast::cli {
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
      {"inner sign is harmless", "a=b-c", "a=b-c"},
  };
  for (const auto& c : cases) EXPECT_EQ(field(c.text), c.cell) << c.what;
}

TEST(Csv, RecordsEndInCrLfAndNumbersStayNumbers) {
  std::ostringstream out;
  CsvWriter csv(out);
  csv.number(-5);
  csv.number(std::nullopt);
  csv.text("x");
  csv.end_record();
  csv.text("y");
  csv.end_record();
  EXPECT_EQ(out.str(), "-5,,x\r\ny\r\n");
}

}  // namespace
}  // namespace ballast::cli
