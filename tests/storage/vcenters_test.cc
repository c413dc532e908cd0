// Several vCenters in one file, the identity of VMs and vCenters, history.
#include <algorithm>

#include <fmt/format.h>

#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using std::chrono::hours;

class Vcenters : public ::testing::Test {
 protected:
  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));

  std::unique_ptr<Queries> queries() { return must(Queries::open(dir_.path())); }
  std::vector<std::string> latest() {
    std::vector<std::string> found;
    for (const ScanRow& scan : must(queries()->latest_scans())) {
      const int place = static_cast<int>(
          ask_sql(dir_.path(), fmt::format("SELECT count(*) FROM scan WHERE id <= {}", scan.id)));
      found.push_back(fmt::format("{}:{}", scan.vcenter, place));
    }
    return found;
  }
  ScanId fail_scan(const std::string& name, const std::string& url) {
    const ScanId scan = must(store_->begin_scan({name, url, kStart}));
    must(store_->finish_scan(scan, {ScanStatus::kFailed, kStart, "connection refused"}));
    return scan;
  }
};

TEST_F(Vcenters, EachGivesItsNewestScanInOrderOfName) {
  write_scan(*store_, make_fleet(2), ScanStatus::kComplete, "zeta", make_about("z"));
  write_scan(*store_, make_fleet(3), ScanStatus::kComplete, "alpha", make_about("a"));
  write_scan(*store_, make_fleet(4), ScanStatus::kPartial, "zeta", make_about("z"));
  EXPECT_EQ(latest(), (std::vector<std::string>{"alpha:2", "zeta:3"}));
  const auto scans = must(queries()->latest_scans());
  EXPECT_EQ(scans[0].vcenter_uuid, "a");
  EXPECT_EQ(scans[0].vcenter_url, "https://alpha.example.org/sdk");
}

TEST_F(Vcenters, BehindAFailedScanTheNewestUsableOneFollows) {
  write_scan(*store_, make_fleet(2));
  fail_scan("lab", "https://lab.example.org/sdk");
  const ScanId failed = fail_scan("lab", "https://lab.example.org/sdk");
  EXPECT_EQ(latest(), (std::vector<std::string>{"lab:3", "lab:1"}));
  EXPECT_EQ(must(queries()->latest_scans())[0].vcenter_uuid, "vcenter-uuid");
  EXPECT_TRUE(rows_of(*queries(), failed).empty());
}

TEST_F(Vcenters, OneThatWasNeverReachedIsShownUntilItIs) {
  fail_scan("lab", "https://lab.example.org/sdk");
  fail_scan("lab", "https://lab.example.org/sdk");
  EXPECT_EQ(latest(), (std::vector<std::string>{"lab:2"}));
  write_scan(*store_, make_fleet(2));
  EXPECT_EQ(latest(), (std::vector<std::string>{"lab:3"}));
}

TEST_F(Vcenters, AFailureUnderAWrongUrlIsForgottenOnceTheNameWorks) {
  fail_scan("lab", "https://typo.example.org/sdk");
  write_scan(*store_, make_fleet(2));
  EXPECT_EQ(latest(), (std::vector<std::string>{"lab:2"}));
  fail_scan("lab", "https://typo.example.org/sdk");
  EXPECT_EQ(latest(), (std::vector<std::string>{"lab:3", "lab:2"}));
}

TEST_F(Vcenters, ANewNameInTheConfigurationIsTheSameVcenter) {
  write_scan(*store_, make_fleet(2), ScanStatus::kComplete, "old");
  write_scan(*store_, make_fleet(2), ScanStatus::kComplete, "new");
  EXPECT_EQ(latest(), (std::vector<std::string>{"new:2"}));
  EXPECT_EQ(must(queries()->history(1, {})).size(), 2U);
}

TEST_F(Vcenters, ANameThatNowStandsForAnotherVcenterShowsThatOne) {
  write_scan(*store_, make_fleet(2), ScanStatus::kComplete, "lab", make_about("old"));
  write_scan(*store_, make_fleet(3), ScanStatus::kComplete, "lab", make_about("new"));
  EXPECT_EQ(latest(), (std::vector<std::string>{"lab:2"}));
}

TEST_F(Vcenters, BareHostsWithoutAUuidAreToldApartByUrl) {
  write_scan(*store_, {make_result(1)}, ScanStatus::kComplete, "esx-a", make_about(""));
  write_scan(*store_, {make_result(1)}, ScanStatus::kComplete, "esx-b", make_about(""));
  write_scan(*store_, {make_result(1)}, ScanStatus::kComplete, "esx-a", make_about(""));
  EXPECT_EQ(latest(), (std::vector<std::string>{"esx-a:3", "esx-b:2"}));
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM vm"), 2);
}

