// What the views tell of a file is what ballast's own readers tell of it.
#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "storage/sqlite/words.h"
#include "tests/fixtures/rollup_fixtures.h"
#include "tests/storage/sql_answers.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using std::chrono::hours;
using std::chrono::milliseconds;

// Rows by their key, as text.
using Rows = std::map<std::string, std::string>;

constexpr const char* kGuestColumns =
    "vcenter, datacenter, cluster, host, pool, name, moref, instance_uuid, scan_id, "
    "scan_started_ms, polled_at_ms, power, configured_kib, limit_kib, reservation_kib, verdict, "
    "proof, reason, detail, balloon_kib, shown_balloon_kib, driver_kib, unaccounted_kib, "
    "baseline_kib, difference_kib, tolerance_kib, lockstep_slope, leak_kib_per_day, consumed_kib, "
    "swapped_kib, read_at_ms, kernel, mem_total_kib, swapped_in_kib";

template <class Value>
std::string text(const std::optional<Value>& value) {
  return value ? fmt::format("{}", *value) : "NULL";
}
std::int64_t ms(UtcTime time) { return time.time_since_epoch().count(); }

// The columns of kGuestColumns.
std::string told(const model::JudgedGuest& row, const ScanRow& scan) {
  const auto& vm = row.vm;
  const auto& judgement = row.judgement;
  const auto limit = vm.allocation.limit_kib == model::kUnlimited ? std::optional<std::int64_t>()
                                                                  : vm.allocation.limit_kib;
  std::string line = fmt::format(
      "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", row.vcenter, row.datacenter,
      row.cluster, row.host, row.pool, vm.name, vm.moref, vm.instance_uuid, scan.id,
      ms(scan.started_at), ms(vm.polled_at), word_for(vm.power), text(vm.configured_kib),
      text(limit), text(vm.allocation.reservation_kib), to_string(judgement.verdict),
      to_string(judgement.proof), to_string(judgement.reason), row.detail,
      text(vm.stats.balloon_kib), text(row.shown_balloon_kib()));
  const auto of_guest = [&](std::int64_t value) {
    return row.guest ? std::to_string(value) : "NULL";
  };
  const model::GuestSample guest = row.guest.value_or(model::GuestSample{});
  const auto& lockstep = judgement.lockstep;
  const auto& leak = judgement.leak;
  line += fmt::format("|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", text(guest.account.driver_kib),
                      of_guest(guest.account.unaccounted_kib), of_guest(judgement.baseline.kib),
                      text(row.difference_kib()), of_guest(judgement.tolerance_kib),
                      lockstep ? fmt::format("{}", lockstep->slope) : "NULL",
                      leak ? std::to_string(leak->kib_per_day) : "NULL",
                      text(vm.stats.consumed_kib), text(vm.stats.swapped_kib),
                      of_guest(ms(guest.read_at)), row.guest ? guest.kernel_release : "NULL",
                      of_guest(guest.account.mem_total_kib), text(guest.pressure.swapped_in_kib));
  return line;
}

// The figures of `ballast report`: its counts by verdict, and its totals.
struct FleetSums {
  std::int64_t vms = 0, earlier = 0, read = 0, ballooned = 0, balloon_kib = 0;
  std::array<std::int64_t, 5> guests{}, balloons_kib{};  // by verdict
  std::int64_t excess_kib = 0, leaking = 0, leak_kib_per_day = 0;

