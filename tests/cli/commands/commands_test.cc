// report and vm over a real database.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/commands/report_command.h"
#include "cli/commands/vm_command.h"
#include "storage/store.h"
#include "tests/fixtures/capture_output.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using model::ScanStatus;
using model::Verdict;
using testing::HasSubstr;
using testing::Not;

model::JudgedGuest result(const std::string& name, const std::string& number, Verdict verdict,
                          std::int64_t balloon_mib) {
  model::JudgedGuest one;
  one.vm.moref = "vm-" + number;
  one.vm.name = name;
  one.vm.instance_uuid = "5030aa11-0000-4000-8000-00000000000" + number;
  one.vm.bios_uuid = "4230aa11-0000-4000-8000-000000000001";  // all clones of one template
  one.vm.host_moref = "host-1";
  one.vm.configured_kib = 4 * kKibPerGib;
  one.vm.stats.balloon_kib = balloon_mib * kKibPerMib;
  one.vm.polled_at = sample_now() - std::chrono::minutes(10);
  one.judgement.verdict = verdict;
  if (verdict == Verdict::kUnknown) {
    one.judgement.reason = model::UnknownReason::kToolsNotRunning;
    return one;
  }
  model::GuestSample guest;
  guest.read_at = one.vm.polled_at;
  guest.kernel_release = "6.1.0-21-amd64";
  guest.account.mem_total_kib = 4 * kKibPerGib;
  guest.account.unaccounted_kib = (balloon_mib + 5) * kKibPerMib;
  guest.account.parts = {{"free", guest.account.mem_total_kib - guest.account.unaccounted_kib}};
  one.guest = guest;
  one.judgement.proof = verdict == Verdict::kBalloon ? model::Proof::kPoint : model::Proof::kNone;
  one.judgement.baseline.kib = 5 * kKibPerMib;
  return one;
}

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() {
    char name[] = "/tmp/ballast-cli-XXXXXX";
    directory_ = ::mkdtemp(name);
    path_ = directory_ + "/ballast.db";
  }
  ~CommandsTest() override { std::filesystem::remove_all(directory_); }

  // One scan of `vcenter`; its VMs are gone again if it failed.
  void scan(const std::string& vcenter, ScanStatus status, std::chrono::minutes ago,
            const std::vector<model::JudgedGuest>& results, const std::string& error = "") {
    auto store = storage::Store::open(path_);
    ASSERT_TRUE(store) << store.error().sentence();
    const auto start = sample_now() - ago;
    const auto id = (*store)->begin_scan({vcenter, "https://" + vcenter + ".example/sdk", start});
    ASSERT_TRUE(id) << id.error().sentence();
    ASSERT_TRUE((*store)->write_vcenter(*id, {vcenter + "-uuid", "vCenter", "8.0"}));
    model::Host host;
    host.moref = "host-1";
    host.name = "esx-01";
    host.cluster = "prod";
    host.memory_kib = 64 * kKibPerGib;
    host.memory_usage_kib = 30 * kKibPerGib;
    ASSERT_TRUE((*store)->write_hosts(*id, {host}));
    const model::ResourcePool root{"pool-1", "prod", "", {}, std::nullopt};
    const model::ResourcePool web{"pool-2", "web", "pool-1", {0, 8 * kKibPerGib}, 8 * kKibPerGib};
    ASSERT_TRUE((*store)->write_pools(*id, {root, web}));
    const auto written = (*store)->write_results(*id, results);
    ASSERT_TRUE(written) << written.error().sentence();
    ASSERT_TRUE((*store)->finish_scan(*id, {status, start + std::chrono::seconds(30), error}));
  }

  // Guests of the vCenter "lab" refuse a login; the scan that found it failed.
  void suspend(const model::LoginSetback& login) {
    auto store = storage::Store::open(path_);
    ASSERT_TRUE(store) << store.error().sentence();
    const auto start = sample_now() - std::chrono::hours(90);
    const auto id = (*store)->begin_scan({"lab", "https://lab.example/sdk", start});
    ASSERT_TRUE(id) << id.error().sentence();
    ASSERT_TRUE((*store)->write_vcenter(*id, {"lab-uuid", "vCenter", "8.0"}));
    ASSERT_TRUE((*store)->write_login_setback(*id, login));
    ASSERT_TRUE((*store)->finish_scan(*id, {ScanStatus::kFailed, start, "no"}));
  }

  int report(Format format = Format::kTable, const ReportQuery& query = {},
             std::optional<UtcTime> since = std::nullopt) {
    ReportOptions options;
    options.since = since;
    options.common.database_path = path_;
    options.format = format;
    options.query = query;
    options.now = sample_now();
    return run_report(options, *make_output(options.format, captured_.terminal),
                      captured_.terminal);
  }

  int vm(const std::string& key, Format format = Format::kTable) {
    VmOptions options;
    options.common.database_path = path_;
    options.format = format;
    options.key = key;
    options.now = sample_now();
    return run_vm(options, *make_output(options.format, captured_.terminal), captured_.terminal);
  }

  std::string directory_;
  std::string path_;
  CapturedTerminal captured_;
};

TEST_F(CommandsTest, ReportReadsTheNewestScan) {
  scan("lab", ScanStatus::kComplete, std::chrono::minutes(70),
       {result("web-1", "1", Verdict::kBalloon, 900)});
  scan("lab", ScanStatus::kPartial, std::chrono::minutes(10),
       {result("web-1", "1", Verdict::kBalloon, 512), result("web-2", "2", Verdict::kClean, 0),
        result("web-3", "3", Verdict::kUnknown, 0)});
  EXPECT_EQ(report(), 0) << captured_.err();
  EXPECT_THAT(
      captured_.out(),
      testing::StartsWith("1 of 2 guests read: 512 MiB held by balloons, matched in the guest.\n"));
  EXPECT_THAT(captured_.out(), HasSubstr("esx-01"));
  EXPECT_THAT(captured_.out(), HasSubstr("1 VMware Tools not running"));
  EXPECT_EQ(captured_.err(), "");
}

