#include "base/time.h"

#include <gtest/gtest.h>

namespace ballast {
namespace {

using namespace std::chrono;

constexpr UtcTime kNoon = sys_days(year(2026) / 11 / 23) + hours(12);

TEST(ParseIso8601, AcceptsTheFormsPeopleWrite) {
  const std::pair<const char*, UtcTime> cases[] = {
      {"2026-11-23", kNoon - hours(12)},   {"2026-11-23T12:00:00Z", kNoon},
      {"2026-11-23 12:00", kNoon},         {"2026-11-23T13:00:00+01:00", kNoon},
      {"2026-11-23T07:30:00-0430", kNoon}, {"2026-11-23T12:00:00.25Z", kNoon + milliseconds(250)},
  };
  for (const auto& [text, time] : cases) {
    const auto parsed = parse_iso8601(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, time) << text;
  }
}

TEST(ParseIso8601, RefusesWhatIsNoTime) {
  for (const char* text : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-23T25:00Z",
                           "2026-11-23T12:00:00Zx", "2026-11-23T12:00:00+", "2026-11-2"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
}

TEST(FormatIso8601, RoundTripsToTheSecond) {
  EXPECT_EQ(format_iso8601(kNoon + milliseconds(999)), "2026-11-23T12:00:00Z");
}

TEST(ParseDuration, KnowsItsUnitsAndRefusesTheRest) {
  EXPECT_EQ(parse_duration("90s").value(), seconds(90));
  EXPECT_EQ(parse_duration("15m").value(), minutes(15));
  EXPECT_EQ(parse_duration("24h").value(), hours(24));
  EXPECT_EQ(parse_duration(" 7d ").value(), days(7));
  EXPECT_EQ(parse_duration("2w").value(), weeks(2));
  for (const char* text : {"", "7", "d", "0d", "-1h", "7y", "7dd", "99999999999999999999d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(FormatDuration, PicksTheUnitAPersonWould) {
  EXPECT_EQ(format_duration(milliseconds(850)), "850 ms");
  EXPECT_EQ(format_duration(milliseconds(12345)), "12.3 s");
  EXPECT_EQ(format_duration(seconds(245)), "4 min 05 s");
  EXPECT_EQ(format_duration(minutes(200)), "3 h 20 min");
  EXPECT_EQ(format_duration(hours(122)), "5 d 2 h");
}

}  // namespace
}  // namespace ballast
