// What is written comes back: every field, empty apart from zero, any bytes in names.
#include <limits>

#include "model/account/suspects.h"
#include "storage/sqlite/words.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

// The one row of a scan with that one result.
model::JudgedGuest round_trip(const model::JudgedGuest& result) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  const ScanId scan = write_scan(*store, {result});
  auto queries = must(Queries::open(dir.path()));
  auto rows = rows_of(*queries, scan);
  EXPECT_EQ(rows.size(), 1U);
  return rows.at(0);
}

void expect_same_stats(const model::QuickStats& a, const model::QuickStats& b) {
  EXPECT_EQ(a.balloon_kib, b.balloon_kib);
  EXPECT_EQ(a.consumed_kib, b.consumed_kib);
  EXPECT_EQ(a.active_kib, b.active_kib);
  EXPECT_EQ(a.granted_kib, b.granted_kib);
  EXPECT_EQ(a.swapped_kib, b.swapped_kib);
  EXPECT_EQ(a.compressed_kib, b.compressed_kib);
  EXPECT_EQ(a.shared_kib, b.shared_kib);
  EXPECT_EQ(a.private_kib, b.private_kib);
  EXPECT_EQ(a.overhead_kib, b.overhead_kib);
  EXPECT_EQ(a.uptime_s, b.uptime_s);
}

void expect_same_vm(const model::VmView& a, const model::VmView& b) {
  EXPECT_EQ(a.moref, b.moref);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.instance_uuid, b.instance_uuid);
  EXPECT_EQ(a.bios_uuid, b.bios_uuid);
  EXPECT_EQ(a.host_moref, b.host_moref);
  EXPECT_EQ(a.pool_moref, b.pool_moref);
  EXPECT_EQ(a.power, b.power);
  EXPECT_EQ(a.connection, b.connection);
  EXPECT_EQ(a.tools, b.tools);
  EXPECT_EQ(a.guest_operations_ready, b.guest_operations_ready);
  EXPECT_EQ(a.guest_family, b.guest_family);
  EXPECT_EQ(a.guest_id, b.guest_id);
  EXPECT_EQ(a.configured_kib, b.configured_kib);
  EXPECT_EQ(a.allocation.reservation_kib, b.allocation.reservation_kib);
  EXPECT_EQ(a.allocation.limit_kib, b.allocation.limit_kib);
  EXPECT_EQ(a.polled_at, b.polled_at);
  expect_same_stats(a.stats, b.stats);
}

void expect_same_pressure(const model::ReclaimPressure& a, const model::ReclaimPressure& b) {
  EXPECT_EQ(a.alloc_stalls, b.alloc_stalls);
  EXPECT_EQ(a.direct_scanned_kib, b.direct_scanned_kib);
  EXPECT_EQ(a.direct_reclaimed_kib, b.direct_reclaimed_kib);
  EXPECT_EQ(a.swapped_in_kib, b.swapped_in_kib);
  EXPECT_EQ(a.swapped_out_kib, b.swapped_out_kib);
  EXPECT_EQ(a.refaulted_kib, b.refaulted_kib);
  EXPECT_EQ(a.oom_kills, b.oom_kills);
  ASSERT_EQ(a.psi.has_value(), b.psi.has_value());
  if (!a.psi) return;
  EXPECT_EQ(a.psi->some_total_us, b.psi->some_total_us);
  EXPECT_EQ(a.psi->full_total_us, b.psi->full_total_us);
  EXPECT_EQ(a.psi->some_avg10_centi, b.psi->some_avg10_centi);
  EXPECT_EQ(a.psi->full_avg10_centi, b.psi->full_avg10_centi);
}

// Consumers and sizes: the details are not kept.
void expect_same_suspects(const std::vector<model::ConsumerTrace>& row,
                          const std::vector<model::ConsumerTrace>& suspects) {
  ASSERT_EQ(row.size(), suspects.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    EXPECT_EQ(row[i].consumer, suspects[i].consumer);
    EXPECT_EQ(row[i].kib, suspects[i].kib);
    EXPECT_EQ(row[i].detail, "");
  }
}