  void add(const model::JudgedGuest& row, bool is_earlier) {
    const auto& judgement = row.judgement;
    const std::int64_t balloon = row.shown_balloon_kib().value_or(0);
    const auto verdict = static_cast<std::size_t>(judgement.verdict);
    ++vms;
    earlier += is_earlier ? 1 : 0;
    read += row.guest ? 1 : 0;
    ballooned += balloon > 0 ? 1 : 0;
    balloon_kib += balloon;
    ++guests[verdict];
    balloons_kib[verdict] += balloon;
    const bool is_missing =
        judgement.verdict == model::Verdict::kExcess && !model::is_leak_only(judgement);
    excess_kib += is_missing ? judgement.difference_kib : 0;
    if (!judgement.leak) return;
    ++leaking;
    leak_kib_per_day += judgement.leak->kib_per_day;
  }
  [[nodiscard]] std::string text() const {
    std::string line = fmt::format("{}|{}|{}|{}|{}", vms, earlier, read, ballooned, balloon_kib);
    for (const auto count : guests) line += fmt::format("|{}", count);
    for (const auto kib : balloons_kib) line += fmt::format("|{}", kib);
    return line + fmt::format("|{}|{}|{}", excess_kib, leaking, leak_kib_per_day);
  }
};
constexpr const char* kFleetColumns =
    "vms, vms_earlier, guests_read, ballooned, balloon_kib, balloon_guests, excess_guests, "
    "hidden_guests, clean_guests, unknown_guests, balloon_balloon_kib, excess_balloon_kib, "
    "hidden_balloon_kib, clean_balloon_kib, unknown_balloon_kib, excess_kib, leaking, "
    "leak_kib_per_day";

// The first column is the key.
Rows ask_rows(const std::string& path, const std::string& sql) {
  Rows rows;
  for (const auto& row : answers_of(path, sql)) {
    const std::string& key = row.front().second;
    std::string line;
    for (std::size_t i = 1; i < row.size(); ++i) line += (i > 1 ? "|" : "") + row[i].second;
    EXPECT_TRUE(rows.emplace(key, line).second) << "twice: " << key;
  }
  return rows;
}

// What latest_scans() promises, and what `ballast report` makes of it.
struct ReadersView {
  Rows guests;  // by VM number
  Rows fleet;   // by vCenter
};
ReadersView by_readers(const std::string& path) {
  const auto queries = must(Queries::open(path));
  ReadersView view;
  std::map<std::string, ScanRow> newest;
  std::map<std::string, FleetSums> sums;
  for (const ScanRow& scan : must(queries->latest_scans())) {
    if (scan.status == ScanStatus::kFailed) continue;
    const ScanRow& first = newest.emplace(scan.vcenter, scan).first->second;
    FleetSums& totals = sums[scan.vcenter];
    must(queries->for_each_vm(scan.id, [&](const model::JudgedGuest& row) {
      const auto line =
          fmt::format("{}|{}|{}", told(row, scan), (first.started_at - scan.started_at).count(),
                      scan.id == first.id ? 0 : 1);
      const bool is_new = view.guests.emplace(std::to_string(row.vm_id), line).second;
      if (is_new) totals.add(row, scan.id != first.id);
    }));
  }
  for (const auto& [vcenter, totals] : sums) view.fleet.emplace(vcenter, totals.text());
  return view;
}

void expect_views_agree(const std::string& path) {
  const auto readers = by_readers(path);
  EXPECT_EQ(ask_rows(path, fmt::format("SELECT vm_id, {}, older_by_ms, is_earlier FROM guest_now",
                                       kGuestColumns)),
            readers.guests);
  EXPECT_EQ(ask_rows(path, fmt::format("SELECT vcenter, {} FROM fleet_now", kFleetColumns)),
            readers.fleet);
}

