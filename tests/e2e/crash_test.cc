// Whenever the service is killed: what it said was stored is stored, nothing half is visible, and
// what it left in guests goes away at the next visit.
#include <signal.h>

#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/database_file.h"
#include "storage/queries.h"
#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr int kGuests = 12;
constexpr int kKills = 200;

json crash_fleet() {
  return {{"clusters", 1},
          {"hosts_per_cluster", 2},
          {"latency_ms", 15},
          {"page_limit", 5},
          {"guests",
           {{{"name", "ok-%d"}, {"count", 8}, {"capture", "a_idle_2048/0"}},
            {{"name", "balloon-%d"},
             {"count", kGuests - 8},
             {"capture", "w_vmw_balloon_shim_2m/512"}}}}};
}

// The scans of which the log says that they are complete.
std::set<std::int64_t> reported_complete(const std::string& log) {
  std::set<std::int64_t> scans;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const json entry = json::parse(line, nullptr, false);  // the last one may be cut off
    if (entry.is_discarded() || !entry.contains("scan")) continue;
    if (entry["message"].get<std::string>().starts_with("scan complete")) {
      scans.insert(entry["scan"].get<std::int64_t>());
    }
  }
  return scans;
}

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() {
    write_config(workspace, lab,
                 {.vcenter_keys = "schedule = \"1s\"\njitter = \"0s\"",
                  .more = "[log]\nlevel = \"info\"\nformat = \"json\""});
  }

  void run_and_kill(std::chrono::milliseconds after) {
    BackgroundBallast service(workspace, with_config(workspace, {"collect"}));
    std::this_thread::sleep_for(after);
    EXPECT_TRUE(service.is_running()) << "it must not end by itself: " << service.err();
    service.signal(SIGKILL);
    EXPECT_TRUE(eventually([&] { return !service.is_running(); }));
    const auto reported = reported_complete(service.err());
    complete.insert(reported.begin(), reported.end());
  }

  void expect_sound() {
    const auto health = storage::check_database(database());
    ASSERT_TRUE(health) << health.error().sentence();
    EXPECT_TRUE(health->ok) << health->problems.front();
    auto queries = storage::Queries::open(database());
    ASSERT_TRUE(queries) << queries.error().sentence();
    const auto scans = (*queries)->latest_scans();
    ASSERT_TRUE(scans) << scans.error().sentence();
    for (const auto& scan : *scans) expect_whole(**queries, scan);
  }

  void expect_whole(storage::Queries& queries, const storage::ScanRow& scan) {
    if (scan.status != model::ScanStatus::kComplete) return;
    int vms = 0;
    const auto read = queries.for_each_vm(scan.id, [&](const model::JudgedGuest& row) {
      ++vms;
      EXPECT_TRUE(row.guest) << "scan " << scan.id << ": " << row.vm.name;
    });
    EXPECT_TRUE(read) << read.error().sentence();
    EXPECT_EQ(vms, kGuests) << "half of scan " << scan.id << " is visible";
  }

  void expect_every_reported_scan() {
    auto queries = storage::Queries::open(database());
    ASSERT_TRUE(queries);
    for (const auto scan : complete) {
      int vms = 0;
      const auto read = (*queries)->for_each_vm(scan, [&](const model::JudgedGuest&) { ++vms; });
      EXPECT_TRUE(read) << "scan " << scan << " was reported complete: " << read.error().sentence();
      EXPECT_EQ(vms, kGuests) << "of scan " << scan;
    }
  }

  [[nodiscard]] std::string database() const { return workspace.path("ballast.db"); }

  lab::Lab lab{crash_fleet()};
  Workspace workspace;
  std::set<std::int64_t> complete;  // as reported by the service, over all its lives
};

TEST_F(CrashTest, KilledTwoHundredTimesItLosesNothing) {
  ASSERT_EQ(run_ballast(workspace, with_config(workspace, {"scan"})).exit_code, 0);
  std::mt19937 random(20261125);  // NOLINT: the same moments each time, as far as that goes
  std::uniform_int_distribution<int> moment(0, 1400);
  for (int kill = 1; kill <= kKills; ++kill) {
    run_and_kill(std::chrono::milliseconds(moment(random)));
    expect_sound();
    if (HasFailure()) FAIL() << "after kill " << kill;
  }
  EXPECT_GE(complete.size(), 20u) << "too few scans came to their end for the test to mean much";
  expect_every_reported_scan();

  const auto files_left = lab.get("/stats")["leftover_files"];
  EXPECT_FALSE(files_left.empty()) << "a kill in mid-probe leaves a file: none was hit";
  age_left_overs(lab);
  const auto visit = run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_EQ(visit.exit_code, 0) << visit.err;
  EXPECT_TRUE(lab.get("/stats")["leftover_files"].empty())
      << "the next visit sweeps them: " << lab.get("/stats")["leftover_files"];
}

}  // namespace
}  // namespace ballast::e2e
