#include "base/units.h"

#include <gtest/gtest.h>

namespace ballast {
namespace {

TEST(FormatSize, ThreeSignificantDigitsAndNeverAThousand) {
  const std::pair<std::int64_t, const char*> cases[] = {
      {0, "0 KiB"},          {999, "999 KiB"},         {1000, "0.98 MiB"},
      {65536, "64.0 MiB"},   {1310720, "1.25 GiB"},    {-3584, "-3.50 MiB"},
      {1048064, "1.00 GiB"}, {1649267441, "1.54 TiB"}, {102400, "100 MiB"},
  };
  for (const auto& [kib, text] : cases) EXPECT_EQ(format_size(kib), text) << kib;
}

TEST(ParseSize, ReadsPowersOf1024) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"4GiB", 4 * kKibPerGib},
      {"1.5 GiB", 3 * kKibPerGib / 2},
      {"512 MiB", 512 * 1024},
      {"300M", 300 * 1024},
      {"2048 kB", 2048},
      {"2tib", 2048 * kKibPerGib},
      {"0", 0},
  };
  for (const auto& [text, kib] : cases) {
    const auto parsed = parse_size(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, kib) << text;
  }
}

// vCenter shows MB, the guest kB, the driver pages: taking one for another is a wrong verdict.
TEST(ParseSize, RefusesANumberWithoutAUnit) {
  const auto parsed = parse_size("512");
  ASSERT_FALSE(parsed);
  for (const char* meaning : {"512MiB", "512KiB", "pages"}) {
    EXPECT_NE(parsed.error().hint.find(meaning), std::string::npos) << meaning;
  }
  EXPECT_FALSE(parse_size(" 1128 "));
}

TEST(ParseSize, RefusesTheRestAndSaysWhatIsExpected) {
  for (const char* text :
       {"", "GiB", "-1G", "4 XiB", "4GiBx", "iB", "B", "1e999", "inf", "nan", "99999999999999T"}) {
    const auto parsed = parse_size(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().hint.find("4GiB"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace ballast