// A VM that differs from scan to scan, and has what only some have.
model::JudgedGuest guest(int number, int moment) {
  model::JudgedGuest result = varying_result(number, moment);
  if (number % 2 == 0) result.vm.allocation.limit_kib = model::kUnlimited;
  if (!result.guest) return result;
  auto& judgement = result.judgement;
  judgement.difference_kib = result.guest->account.unaccounted_kib - judgement.baseline.kib -
                             result.vm.stats.balloon_kib.value_or(0);
  if (number % 3 == 0) judgement.lockstep = model::Lockstep{0.9875, 0.9, 1.1, 7, 9, 4096, kStart};
  if (number % 4 == 0) {
    judgement.verdict = model::Verdict::kExcess;
    judgement.proof = model::Proof::kNone;
    judgement.leak = model::Leak{40'960 + moment, 30'000, 50'000, kStart};
  }
  if (number % 7 == 0) judgement = model::unknown(model::UnknownReason::kBalloonFigureUnset);
  return result;
}

struct Kind {
  ScanStatus status = ScanStatus::kComplete;
  const char* error = "";
  const char* limited_to = "";
};
constexpr Kind kWhole{};
constexpr Kind kSomeFailed{ScanStatus::kPartial, "", ""};
constexpr Kind kCutShort{ScanStatus::kPartial, "stopped by SIGINT", ""};
constexpr Kind kClusterA{ScanStatus::kComplete, "", "cluster \"a\""};
constexpr Kind kClusterB{ScanStatus::kComplete, "", "cluster \"b\""};
constexpr Kind kCutShortA{ScanStatus::kPartial, "stopped by SIGINT", "cluster \"a\""};
constexpr Kind kFailed{ScanStatus::kFailed, "no route to host", ""};

// A file, and what was scanned into it.
class ScannedFile {
 public:
  // A scan of these VMs.
  ScanId scan(UtcTime start, const Kind& kind, const std::vector<int>& vms,
              const std::string& vcenter = "lab", const std::string& uuid = "uuid") {
    const ScanId id =
        must(store_->begin_scan({vcenter, "https://" + vcenter, start, kind.limited_to}));
    must(store_->write_vcenter(id, make_about(uuid)));
    must(store_->write_hosts(id, {make_host(1), make_host(2), make_host(3)}));
    must(store_->write_pools(id, {{"resgroup-1", "gold", "", {0, model::kUnlimited}, 777}}));
    std::vector<model::JudgedGuest> results;
    for (const int number : vms) results.push_back(guest(number, ++moment_));
    must(store_->write_results(id, results));
    must(store_->finish_scan(id, {kind.status, start + std::chrono::minutes(1), kind.error}));
    return id;
  }
  [[nodiscard]] std::string path() const { return dir_.path(); }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] std::int64_t ask(const std::string& sql) const { return ask_sql(path(), sql); }
  // Which scan guest_now has a VM of; 0 if it has not.
  [[nodiscard]] std::int64_t scan_of(int number) const {
    return ask(fmt::format("SELECT coalesce(max(scan_id), 0) FROM guest_now WHERE moref = 'vm-{}'",
                           number));
  }

 private:
  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));
  int moment_ = 0;
};

TEST(Views, OfAWholeScanEveryVmIsThereAndNoOther) {
  ScannedFile lab;
  lab.scan(kStart, kWhole, {1, 2, 3, 4, 5, 6, 7, 8});
  const ScanId newest = lab.scan(kStart + hours(1), kSomeFailed, {1, 2, 3, 4, 5, 6, 7, 9});
  expect_views_agree(lab.path());
  EXPECT_EQ(lab.ask("SELECT count(*) FROM guest_now"), 8);
  EXPECT_EQ(lab.scan_of(1), newest);
  EXPECT_EQ(lab.scan_of(8), 0) << "it is gone";
}

TEST(Views, AScanThatWasCutShortHidesNoVm) {
  ScannedFile lab;
  const ScanId whole = lab.scan(kStart, kWhole, {1, 2, 3, 4, 5, 6, 7, 8});
  const ScanId first = lab.scan(kStart + hours(1), kCutShort, {1, 2, 3});
  const ScanId second = lab.scan(kStart + hours(2), kCutShort, {1, 9});
  lab.scan(kStart + hours(3), kFailed, {1, 2});
  expect_views_agree(lab.path());
  EXPECT_EQ(lab.scan_of(1), second);
  EXPECT_EQ(lab.scan_of(2), first);
  EXPECT_EQ(lab.scan_of(8), whole);
  EXPECT_EQ(lab.scan_of(9), second);
  EXPECT_EQ(lab.ask("SELECT sum(is_earlier) FROM guest_now"), 7);
  EXPECT_EQ(lab.ask("SELECT max(older_by_ms) FROM guest_now"), 2 * 3'600'000);
  EXPECT_EQ(lab.ask("SELECT failed_since FROM fleet_now"), 1);
}

TEST(Views, ALimitedScanTellsOfItsPartAlone) {
  ScannedFile lab;
  const ScanId whole = lab.scan(kStart, kWhole, {1, 2, 3, 4});
  lab.scan(kStart + hours(1), kClusterA, {1, 2, 5});
  const ScanId other = lab.scan(kStart + hours(2), kClusterB, {3});
  const ScanId again = lab.scan(kStart + hours(3), kClusterA, {1});
  expect_views_agree(lab.path());
  EXPECT_EQ(lab.scan_of(1), again);
  EXPECT_EQ(lab.scan_of(2), whole)
      << "as the last whole scan has it: which part it is of nobody knows";
  EXPECT_EQ(lab.scan_of(3), other);
  EXPECT_EQ(lab.scan_of(5), 0) << "the same part was scanned again";
}

