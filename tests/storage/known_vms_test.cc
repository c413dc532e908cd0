// What a store remembers of VMs between scans must never hide a change of one.
#include <functional>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "storage/queries.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

struct Change {
  const char* what;
  std::function<void(model::JudgedGuest&)> make;
};

const std::vector<Change>& changes() {
  using model::JudgedGuest;
  static const std::vector<Change> kAll = {
      {"name", [](JudgedGuest& r) { r.vm.name = "renamed"; }},
      {"moref", [](JudgedGuest& r) { r.vm.moref = "vm-9999"; }},
      {"BIOS UUID", [](JudgedGuest& r) { r.vm.bios_uuid = "420c"; }},
      {"host", [](JudgedGuest& r) { r.vm.host_moref = "host-7"; }},
      {"pool", [](JudgedGuest& r) { r.vm.pool_moref = "resgroup-4"; }},
      {"power", [](JudgedGuest& r) { r.vm.power = model::PowerState::kSuspended; }},
      {"connection", [](JudgedGuest& r) { r.vm.connection = model::ConnectionState::kOrphaned; }},
      {"tools", [](JudgedGuest& r) { r.vm.tools = model::ToolsState::kNotRunning; }},
      {"not ready", [](JudgedGuest& r) { r.vm.guest_operations_ready = false; }},
      {"readiness", [](JudgedGuest& r) { r.vm.guest_operations_ready.reset(); }},
      {"family", [](JudgedGuest& r) { r.vm.guest_family = "otherGuest"; }},
      {"guest OS", [](JudgedGuest& r) { r.vm.guest_id = "sles15_64Guest"; }},
      {"size", [](JudgedGuest& r) { r.vm.configured_kib = 4'194'304; }},
      {"reservation", [](JudgedGuest& r) { r.vm.allocation.reservation_kib.reset(); }},
      {"limit", [](JudgedGuest& r) { r.vm.allocation.limit_kib = model::kUnlimited; }},
      {"kernel", [](JudgedGuest& r) { r.guest->kernel_release = "5.14.0"; }},
      {"boot", [](JudgedGuest& r) { r.guest->boot_id = "another"; }},
      {"era", [](JudgedGuest& r) { r.guest->account.era = model::KernelEra::kModern; }},
      {"MemTotal", [](JudgedGuest& r) { r.guest->account.mem_total_kib += 4; }},
      {"counter error", [](JudgedGuest& r) { r.guest->account.counter_error_kib = 1; }},
      {"what is missing", [](JudgedGuest& r) { r.guest->account.missing.pop_back(); }},
      {"CPUs", [](JudgedGuest& r) { r.guest->cpus = 64; }},
      {"unread", [](JudgedGuest& r) { r.guest->account.unread_fixed_kib = 77; }},
      {"no guest",
       [](JudgedGuest& r) {
         r.guest.reset();
         r.judgement = model::unknown(model::UnknownReason::kTimedOut);
       }},
  };
  return kAll;
}

// Everything of a row that a state or the VM's own row holds.
std::string text_of(const model::JudgedGuest& row) {
  const model::VmView& vm = row.vm;
  std::string text =
      fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {}", vm.name, vm.moref, vm.bios_uuid,
                  vm.host_moref, vm.pool_moref, static_cast<int>(vm.power),
                  static_cast<int>(vm.connection), static_cast<int>(vm.tools),
                  vm.guest_operations_ready ? static_cast<int>(*vm.guest_operations_ready) : -1,
                  vm.guest_family, vm.guest_id, vm.configured_kib.value_or(-2),
                  vm.allocation.reservation_kib.value_or(-2), vm.allocation.limit_kib.value_or(-2));
  if (!row.guest) return text;
  const model::GuestSample& guest = *row.guest;
  return text + fmt::format(" {} {} {} {} {} {} {} {}", guest.kernel_release, guest.boot_id,
                            model::to_string(guest.account.era), guest.account.mem_total_kib,
                            guest.account.counter_error_kib, guest.account.missing.size(),
                            guest.cpus.value_or(-2), guest.account.unread_fixed_kib);
}

