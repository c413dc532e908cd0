// What a scan holds around its VMs comes back: its vCenter, its hosts, and each VM once.
#include <gtest/gtest.h>

#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

TEST(ScanRoundTrip, HostAndVcenterNamesMayHoldAnyBytes) {
  const std::string odd("a\0b'\"\xff\n", 7);
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  const ScanId scan = must(store->begin_scan({odd, odd, kStart}));
  must(store->write_vcenter(scan, {odd, odd, odd}));
  model::Host host = make_host(1);
  host.name = host.cluster = host.datacenter = odd;
  must(store->write_hosts(scan, {host}));
  must(store->write_results(scan, {make_result(1)}));
  must(store->finish_scan(scan, {model::ScanStatus::kPartial, kStart, odd}));

  auto queries = must(Queries::open(dir.path()));
  const auto scans = must(queries->latest_scans());
  ASSERT_EQ(scans.size(), 1U);
  EXPECT_EQ(scans[0].vcenter, odd);
  EXPECT_EQ(scans[0].vcenter_url, odd);
  EXPECT_EQ(scans[0].vcenter_uuid, odd);
  EXPECT_EQ(scans[0].error, odd);
  const auto rows = rows_of(*queries, scan);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].vcenter, odd);
  EXPECT_EQ(rows[0].host, odd);
  EXPECT_EQ(rows[0].cluster, odd);
  EXPECT_EQ(rows[0].datacenter, odd);
}

TEST(ScanRoundTrip, AVmThatComesTwiceKeepsItsLastResult) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  const ScanId scan = begin(*store);
  must(store->write_results(scan, {make_unread(1, model::UnknownReason::kTimedOut, "first")}));
  must(store->write_results(
      scan, {make_unread(1, model::UnknownReason::kTimedOut, "second"), make_result(1)}));
  must(store->finish_scan(scan, {model::ScanStatus::kComplete, kStart, ""}));
  auto queries = must(Queries::open(dir.path()));
  const auto rows = rows_of(*queries, scan);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].detail, "");
  EXPECT_TRUE(rows[0].guest);
  const auto scans = must(queries->latest_scans());
  EXPECT_EQ(scans.at(0).vms, 1);
  EXPECT_EQ(scans.at(0).guests_read, 1);
  EXPECT_EQ(scans.at(0).guests_failed, 0) << "the first result still counts";
}

TEST(ScanRoundTrip, HostFiguresAreKeptPerScan) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  write_scan(*store, {make_result(1)});
  const auto count = [&](const std::string& condition) {
    return ask_sql(dir.path(), "SELECT count(*) FROM host_sample WHERE " + condition);
  };
  EXPECT_EQ(count("scan_id = 1790000000 AND memory_kib = 536870912"), 8);
  EXPECT_EQ(count("memory_usage_kib = 400003072"), 1);
}

}  // namespace
}  // namespace ballast::storage