TEST_F(Vcenters, TheSameVmNumbersInTwoVcentersAreDifferentVms) {
  const ScanId a =
      write_scan(*store_, {make_result(1)}, ScanStatus::kComplete, "a", make_about("a"));
  model::JudgedGuest other = make_result(1);
  other.vm.name = "other";
  const ScanId b = write_scan(*store_, {other}, ScanStatus::kComplete, "b", make_about("b"));
  EXPECT_EQ(names_in(dir_.path(), a), std::vector<std::string>{"web-00001"});
  EXPECT_EQ(names_in(dir_.path(), b), std::vector<std::string>{"other"});
}

TEST_F(Vcenters, AVmKeepsItsIdentityWhenNameAndMorefChange) {
  write_scan(*store_, {make_result(1)});
  model::JudgedGuest again = make_result(1);
  again.vm.moref = "vm-900";
  again.vm.name = "renamed";
  const ScanId second = write_scan(*store_, {again});
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM vm"), 1);
  const model::JudgedGuest row = rows_of(*queries(), second).at(0);
  EXPECT_EQ(row.vm.moref, "vm-900");
  EXPECT_EQ(row.vm.name, "renamed");
}

TEST_F(Vcenters, TwoVmsMayCarryOneBiosUuid) {
  model::JudgedGuest copy = make_result(2);
  copy.vm.bios_uuid = make_vm(1).bios_uuid;
  const ScanId scan = write_scan(*store_, {make_result(1), copy});
  EXPECT_EQ(rows_of(*queries(), scan).size(), 2U);
  EXPECT_EQ(must(queries()->find_vm(copy.vm.bios_uuid)).size(), 2U);
}

TEST_F(Vcenters, WithoutAnInstanceUuidTheMorefIsTheIdentity) {
  model::JudgedGuest a = make_result(1);
  model::JudgedGuest b = make_result(2);
  a.vm.instance_uuid = b.vm.instance_uuid = "";
  write_scan(*store_, {a, b});
  a.vm.name = "renamed";
  const ScanId second = write_scan(*store_, {a, b});
  EXPECT_EQ(names_in(dir_.path(), second), (std::vector<std::string>{"renamed", "web-00002"}));
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM vm"), 2);
}

TEST_F(Vcenters, AnInaccessibleVmIsTheOneThatItsMorefWas) {
  write_scan(*store_, {make_result(1)});
  model::JudgedGuest dark = make_unread(1, model::UnknownReason::kVmUnavailable);
  dark.vm.instance_uuid = dark.vm.bios_uuid = "";
  dark.vm.connection = model::ConnectionState::kInaccessible;
  const ScanId second = write_scan(*store_, {dark});
  const model::JudgedGuest row = rows_of(*queries(), second).at(0);
  EXPECT_EQ(row.vm.instance_uuid, make_vm(1).instance_uuid);
  EXPECT_EQ(row.vm.bios_uuid, make_vm(1).bios_uuid);
  EXPECT_EQ(must(queries()->history(row.vm_id, {})).size(), 2U);
}

TEST_F(Vcenters, AVmFirstSeenInaccessibleGetsItsUuidLater) {
  model::JudgedGuest dark = make_unread(1, model::UnknownReason::kVmUnavailable);
  dark.vm.instance_uuid = dark.vm.bios_uuid = "";
  write_scan(*store_, {dark});
  const ScanId second = write_scan(*store_, {make_result(1)});
  const model::JudgedGuest row = rows_of(*queries(), second).at(0);
  EXPECT_EQ(row.vm.instance_uuid, make_vm(1).instance_uuid);
  EXPECT_EQ(must(queries()->history(row.vm_id, {})).size(), 2U);
}

TEST_F(Vcenters, AVmOnAHostThatWasNotListedHasAMorefButNoName) {
  model::JudgedGuest result = make_result(1);
  result.vm.host_moref = "host-4711";
  const ScanId scan = write_scan(*store_, {result});
  const model::JudgedGuest row = rows_of(*queries(), scan).at(0);
  EXPECT_EQ(row.vm.host_moref, "host-4711");
  EXPECT_EQ(row.host, "");
}

TEST_F(Vcenters, HistoryIsOldestFirstAndStartsWhereAsked) {
  for (int hour = 0; hour < 5; ++hour) {
    model::JudgedGuest result = make_result(1);
    result.vm.stats.balloon_kib = hour * 1024;
    const auto status = hour == 3 ? ScanStatus::kFailed : ScanStatus::kComplete;
    write_scan(*store_, {result, make_result(2)}, status, "lab", make_about(),
               kStart + hours(hour));
  }
  write_scan(*store_, {make_result(1)}, ScanStatus::kComplete, "b", make_about("b"));

  const auto rows = must(queries()->history(1, kStart + hours(1)));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].vm.stats.balloon_kib, 1024);
  EXPECT_EQ(rows[1].vm.stats.balloon_kib, 2048);
  EXPECT_EQ(rows[2].vm.stats.balloon_kib, 4096);
  EXPECT_EQ(must(queries()->history(1, {})).size(), 4U);
  EXPECT_TRUE(must(queries()->history(999, {})).empty());
}

}  // namespace
}  // namespace ballast::storage