TEST(Views, ReadingsOlderThanAWeekDoNotCount) {
  ScannedFile lab;
  constexpr milliseconds kWeek = hours(7 * 24);
  lab.scan(kStart - milliseconds(1), kWhole, {1, 2});
  lab.scan(kStart, kClusterA, {2, 3});
  lab.scan(kStart + kWeek, kCutShort, {4});
  expect_views_agree(lab.path());
  EXPECT_EQ(lab.scan_of(1), 0);
  EXPECT_NE(lab.scan_of(3), 0);
}

TEST(Views, AreWhatTheReadersSayOfAnyHistory) {
  constexpr std::array kKinds = {kWhole,    kSomeFailed, kCutShort,  kCutShort,
                                 kClusterA, kClusterB,   kCutShortA, kFailed};
  // A name that has stood for two vCenters, and another.
  constexpr std::array<std::pair<const char*, const char*>, 3> kVcenters = {
      {{"lab", "old"}, {"lab", "new"}, {"branch", "branch"}}};
  constexpr std::array kGaps = {hours(1), hours(20), hours(75), hours(-2)};  // a clock set back
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 random(seed);
    const auto pick = [&](const auto& from) { return from[random() % from.size()]; };
    ScannedFile lab;
    UtcTime time = kStart;
    for (int i = 0; i < 9; ++i) {
      time += pick(kGaps);
      std::vector<int> vms;
      for (int number = 1; number <= 14; ++number) {
        if (random() % 3 != 0) vms.push_back(number);
      }
      const auto& [name, uuid] = pick(kVcenters);
      lab.scan(time, pick(kKinds), vms, name, uuid);
      expect_views_agree(lab.path());
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Views, TheHistoryHasEveryUsableScan) {
  ScannedFile lab;
  const std::vector<int> all{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
  lab.scan(kStart, kWhole, all);
  lab.scan(kStart + hours(1), kCutShort, {1, 2});
  lab.scan(kStart + hours(2), kClusterA, all);
  lab.scan(kStart + hours(3), kFailed, all);
  const ScanId running = begin(lab.store(), "lab", make_about("uuid"), kStart + hours(4));
  must(lab.store().write_results(running, {guest(1, 0)}));
  const auto queries = must(Queries::open(lab.path()));
  Rows expected;
  for (const ScanRow& row : must(queries->latest_scans())) {
    if (row.status == ScanStatus::kFailed) continue;
    must(queries->for_each_vm(row.id, [&](const model::JudgedGuest& one) {
      expected.emplace(fmt::format("{} {}", row.id, one.vm_id), told(one, row));
    }));
  }
  ASSERT_EQ(expected.size(), 30U);
  EXPECT_EQ(
      ask_rows(lab.path(),
               fmt::format("SELECT scan_id || ' ' || vm_id, {} FROM guest_history", kGuestColumns)),
      expected);
}

// Else a plot of one VM would read the samples of all.
TEST(Views, GoFromScansAndPeriodsToVms) {
  ScannedFile lab;
  lab.scan(kStart, kWhole, {1});
  for (const char* query :
       {"guest_now", "guest_now WHERE name = 'web'", "guest_history WHERE vm_id = 1",
        "guest_history WHERE name = 'web'", "guest_history WHERE scan_started_ms > 1",
        "guest_history WHERE verdict = 'excess'", "guest_hourly WHERE vm_id = 1",
        "guest_hourly WHERE start_ms > 1", "guest_daily WHERE name = 'web'",
        "host_hourly WHERE host = 'esx'"}) {
    for (const auto& step :
         answers_of(lab.path(), fmt::format("EXPLAIN QUERY PLAN SELECT * FROM {}", query))) {
      EXPECT_THAT(value_of(step, "detail"),
                  ::testing::Not(::testing::MatchesRegex(
                      "SCAN (sample|guest_sample|vm_hour|vm_day|host_hour)")))
          << query;
    }
  }
}

}  // namespace
}  // namespace ballast::storage
