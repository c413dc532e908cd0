// Every query that docs/SCHEMA.md shows is asked of a history, and tells what that history is made
// of.
#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/storage/query_history.h"
#include "tests/storage/sql_answers.h"

namespace ballast::storage {
namespace {

using ::testing::ElementsAre;

std::string schema_page() { return read_file(std::string(BALLAST_SOURCE_DIR) + "/docs/SCHEMA.md"); }

// The text of each block of SQL, by the number that stands above it.
std::map<int, std::string> documented_queries() {
  std::map<int, std::string> queries;
  std::istringstream lines(schema_page());
  int number = 0;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("**") && line.find(". ") != std::string::npos) {
      number = std::stoi(line.substr(2));
    }
    if (line.starts_with("```")) {
      inside = line == "```sql";
      EXPECT_TRUE(!inside || queries.emplace(number, "").second) << "two queries " << number;
    } else if (inside) {
      queries[number] += line + "\n";
    }
  }
  return queries;
}

class DocumentedQueries : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = std::make_unique<TempDir>();
    write_query_history(*must(Store::open(dir_->path())));
  }
  static void TearDownTestSuite() { dir_.reset(); }
  [[nodiscard]] static std::vector<SqlAnswer> ask(int number) {
    return answers_of(dir_->path(), documented_queries().at(number));
  }
  // The rows by the value of a column.
  [[nodiscard]] static std::map<std::string, SqlAnswer> ask_by(int number,
                                                               const std::string& column) {
    std::map<std::string, SqlAnswer> rows;
    for (const SqlAnswer& row : ask(number)) rows.emplace(value_of(row, column), row);
    return rows;
  }
  // One column of all rows.
  [[nodiscard]] static std::vector<std::string> column_of(int number, const std::string& column) {
    std::vector<std::string> values;
    for (const SqlAnswer& row : ask(number)) values.push_back(value_of(row, column));
    return values;
  }

  static std::unique_ptr<TempDir> dir_;
};
std::unique_ptr<TempDir> DocumentedQueries::dir_;

std::string mib(std::int64_t kib) { return std::to_string(kib / 1024); }
// The step of which guest_now has the VM.
int last_step(int vm) { return is_there(vm, kLastStep) ? kLastStep : kLastStep - 1; }

// The mean of a VM's balloon in a day, as a rollup has it.
std::int64_t mean_of_day(int vm, int day) {
  std::int64_t sum = 0;
  for (int i = 0; i < kStepsADay; ++i) sum += balloon_kib(vm, day * kStepsADay + i);
  return rounded_mean(sum, kStepsADay);
}

TEST_F(DocumentedQueries, AllTellSomething) {
  const auto queries = documented_queries();
  EXPECT_EQ(queries.size(), 20U);
  for (const auto& [number, sql] : queries) {
    SCOPED_TRACE(fmt::format("query {} of docs/SCHEMA.md", number));
    EXPECT_FALSE(ask(number).empty());
  }
}

TEST_F(DocumentedQueries, ThePageNamesEveryTableAndView) {
  const std::string page = schema_page();
  const auto there =
      answers_of(dir_->path(), "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')");
  EXPECT_GT(there.size(), 25U);
  for (const auto& row : there) {
    const std::string name = value_of(row, "name");
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
  }
}

TEST_F(DocumentedQueries, TheLargestBalloons) {
  std::vector<std::pair<std::int64_t, std::string>> expected;
  for (int vm = 1; vm <= kVms; ++vm) {
    const std::int64_t balloon = balloon_kib(vm, last_step(vm));
    if (balloon > 0 && vm != kGone) expected.emplace_back(-balloon, name_of(vm));
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::pair<std::int64_t, std::string>> told;
  for (const SqlAnswer& row : ask(1)) {
    told.emplace_back(-1024 * std::stoll(value_of(row, "balloon_mib")), value_of(row, "name"));
  }
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, expected);
  const auto rows = ask_by(1, "name");
  EXPECT_EQ(value_of(rows.at("limited"), "proof"), "driver");
  EXPECT_EQ(value_of(rows.at("limited"), "older_by_minutes"), "0");
}

