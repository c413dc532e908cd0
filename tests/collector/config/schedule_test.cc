#include "collector/config/schedule.h"

#include <stdlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

namespace ballast::collector {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

UtcTime at(const char* text) { return parse_iso8601(text).value(); }

// The local time zone for one test. POSIX rules, so that no zone files are needed.
class LocalZone {
 public:
  explicit LocalZone(const char* rule) {
    ::setenv("TZ", rule, 1);
    ::tzset();
  }
  ~LocalZone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

constexpr const char* kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";          // 2026: 29 March, 25 October
constexpr const char* kNewYork = "EST5EDT,M3.2.0,M11.1.0";             // 2026: 8 March, 1 November
constexpr const char* kLordHowe = "LHST-10:30LHDT-11,M10.1.0,M4.1.0";  // moves by half an hour

struct NextCase {
  const char* zone;
  const char* cron;
  const char* after;
  const char* next;  // "" if never
};

void expect_next(const NextCase& c) {
  const LocalZone zone(c.zone);
  const auto cron = CronExpression::parse(c.cron);
  ASSERT_TRUE(cron) << c.cron << ": " << cron.error().sentence();
  const auto next = cron->next_after(at(c.after));
  EXPECT_EQ(next ? format_iso8601(*next) : "", c.next)
      << "\"" << c.cron << "\" after " << c.after << " in " << c.zone;
}

TEST(CronExpression, FindsTheNextTime) {
  const NextCase cases[] = {
      {"UTC0", "* * * * *", "2026-11-25T02:30:00Z", "2026-11-25T02:31:00Z"},
      {"UTC0", "*/15 * * * *", "2026-11-25T02:30:00Z", "2026-11-25T02:45:00Z"},
      {"UTC0", "*/15 * * * *", "2026-11-25T02:29:59Z", "2026-11-25T02:30:00Z"},
      {"UTC0", "0 3 * * *", "2026-11-25T03:00:00Z", "2026-11-26T03:00:00Z"},
      {"UTC0", "0 3 * * *", "2026-12-31T04:00:00Z", "2027-01-01T03:00:00Z"},
      {"UTC0", "5,35 8-10 * * *", "2026-11-25T08:35:00Z", "2026-11-25T09:05:00Z"},
      {"UTC0", "0 0 1-31/10 * *", "2026-11-25T00:00:00Z", "2026-12-01T00:00:00Z"},
      {"UTC0", "0 6 * * mon-fri", "2026-11-27T06:00:00Z", "2026-11-30T06:00:00Z"},
      {"UTC0", "0 6 * * 7", "2026-11-25T00:00:00Z", "2026-11-29T06:00:00Z"},
      {"UTC0", "0 6 * * 5-7", "2026-11-28T07:00:00Z", "2026-11-29T06:00:00Z"},
      {"UTC0", "0 0 * JAN,Jul *", "2026-02-01T00:00:00Z", "2026-07-01T00:00:00Z"},
      {"UTC0", "0 0 29 2 *", "2026-11-25T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"UTC0", "0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
      {"UTC0", "0 0 30 2 *", "2026-11-25T00:00:00Z", ""},
      {"UTC0", "* * 31 4 *", "2026-11-25T00:00:00Z", ""},
      // Either day field is enough if both are restricted …
      {"UTC0", "0 0 13 * fri", "2026-11-25T00:00:00Z", "2026-11-27T00:00:00Z"},
      {"UTC0", "0 0 13 * fri", "2026-12-11T00:00:00Z", "2026-12-13T00:00:00Z"},
      // … and both have to match if one of them begins with a star.
      {"UTC0", "0 0 */2 * fri", "2026-11-25T00:00:00Z", "2026-11-27T00:00:00Z"},
      {"UTC0", "0 0 */2 * fri", "2026-11-27T00:00:00Z", "2026-12-11T00:00:00Z"},
  };
  for (const auto& c : cases) expect_next(c);
}

TEST(CronExpression, FollowsTheWallClockThroughDaylightSaving) {
  const NextCase cases[] = {
      {kBerlin, "0 3 * * *", "2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z"},
      {kBerlin, "0 12 * * *", "2026-03-28T12:00:00Z", "2026-03-29T10:00:00Z"},
      // 02:30 does not exist on 29 March: due right after the jump, once.
      {kBerlin, "30 2 * * *", "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z"},
      {kBerlin, "30 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
      {kBerlin, "10,50 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:10:00Z"},
      // 02:30 comes twice on 25 October: due the first time only.
      {kBerlin, "30 2 * * *", "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z"},
      {kBerlin, "30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
      // With a star real time counts: nothing at 02:xx in March, twice in October.
      {kBerlin, "*/30 * * * *", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
      {kBerlin, "30 * * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
      {kBerlin, "30 */2 * * *", "2026-03-29T00:00:00Z", "2026-03-29T02:30:00Z"},
      {kNewYork, "30 2 * * *", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z"},
      {kNewYork, "30 1 * * *", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"},
      {kLordHowe, "15 2 * * *", "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z"},
      {kLordHowe, "45 1 * * *", "2026-04-04T12:00:00Z", "2026-04-04T14:45:00Z"},
      {kLordHowe, "45 1 * * *", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"},
  };
  for (const auto& c : cases) expect_next(c);
}

TEST(CronExpression, LeavesOutNothingAndAddsNothing) {
  const LocalZone zone(kBerlin);
  const auto cron = CronExpression::parse("20 2,14 * * *").value();
  std::vector<UtcTime> found;
  auto time = at("2026-01-01T00:00:00Z");
  while (time < at("2027-01-01T00:00:00Z")) {
    time = cron.next_after(time).value();
    found.push_back(time);
  }
  EXPECT_EQ(found.size(), 2u * 365 + 1)
      << "twice a day, on the days of the jumps as well, and the first of the next year";
  for (std::size_t i = 1; i < found.size(); ++i) EXPECT_LT(found[i - 1], found[i]);
}

TEST(CronExpression, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"* * * *", "4 fields"},         {"* * * * * *", "6 fields"},
      {"60 * * * *", "minute"},        {"* 24 * * *", "hour"},
      {"* * 0 * *", "day of month"},   {"* * * 13 *", "month"},
      {"* * * * 8", "day of week"},    {"* * * foo *", "month"},
      {"5-1 * * * *", "minute"},       {"*/0 * * * *", "minute"},
      {"1,,2 * * * *", "minute"},      {"5/10 * * * *", "minute"},
      {"-1 * * * *", "minute"},        {"1- * * * *", "minute"},
      {"* 99999999999 * * *", "hour"}, {"*/ * * * *", "minute"},
      {"\x1b[2J * * * *", "\\x1b[2J"},
  };
  for (const auto& [text, words] : cases) {
    const auto cron = CronExpression::parse(text);
    ASSERT_FALSE(cron) << text;
    EXPECT_THAT(cron.error().sentence(), HasSubstr(words)) << text;
  }
}

TEST(Schedule, MakesUpForMissedSlotsOnce) {
  const When hourly = std::chrono::seconds(1h);
  const auto now = at("2026-11-25T12:00:00Z");
  EXPECT_EQ(next_due(hourly, std::nullopt, now), now) << "never scanned: now";
  EXPECT_EQ(next_due(hourly, now - 20min, now), now + 40min);
  EXPECT_EQ(next_due(hourly, now - 240h, now), now) << "many slots were missed: one scan, now";
  EXPECT_EQ(next_due(hourly, now + 8760h, now), now + 1h)
      << "a clock that was set back must not stop the scans for a year";

  const LocalZone zone("UTC0");
  const When nightly = parse_when("0 3 * * *").value();
  EXPECT_EQ(next_due(nightly, std::nullopt, now), now + 15h) << "a new vCenter waits for its time";
  EXPECT_EQ(next_due(nightly, now - 9h, now), now + 15h);
  EXPECT_EQ(next_due(nightly, now - 33h, now), now) << "last night's was missed";
  EXPECT_EQ(next_due(parse_when("0 0 30 2 *").value(), now, now), std::nullopt);
}

TEST(Schedule, RetriesSoonerThanItsPaceAndGivesAFailingServerRoom) {
  const auto now = at("2026-11-25T12:00:00Z");
  const auto far = now + 24h;
  EXPECT_EQ(next_try(60s, 1, 0s, far, now), now + 1min);
  EXPECT_EQ(next_try(60s, 2, 0s, far, now), now + 2min);
  EXPECT_EQ(next_try(60s, 4, 0s, far, now), now + 8min);
  EXPECT_EQ(next_try(60s, 400, 0s, far, now), now + 1h) << "doubling ends at an hour";
  EXPECT_EQ(next_try(60s, 4, 0s, now + 5min, now), now + 5min) << "the schedule comes first";
  EXPECT_EQ(next_try(60s, 1, 600s, now + 5min, now), now + 10min) << "Retry-After is respected";
  EXPECT_EQ(next_try(60s, 1, 999'999s, far, now), now + 1h) << "… but no server silences us";
}

TEST(Schedule, IsAnIntervalOrACronExpression) {
  EXPECT_EQ(std::get<std::chrono::seconds>(parse_when("15m").value()), 900s);
  EXPECT_TRUE(std::holds_alternative<CronExpression>(parse_when("*/5 * * * *").value()));
  EXPECT_FALSE(parse_when("sometimes"));
  EXPECT_FALSE(parse_when("0 3 * *"));
}

}  // namespace
}  // namespace ballast::collector