void expect_same_guest(const model::GuestSample& row, const model::GuestSample& guest) {
  const model::MemoryAccount& account = guest.account;
  EXPECT_EQ(row.read_at, guest.read_at);
  EXPECT_EQ(row.kernel_release, guest.kernel_release);
  EXPECT_EQ(row.boot_id, guest.boot_id);
  EXPECT_EQ(row.account.era, account.era);
  EXPECT_EQ(row.account.mem_total_kib, account.mem_total_kib);
  EXPECT_EQ(row.account.unaccounted_kib, account.unaccounted_kib);
  EXPECT_EQ(row.account.counter_error_kib, account.counter_error_kib);
  EXPECT_EQ(row.account.driver_kib, account.driver_kib);
  EXPECT_EQ(row.account.vmstat_kib, account.vmstat_kib);
  EXPECT_EQ(row.account.lower_bound_kib, account.lower_bound_kib);
  EXPECT_EQ(row.account.missing, account.missing);
  EXPECT_EQ(row.cpus, guest.cpus);
  EXPECT_EQ(row.account.unread_fixed_kib, account.unread_fixed_kib);
  expect_same_pressure(row.pressure, guest.pressure);
  ASSERT_EQ(row.account.parts.size(), account.parts.size());
  for (std::size_t i = 0; i < row.account.parts.size(); ++i) {
    EXPECT_EQ(row.account.parts[i].name, account.parts[i].name);
    EXPECT_EQ(row.account.parts[i].kib, account.parts[i].kib) << row.account.parts[i].name;
  }
}

void expect_same_judgement(const model::Judgement& a, const model::Judgement& b) {
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.proof, b.proof);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.baseline.kib, b.baseline.kib);
  EXPECT_EQ(a.baseline.spread_kib, b.baseline.spread_kib);
  EXPECT_EQ(a.baseline.samples, b.baseline.samples);
  EXPECT_EQ(a.tolerance_kib, b.tolerance_kib);
  EXPECT_EQ(a.reference_kib, b.reference_kib);
  EXPECT_EQ(a.difference_kib, b.difference_kib);
  EXPECT_EQ(a.bracket, b.bracket);
  EXPECT_EQ(a.lockstep, b.lockstep);
  EXPECT_EQ(a.leak, b.leak);
  ASSERT_EQ(a.tolerance.size(), b.tolerance.size());
  for (std::size_t i = 0; i < a.tolerance.size(); ++i) {
    EXPECT_EQ(a.tolerance[i].name, b.tolerance[i].name);
    EXPECT_EQ(a.tolerance[i].kib, b.tolerance[i].kib);
  }
}

void expect_round_trip(const model::JudgedGuest& result) {
  const model::JudgedGuest row = round_trip(result);
  expect_same_vm(row.vm, result.vm);
  ASSERT_EQ(row.guest.has_value(), result.guest.has_value());
  if (row.guest) expect_same_guest(*row.guest, *result.guest);
  expect_same_judgement(row.judgement, result.judgement);
  EXPECT_EQ(row.detail, result.detail);
  const bool excess = result.judgement.verdict == model::Verdict::kExcess;
  if (row.guest) {
    expect_same_suspects(row.guest->suspects,
                         excess ? result.guest->suspects : std::vector<model::ConsumerTrace>{});
  }
}

TEST(RoundTrip, EveryFieldComesBack) {
  expect_round_trip(make_result(1));
  const model::JudgedGuest row = round_trip(make_result(1));
  EXPECT_EQ(row.vcenter, "lab");
  EXPECT_EQ(row.host, "esx01.example.org");
  EXPECT_EQ(row.cluster, "cluster-b");
  EXPECT_EQ(row.datacenter, "dc1");
}