TEST_F(DocumentedQueries, TheFleetOnOneLineAVcenter) {
  const auto rows = ask_by(2, "vcenter");
  ASSERT_EQ(rows.size(), 2U);
  std::int64_t balloons_kib = 0;
  for (int vm = 1; vm < kGone; ++vm) balloons_kib += balloon_kib(vm, last_step(vm));
  const SqlAnswer& lab = rows.at("lab");
  EXPECT_EQ(value_of(lab, "balloon_mib"), mib(balloons_kib));
  EXPECT_EQ(value_of(lab, "vms"), std::to_string(kGone - 1));
  EXPECT_EQ(value_of(lab, "vms_earlier"), std::to_string(kGone - kOff));
  EXPECT_EQ(value_of(lab, "guests_read"), std::to_string(kGone - 1 - 2)) << "refused, off";
  EXPECT_EQ(value_of(lab, "excess_guests"), "2");
  EXPECT_EQ(value_of(lab, "excess_mib"), "900") << "what leaks alone is not missing yet";
}

TEST_F(DocumentedQueries, TheFleetDayByDay) {
  const auto rows = ask(3);
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(kDays));
  for (int day = 0; day < kDays; ++day) {
    std::int64_t balloons_kib = 0;
    for (int vm = 1; vm <= kVms; ++vm) {
      if (is_there(vm, day * kStepsADay)) balloons_kib += mean_of_day(vm, day);
    }
    EXPECT_EQ(value_of(rows[static_cast<std::size_t>(day)], "balloon_mib"), mib(balloons_kib))
        << "day " << day;
    EXPECT_EQ(value_of(rows[static_cast<std::size_t>(day)], "swapped_mib"), mib(kSwappedKib));
  }
  EXPECT_EQ(value_of(rows[0], "start_utc"), "2026-09-24 00:00:00");
}

TEST_F(DocumentedQueries, BalloonsThatGrewInAWeek) {
  std::map<std::string, std::string> expected;
  for (int vm = 1; vm < kGone; ++vm) {
    const auto growth = mean_of_day(vm, kDays - 1) - mean_of_day(vm, kDays - 8);
    if (growth > 0) expected.emplace(name_of(vm), mib(growth));
  }
  EXPECT_EQ(expected.at("growing"), "448");
  std::map<std::string, std::string> told;
  for (const auto& [name, row] : ask_by(4, "name")) told.emplace(name, value_of(row, "growth_mib"));
  EXPECT_EQ(told, expected);
}

TEST_F(DocumentedQueries, WhatIsShortOfMemory) {
  // 13 VMs of 8 GiB each, but for the one that is off and the one that was moved to cluster-a.
  const auto clusters = ask_by(5, "cluster");
  ASSERT_EQ(clusters.size(), 1U);
  EXPECT_EQ(value_of(clusters.at("cluster-b"), "configured_gib"), "88");
  EXPECT_EQ(value_of(clusters.at("cluster-b"), "physical_gib"), "32");
  const auto hosts = ask_by(6, "host");
  EXPECT_EQ(value_of(hosts.at("esx01.example.org"), "overcommit_ratio"), "2.75");
  EXPECT_EQ(value_of(hosts.at("esx02.example.org"), "overcommit_ratio"), "0.0156");
}

TEST_F(DocumentedQueries, LimitsAndPools) {
  const auto limited = ask(7);
  ASSERT_EQ(limited.size(), 1U) << "no limit is not a limit below its size";
  EXPECT_EQ(value_of(limited[0], "name"), "limited");
  EXPECT_EQ(value_of(limited[0], "limit_mib"), "6144");
  const auto pools = ask(8);
  ASSERT_EQ(pools.size(), 1U);
  EXPECT_EQ(value_of(pools[0], "pool"), "gold");
  EXPECT_EQ(value_of(pools[0], "vms"), "1");
}

TEST_F(DocumentedQueries, WhatEachCauseWouldGiveBack) {
  std::int64_t taken_kib = kSwappedKib;
  int ballooned = 0;
  for (int vm = 1; vm < kGone; ++vm) {
    const auto balloon = balloon_kib(vm, last_step(vm));
    taken_kib += balloon;
    ballooned += balloon > 0 ? 1 : 0;
  }
  const auto causes = ask_by(9, "cause");
  ASSERT_EQ(causes.size(), 3U);
  EXPECT_EQ(value_of(causes.at("memory of its host"), "freed_mib"), mib(taken_kib));
  EXPECT_EQ(value_of(causes.at("memory of its host"), "vms"), std::to_string(ballooned));
  EXPECT_EQ(value_of(causes.at("limit of the VM"), "freed_mib"), "2048");
  EXPECT_EQ(value_of(causes.at("limit of its pool"), "freed_mib"), "3072");
}