std::string stored(Store& store, const std::string& path, const model::JudgedGuest& result) {
  const ScanId scan = write_scan(store, {result});
  auto queries = must(Queries::open(path));
  return text_of(rows_of(*queries, scan).at(0));
}

TEST(KnownVms, EveryChangeIsStoredAndEveryChangeBack) {
  for (const Change& change : changes()) {
    SCOPED_TRACE(change.what);
    const TempDir dir;
    const TempDir fresh_dir;
    auto store = must(Store::open(dir.path()));
    model::JudgedGuest changed = make_result(1);
    change.make(changed);
    stored(*store, dir.path(), make_result(1));  // a store remembers from its second scan on
    const std::string before = stored(*store, dir.path(), make_result(1));
    // A store that knows nothing yet is right by itself.
    const std::string expected =
        stored(*must(Store::open(fresh_dir.path())), fresh_dir.path(), changed);
    ASSERT_NE(expected, before);
    EXPECT_EQ(stored(*store, dir.path(), changed), expected);
    EXPECT_EQ(stored(*store, dir.path(), make_result(1)), before);
  }
}

TEST(KnownVms, ARepeatedScanAddsNoStates) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  for (int i = 0; i < 5; ++i) write_scan(*store, make_fleet(6));
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM vm_state"), 6);
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM guest_state"), 4);
}

TEST(KnownVms, WhatWasRolledBackIsNotKnown) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  write_scan(*store, {make_result(1)});
  write_scan(*store, {make_result(1)});
  const ScanId scan = begin(*store);
  run_sql(dir.path(),
          "CREATE TRIGGER stop BEFORE INSERT ON sample WHEN (SELECT count(*) FROM sample) > 5 "
          "BEGIN SELECT RAISE(ABORT, 'stopped'); END");
  ASSERT_FALSE(store->write_results(scan, make_fleet(6)));
  run_sql(dir.path(), "DROP TRIGGER stop");
  must(store->write_results(scan, make_fleet(6)));
  must(store->finish_scan(scan, {model::ScanStatus::kComplete, kStart, ""}));
  EXPECT_TRUE(must(check_database(dir.path())).ok) << "a row refers to one that is not there";
  auto queries = must(Queries::open(dir.path()));
  EXPECT_EQ(rows_of(*queries, scan).size(), 6U);
}

TEST(KnownVms, TheLatestNameIsThatOfTheLastScanWhoeverWroteIt) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  auto other = must(Store::open(dir.path()));
  model::JudgedGuest renamed = make_result(1);
  renamed.vm.name = "renamed";
  for (int i = 0; i < 3; ++i) stored(*store, dir.path(), make_result(1));
  EXPECT_THAT(stored(*other, dir.path(), renamed), ::testing::StartsWith("renamed"));
  EXPECT_THAT(stored(*store, dir.path(), make_result(1)), ::testing::StartsWith("web-00001"));
}

// Of two VMs with one instance UUID the second is known by its moref – not by the row of the first,
// whatever moref that had before, and in whatever order they are written.
TEST(Twins, KeepRowsOfTheirOwn) {
  const TempDir dir;
  const auto store = must(Store::open(dir.path()));
  auto first = make_result(1);
  write_scan(*store, {first});
  for (int round = 0; round < 2; ++round) {
    auto copy = make_result(2);
    copy.vm.instance_uuid = first.vm.instance_uuid;
    auto twin = first;  // listed after its copy this time
    twin.vm.instance_uuid.clear();
    twin.vm.is_twin = true;
    const auto scan = write_scan(*store, {twin, copy});
    auto queries = must(Queries::open(dir.path()));
    EXPECT_EQ(rows_of(*queries, scan).size(), 2U) << round << ": one of them vanished";
  }
}

}  // namespace
}  // namespace ballast::storage
