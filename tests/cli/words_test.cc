#include "base/words.h"

#include <stdlib.h>

#include <gtest/gtest.h>
#include <time.h>

#include "base/spelling.h"
#include "model/figures.h"
#include "model/verdict.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace model;
namespace {

TEST(Wording, Figures) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-123456), "-123,456");
  EXPECT_EQ(grouped(1234567890123), "1,234,567,890,123");
  EXPECT_EQ(mib(0), "0.0");
  EXPECT_EQ(mib(1024 * 1283 + 410), "1,283.4");
  EXPECT_EQ(mib(-512), "-0.5");
  EXPECT_EQ(mib(-51), "0.0") << "no negative zero";
  EXPECT_EQ(whole_mib(1024 * 3789 + 600), "3,790");
  EXPECT_EQ(signed_mib(3482), "+3.4");
  EXPECT_EQ(signed_mib(0), "0.0");
  EXPECT_EQ(signed_mib(20), "0.0");
  EXPECT_EQ(signed_mib(-2048), "-2.0");
  EXPECT_EQ(or_dash(std::nullopt, mib), "-");
  EXPECT_EQ(counted(1, "guest"), "1 guest");
  EXPECT_EQ(counted(0, "guest"), "0 guests");
  EXPECT_EQ(counted(1500, "VM"), "1,500 VMs");
}

TEST(Wording, Times) {
  const auto now = sample_now();
  EXPECT_EQ(format_when(now), "2026-11-23 13:17 UTC");
  EXPECT_EQ(format_age(now, now), "just now");
  EXPECT_EQ(format_age(now + std::chrono::hours(1), now), "just now") << "clocks differ a little";
  EXPECT_EQ(format_age(now - std::chrono::minutes(59), now), "59 min ago");
  EXPECT_EQ(format_age(now - std::chrono::minutes(119), now), "1 h ago");
  EXPECT_EQ(format_age(now - std::chrono::hours(47), now), "47 h ago");
  EXPECT_EQ(format_age(now - std::chrono::hours(48), now), "2 days ago");
}

TEST(Wording, TimesAreUtcInEveryZone) {
  const char* zone = std::getenv("TZ");
  const std::string before = zone == nullptr ? "" : zone;
  ::setenv("TZ", "Asia/Tokyo", 1);
  ::tzset();
  EXPECT_EQ(format_when(sample_now()), "2026-11-23 13:17 UTC");
  EXPECT_EQ(format_iso8601(sample_now()), "2026-11-23T13:17:00Z");
  zone == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", before.c_str(), 1);
  ::tzset();
}

TEST(Wording, KeysThatAreNotKnownStayReadable) {
  EXPECT_EQ(part_title("free"), "free");
  EXPECT_EQ(part_title("some_new_part"), "some new part");
  EXPECT_EQ(tolerance_title("new_term"), "new term");
}

std::vector<std::string> near(std::string_view wanted, const std::vector<std::string>& names) {
  NearNames found(wanted, 3);
  for (const auto& name : names) found.offer(name);
  return found.best();
}

TEST(NearNames, FindsSlipsAndParts) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(near("reprot", {"report", "vm", "scan"}), Names{"report"});
  EXPECT_EQ(near("web-1", {"WEB-01", "db-01", "old-web-1"}), (Names{"WEB-01", "old-web-1"}));
  EXPECT_EQ(near("xyz", {"report", "vm"}), Names{});
  EXPECT_EQ(near("web", {"web-3", "web-1", "web-1", "web-2", "web-4"}),
            (Names{"web-1", "web-2", "web-3"}))
      << "each once, in order, at most three";
  EXPECT_EQ(near("", {"a", "longer"}), Names{"a"});
}

}  // namespace
}  // namespace ballast::cli