TEST_F(CommandsTest, CausesComeFromTheScan) {
  auto one = result("web-1", "1", Verdict::kBalloon, 512);
  one.vm.pool_moref = "pool-2";
  one.vm.power = model::PowerState::kPoweredOn;
  one.vm.allocation.limit_kib = 3 * kKibPerGib;
  scan("lab", ScanStatus::kComplete, std::chrono::minutes(10), {one});
  VmOptions options;
  options.common.database_path = path_;
  options.key = "web-1";
  options.now = sample_now();
  CaptureOutput answers;
  ASSERT_EQ(run_vm(options, answers, captured_.terminal), 0) << captured_.err();
  const auto& found = answers.vms.at(0);
  ASSERT_EQ(found.row.causes.size(), 2u);
  EXPECT_EQ(found.row.causes[0].kind, model::CauseKind::kVmLimit);
  EXPECT_EQ(found.row.causes[1].kind, model::CauseKind::kPoolLimit);
  EXPECT_EQ(found.row.causes[1].object, "web");
  EXPECT_EQ(found.around.host->configured_kib, 4 * kKibPerGib);
  EXPECT_EQ(found.around.pools.size(), 2u);
  EXPECT_EQ(captured_.out(), "") << "an answer is printed by its Output alone";
  ASSERT_EQ(report(Format::kCsv), 0);
  EXPECT_THAT(captured_.out(), HasSubstr(",vm_limit pool_limit,,\r\n"));
}

TEST_F(CommandsTest, GuestsLeftAloneAndSuspendedLoginsComeFromTheStore) {
  const auto until = sample_now() + std::chrono::hours(1);
  suspend({"", "probe", 1, sample_now(), until});
  suspend({"", "over", 1, sample_now(), sample_now()});
  auto failing = result("web-3", "3", Verdict::kUnknown, 0);
  failing.setback = {model::UnknownReason::kToolsNotRunning, 4, sample_now(),
                     sample_now() + std::chrono::hours(3), "probe"};
  scan("lab", ScanStatus::kComplete, std::chrono::minutes(10),
       {result("web-1", "1", Verdict::kClean, 0), failing});
  ReportQuery query;
  query.verdicts = {Verdict::kUnknown};
  ASSERT_EQ(report(Format::kTable, query), 0) << captured_.err();
  EXPECT_THAT(captured_.out(),
              HasSubstr("\nLogin probe is suspended in lab until 2026-11-23 14:17 UTC.\n"));
  EXPECT_THAT(captured_.out(), HasSubstr("not running: next try 2026-11-23 16:17 UTC"));
  EXPECT_THAT(captured_.err(), HasSubstr("warning: Login probe is suspended"));
  ASSERT_EQ(vm("web-3"), 0);
  EXPECT_THAT(captured_.out(),
              HasSubstr("Not tried again before 2026-11-23 16:17 UTC: it failed 4 "
                        "times in a row, last with \"VMware Tools not running\"."));
}

TEST_F(CommandsTest, SinceComparesWithTheNewestScanBefore) {
  scan("lab", ScanStatus::kComplete, std::chrono::hours(80),
       {result("web-1", "1", Verdict::kBalloon, 900)});
  scan("lab", ScanStatus::kComplete, std::chrono::hours(50),
       {result("web-1", "1", Verdict::kClean, 0), result("gone", "2", Verdict::kClean, 0)});
  scan("lab", ScanStatus::kFailed, std::chrono::hours(49), {}, "login refused");
  scan("lab", ScanStatus::kComplete, std::chrono::hours(20),
       {result("web-1", "1", Verdict::kBalloon, 100)});
  scan("lab", ScanStatus::kComplete, std::chrono::minutes(10),
       {result("web-1", "1", Verdict::kBalloon, 512), result("new", "3", Verdict::kClean, 0)});
  ASSERT_EQ(report(Format::kJson, {}, sample_now() - std::chrono::hours(48)), 0);
  const auto json = nlohmann::json::parse(captured_.out());
  EXPECT_EQ(json["comparison"]["counts"]["new_balloon"], 1) << "there was none 50 hours ago";
  EXPECT_EQ(json["changes"].size(), 3u) << json["changes"];
  EXPECT_EQ(json["changes"][1]["change"], "new_vm");
  EXPECT_EQ(json["changes"][2]["name"], "gone");
}

TEST_F(CommandsTest, SinceWithoutAScanThatEarlyInOneVcenterIsAWarning) {
  scan("lab", ScanStatus::kComplete, std::chrono::hours(50),
       {result("web-1", "1", Verdict::kClean, 0)});
  scan("lab", ScanStatus::kComplete, std::chrono::hours(1),
       {result("web-1", "1", Verdict::kBalloon, 100)});
  scan("branch", ScanStatus::kComplete, std::chrono::hours(2),
       {result("web-2", "2", Verdict::kBalloon, 100)});
  EXPECT_EQ(report(Format::kCsv, {}, sample_now() - std::chrono::hours(40)), 0);
  EXPECT_THAT(captured_.out(), HasSubstr("new_balloon,web-1"));
  EXPECT_THAT(captured_.out(), Not(HasSubstr("web-2"))) << "not new: nothing is known of it";
  EXPECT_THAT(captured_.err(), HasSubstr("warning: vCenter branch: no scan so early"));
}

}  // namespace
}  // namespace ballast::cli
