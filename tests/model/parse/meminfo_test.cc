#include <string>

#include <gtest/gtest.h>

#include "model/parse/numbers.h"
#include "model/parse/proc_files.h"
#include "tests/model/synthetic.h"

namespace ballast::model {
namespace {

TEST(Numbers, StrictDecimals) {
  EXPECT_EQ(parse_number("0"), 0);
  EXPECT_EQ(parse_number("0042"), 42);
  EXPECT_EQ(parse_number("9007199254740992"), kMaxNumber);
  for (const auto* bad :
       {"", "-1", "+1", " 1", "1 ", "0x10", "1.5", "1e3", "9007199254740993",
        "18446744073709551615", "000000000000000000005", "99999999999999999999999999"}) {
    EXPECT_FALSE(parse_number(bad)) << "'" << bad << "' was taken for a number";
  }
}

TEST(Numbers, WrappedCounterIsTheSmallNegativeItIs) {
  EXPECT_EQ(parse_counter("18446744073709551612"), -4);
  EXPECT_EQ(parse_counter("18446744065119617024"), -(std::int64_t{1} << 33));
  EXPECT_FALSE(parse_counter("18446744065119617023")) << "no counter lags by 8 TiB";
  EXPECT_FALSE(parse_counter("18446744073709551616")) << "does not fit into 64 bits";
  EXPECT_EQ(parse_counter("7"), 7);
}

TEST(ParseMeminfo, TakesWhatKernelsPrint) {
  const auto meminfo = parse_meminfo(
      "MemTotal:        2014116 kB\r\n"
      "Active(anon):       3084 kB\n"
      "\n"
      "HugePages_Total:       3\n"
      "HardwareCorrupted: 18446744073709551612 kB\n"
      "DirectMap4k:\t28508 kB");
  ASSERT_TRUE(meminfo) << meminfo.error().message;
  const Meminfo expected = {{"MemTotal", 2014116},
                            {"Active(anon)", 3084},
                            {"HugePages_Total", 3},
                            {"HardwareCorrupted", -4},
                            {"DirectMap4k", 28508}};
  EXPECT_EQ(*meminfo, expected);
}

TEST(ParseMeminfo, TakesSyntheticMeminfoOfOldKernels) {
  for (const auto text : {test::kRhel5Meminfo, test::kRhel6Meminfo, test::kKernel514Meminfo}) {
    const auto meminfo = parse_meminfo(text);
    ASSERT_TRUE(meminfo) << meminfo.error().message;
    EXPECT_EQ(meminfo->at("MemTotal"), 2058536);
    EXPECT_EQ(meminfo->at("HugePages_Total"), 10);
  }
}

TEST(ParseMeminfo, RefusesTheRest) {
  const std::string many_fields = [] {
    std::string text;
    for (int i = 0; i < 600; ++i) text += "Field" + std::to_string(i) + ": 1 kB\n";
    return text;
  }();
  const struct {
    const char* what;
    std::string text;
  } rows[] = {
      {"nothing", ""},
      {"only blank lines", "\n \n"},
      {"no colon", "MemTotal 1 kB\n"},
      {"no name", ": 1 kB\n"},
      {"a blank in the name", "Mem Total: 1 kB\n"},
      {"no number", "MemTotal: kB\n"},
      {"a cut-off line", "MemTotal:  2014116 kB\nMemFree:"},
      {"a negative number", "MemTotal: -5 kB\n"},
      {"another unit", "MemTotal: 5 MB\n"},
      {"something behind the unit", "MemTotal: 5 kB 6\n"},
      {"a number beyond 2^53", "MemTotal: 9007199254740993 kB\n"},
      {"a number beyond 64 bits", "MemTotal: 99999999999999999999 kB\n"},
      {"a field twice", "MemFree: 5 kB\nMemTotal: 9 kB\nMemFree: 5 kB\n"},
      {"a name too long", std::string(65, 'x') + ": 1 kB\n"},
      {"a zero byte", std::string("MemTotal: 1\0 kB\n", 16)},
      {"more fields than any kernel prints", many_fields},
  };
  for (const auto& row : rows) {
    const auto meminfo = parse_meminfo(row.text);
    ASSERT_FALSE(meminfo) << row.what << " was accepted";
    EXPECT_EQ(meminfo.error().code, ErrorCode::kParse) << row.what;
  }
}

TEST(ParseMeminfo, ErrorShowsHostileTextHarmlessly) {
  const auto meminfo = parse_meminfo("\x1b[2J evil\n");
  ASSERT_FALSE(meminfo);
  EXPECT_EQ(meminfo.error().message.find('\x1b'), std::string::npos)
      << "an escape sequence from the guest would reach the terminal";
}

}  // namespace
}  // namespace ballast::model