TEST(RoundTrip, WhatWasNotToldStaysUntold) {
  model::JudgedGuest result = make_unread(1, model::UnknownReason::kVmUnavailable, "it is gone");
  model::VmView bare;
  bare.moref = "vm-1";
  bare.name = "x";
  bare.polled_at = kStart;
  result.vm = bare;
  expect_round_trip(result);
}

TEST(RoundTrip, ZeroIsNotUntold) {
  model::JudgedGuest result = make_result(1);
  result.vm.guest_operations_ready = false;
  result.vm.configured_kib = 0;
  result.vm.allocation = {0, model::kUnlimited};
  result.vm.stats = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  model::MemoryAccount& account = result.guest->account;
  account.driver_kib = 0;
  account.vmstat_kib = 0;
  account.lower_bound_kib = 0;
  account.missing.clear();
  for (auto& part : account.parts) part.kib = 0;
  result.judgement.tolerance.clear();
  result.judgement.tolerance_kib = 0;
  result.judgement.reference_kib = 0;
  result.judgement.difference_kib = 0;
  result.judgement.baseline = {};
  expect_round_trip(result);
  account.driver_kib.reset();
  account.vmstat_kib.reset();
  account.lower_bound_kib.reset();
  expect_round_trip(result);
}

TEST(RoundTrip, AbsurdFiguresComeBackAsTheyCame) {
  model::JudgedGuest result = make_result(1);
  result.vm.stats = {kMax, kMin, -1, kMax, 1, kMax - 1, -4, -1024, kMin, kMax, kMin};
  result.vm.polled_at = UtcTime(std::chrono::milliseconds(kMax));
  result.guest->read_at = UtcTime(std::chrono::milliseconds(kMin));
  result.guest->account.unaccounted_kib = kMin;
  result.guest->account.mem_total_kib = kMax;
  result.guest->account.parts[0].kib = kMin;
  result.judgement.reference_kib = kMin;
  result.judgement.difference_kib = kMax;
  result.judgement.tolerance = {{"counters", kMax}, {"baseline", kMin}};
  result.judgement.tolerance_kib = -1;  // their sum, as every judgement has it
  result.judgement.baseline = {kMin, kMax, std::numeric_limits<int>::max()};
  expect_round_trip(result);
}