TEST_F(DocumentedQueries, WhatIsReservedSwappedLeakedAndLacking) {
  EXPECT_THAT(column_of(10, "name"), ElementsAre("reserved"));
  EXPECT_THAT(column_of(10, "active_mib"), ElementsAre("100"));
  EXPECT_THAT(column_of(11, "name"), ElementsAre("swapped"));
  EXPECT_THAT(column_of(11, "swapped_mib"), ElementsAre(mib(kSwappedKib)));
  EXPECT_THAT(column_of(12, "name"), ElementsAre("leaking"));
  EXPECT_THAT(column_of(12, "mib_per_day"), ElementsAre(mib(kLeakKibPerDay)));
  const auto suspects = ask(13);
  ASSERT_EQ(suspects.size(), 4U);
  EXPECT_EQ(value_of(suspects[0], "name"), "lacking");
  EXPECT_EQ(value_of(suspects[0], "missing_mib"), "900");
  EXPECT_EQ(value_of(suspects[0], "consumer"), "xfs_buffers");
  EXPECT_EQ(value_of(suspects[0], "holds_mib"), "412");
}

TEST_F(DocumentedQueries, GuestsThatWereNotRead) {
  const auto reasons = ask_by(14, "reason");
  ASSERT_EQ(reasons.size(), 2U);
  EXPECT_EQ(value_of(reasons.at("powered_off"), "ballooned"), "0");
  EXPECT_EQ(value_of(reasons.at("invalid_guest_login"), "ballooned"), "1");
  EXPECT_EQ(value_of(reasons.at("invalid_guest_login"), "for_example"),
            "the guest refuses the login");
  EXPECT_THAT(column_of(15, "name"), ElementsAre("refused"));
  EXPECT_THAT(column_of(15, "failures"), ElementsAre(std::to_string(kLastStep + 1)));
  EXPECT_THAT(column_of(15, "next_try_utc"), ElementsAre("2026-10-04 00:00:00"));
}

TEST_F(DocumentedQueries, TheWidestTolerance) {
  const auto rows = ask(16);
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(value_of(rows[0], "name"), "vague");
  EXPECT_EQ(value_of(rows[0], "tolerance_mib"), mib(11'216 + 300 * kMib));
  EXPECT_EQ(value_of(rows[0], "skew_kib"), std::to_string(300 * kMib));
}

TEST_F(DocumentedQueries, BalloonsThatFollowTheClock) {
  const auto rows = ask(17);
  ASSERT_EQ(rows.size(), 1U) << "one that only grows, or comes every 20 hours, does not";
  EXPECT_EQ(value_of(rows[0], "name"), "clocked");
  EXPECT_EQ(std::stod(value_of(rows[0], "lowest_mib")), 0);
  EXPECT_EQ(std::stod(value_of(rows[0], "highest_mib")), 1024);
  EXPECT_EQ(value_of(rows[0], "from_hour"), "8");
}

TEST_F(DocumentedQueries, WhatABalloonCostsTheGuest) {
  const auto rows = ask_by(18, "name");
  ASSERT_TRUE(rows.contains("pressed"));
  EXPECT_EQ(std::stod(value_of(rows.at("pressed"), "ballooned_mib_hour")), 30) << "60 in two hours";
  EXPECT_EQ(std::stod(value_of(rows.at("pressed"), "else_mib_hour")), 0.5);
}

TEST_F(DocumentedQueries, RebootsMigrationsAndWhatIsGone) {
  const auto rows = ask_by(19, "name");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(value_of(rows.at("rebooted"), "what"), "rebooted");
  EXPECT_EQ(value_of(rows.at("rebooted"), "scan_started_utc"), "2026-09-29 00:00:00");
  EXPECT_EQ(value_of(rows.at("rebooted"), "balloon_before_mib"), "256");
  EXPECT_EQ(value_of(rows.at("migrated"), "what"), "esx01.example.org to esx02.example.org");
  EXPECT_THAT(column_of(20, "name"), ElementsAre("gone"));
  EXPECT_THAT(column_of(20, "last_seen_utc"), ElementsAre("2026-09-25 22:00:00"));
}

}  // namespace
}  // namespace ballast::storage