TEST(RoundTrip, PressureOfEveryKernel) {
  const model::Vmstat vmstats[] = {
      {},
      {{"allocstall", 0}},
      {{"allocstall", 0},
       {"pgscan_direct", 0},
       {"pgsteal_direct", 0},
       {"pswpin", 0},
       {"pswpout", 0},
       {"workingset_refault", 0},
       {"oom_kill", 0}},
      {{"oom_kill", 7}},
      {{"allocstall_dma", 5}, {"pswpout", 1}},
      {{"pswpin", std::int64_t{1} << 53}, {"pswpout", -4}},
  };
  const std::optional<model::MemoryPressure> pressures[] = {
      std::nullopt, model::MemoryPressure{}, model::MemoryPressure{kMax, 1, 10'000, 0}};
  for (const auto& vmstat : vmstats) {
    for (const auto& pressure : pressures) {
      model::JudgedGuest result = make_result(1);
      result.guest->pressure = pressure_from(vmstat, pressure);
      expect_round_trip(result);
    }
  }
}

TEST(RoundTrip, SuspectsOfAnExcess) {
  model::JudgedGuest result = make_result(1);
  result.judgement.verdict = model::Verdict::kExcess;
  result.judgement.proof = model::Proof::kNone;
  expect_round_trip(result);
  result.guest->suspects.clear();
  expect_round_trip(result);
  for (std::int64_t number = 1; number <= 11; ++number) {
    const auto consumer = model::consumer_from_number(number);
    ASSERT_TRUE(consumer);
    result.guest->suspects.push_back({*consumer, number == 5 ? kMax : 0, "detail"});
  }
  result.guest->suspects.back().kib.reset();
  expect_round_trip(result);
  result.guest->pressure = {};
  expect_round_trip(result);
}

TEST(RoundTrip, AnEmptyAccountComesBack) {
  model::JudgedGuest result = make_result(1);
  result.guest->account.parts.clear();
  expect_round_trip(result);
}

TEST(RoundTrip, TheVerdictMayBeAboutTheDriversFigure) {
  model::JudgedGuest result = make_result(1);
  result.vm.stats.balloon_kib.reset();
  expect_round_trip(result);
  result.vm.stats.balloon_kib = 0;
  expect_round_trip(result);
  result.guest->account.driver_kib.reset();
  expect_round_trip(result);
}

TEST(RoundTrip, NegativeUnaccountedKeepsItsSign) {
  model::JudgedGuest result = make_result(1);
  result.guest->account.unaccounted_kib = -3584;
  expect_round_trip(result);
}

TEST(RoundTrip, NamesMayHoldAnyBytes) {
  const std::string rows[] = {
      "quote ' double \" semicolon ; -- comment",
      "line\nbreak\r\n\ttab",
      std::string("nul\0inside", 10),
      std::string("\0", 1),
      "invalid \xff\xfe\xc0 utf-8",
      "\x1b[31mred\x1b[0m",
      "日本語 наименование",
      std::string(100'000, 'x'),
      "'); DROP TABLE sample; --",
  };
  for (const std::string& name : rows) {
    model::JudgedGuest result = make_result(1);
    result.vm.name = name;
    result.vm.moref = name;
    result.vm.instance_uuid = name;
    result.vm.bios_uuid = name;
    result.vm.guest_family = name;
    result.vm.guest_id = name;
    result.vm.host_moref = name;
    result.detail = name;
    result.guest->kernel_release = name;
    result.guest->boot_id = name;
    expect_round_trip(result);
  }
}

TEST(RoundTrip, EveryStateAndOutcomeHasAWord) {
  using namespace model;
  for (int i = 0; i <= static_cast<int>(ConnectionState::kInvalid); ++i) {
    model::JudgedGuest result = make_result(1);
    result.vm.connection = static_cast<ConnectionState>(i);
    result.vm.power = static_cast<PowerState>(i % 4);
    result.vm.tools = static_cast<ToolsState>(i % 4);
    result.judgement.verdict = static_cast<Verdict>(i % 5);
    result.judgement.proof = static_cast<Proof>(i % 4);
    expect_round_trip(result);
  }
  for (int i = 0; i <= static_cast<int>(UnknownReason::kCancelled); ++i) {
    expect_round_trip(make_unread(1, static_cast<UnknownReason>(i), "why"));
  }
}

// A guest whose balloon was watched: every field of what history and counters say.
model::JudgedGuest watched() {
  auto result = make_result(1);
  auto& judgement = result.judgement;
  judgement.proof = model::Proof::kLockstep;
  judgement.bracket = model::BalloonBracket{523'264, 526'336, 600'000};
  judgement.lockstep =
      model::Lockstep{1.0012, 0.9871, 1.0149, 9, 41, 917'504, kStart - std::chrono::hours(300)};
  judgement.leak = model::Leak{4'096, 3'900, 4'301, kStart - std::chrono::hours(299)};
  return result;
}

TEST(RoundTrip, WhatHistoryAndCountersSay) {
  expect_round_trip(watched());
  auto some = watched();
  some.judgement.leak.reset();
  some.judgement.bracket->target_kib.reset();
  expect_round_trip(some);
  some.judgement.lockstep.reset();
  some.judgement.bracket = model::BalloonBracket{0, 0, 0};
  expect_round_trip(some);
  auto excess = watched();
  excess.judgement.verdict = model::Verdict::kExcess;
  excess.judgement.proof = model::Proof::kNone;
  excess.judgement.bracket.reset();
  excess.judgement.leak = model::Leak{-1, -5, 7, {}};
  expect_round_trip(excess);
}

TEST(RoundTrip, AVmWithoutAResourcePool) {
  auto result = make_result(1);
  result.vm.pool_moref.clear();
  expect_round_trip(result);
}

}  // namespace
}  // namespace ballast::storage
