// Which causes the host side's figures support, and how much each fix would give back.
#include "model/cause.h"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.h"

namespace ballast::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::int64_t gib(double size) { return static_cast<std::int64_t>(size * kKibPerGib); }

// 8 GiB configured, no limit, no reservation; 1 GiB was taken of it.
VmView ballooned() {
  VmView vm;
  vm.configured_kib = gib(8);
  vm.allocation = {0, kUnlimited};
  vm.stats.balloon_kib = gib(1);
  vm.stats.swapped_kib = 0;
  vm.stats.compressed_kib = 0;
  vm.stats.consumed_kib = gib(5);
  vm.stats.overhead_kib = 0;
  vm.stats.active_kib = 0;
  return vm;
}

ResourcePool pool(const std::string& name, std::int64_t limit, std::optional<std::int64_t> usage) {
  return {"resgroup-" + name, name, "resgroup-root", {0, limit}, usage};
}

// 128 GiB, of which 64 are in use, by VMs that come to 100.
HostLoad roomy_host() {
  HostLoad load;
  load.host.name = "esx-03";
  load.host.memory_kib = gib(128);
  load.host.memory_usage_kib = gib(64);
  load.host.memory_state = 0;
  load.configured_kib = gib(100);
  load.balloon_kib = gib(1);
  return load;
}

std::vector<CauseKind> kinds(const VmView& vm, const VmSurroundings& around) {
  std::vector<CauseKind> all;
  for (const auto& cause : find_causes(vm, around)) all.push_back(cause.kind);
  return all;
}

// A limited scan knows only some of a host's VMs.
TEST(Cause, SumsOfSomeVmsSayNothingOfTheHost) {
  auto host = roomy_host();
  host.host.memory_usage_kib = gib(120);  // nearly full, and much was taken from others
  host.is_partial = true;
  const auto causes = find_causes(ballooned(), {{}, host});
  for (const auto& cause : causes) EXPECT_EQ(cause.demand_kib, 0) << "the sum is not the host's";
}

TEST(Cause, NothingKnownGivesNone) {
  EXPECT_THAT(find_causes(VmView{}, {}), IsEmpty());
  EXPECT_THAT(find_causes(ballooned(), {}), IsEmpty());
  EXPECT_THAT(find_causes(ballooned(), {{pool("web", kUnlimited, gib(900))}, roomy_host()}),
              IsEmpty())
      << "no limit, a host with room: nothing explains it";
}

TEST(Cause, LimitBelowConfiguredMemory) {
  struct Case {
    const char* name;
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> configured;
    bool expected;
  };
  const Case cases[] = {{"below", gib(6), gib(8), true},
                        {"zero", 0, gib(8), true},
                        {"equal", gib(8), gib(8), false},
                        {"above", gib(9), gib(8), false},
                        {"unlimited", kUnlimited, gib(8), false},
                        {"limit not told", std::nullopt, gib(8), false},
                        {"configured not told", gib(6), std::nullopt, false}};
  for (const auto& c : cases) {
    auto vm = ballooned();
    vm.allocation.limit_kib = c.limit;
    vm.configured_kib = c.configured;
    EXPECT_EQ(!find_causes(vm, {}).empty(), c.expected) << c.name;
  }
}

TEST(Cause, LiftingALimitGivesBackWhatWasTakenOrWhatTheLimitCuts) {
  auto vm = ballooned();
  vm.allocation.limit_kib = gib(6);
  vm.stats.swapped_kib = gib(0.25);
  vm.stats.compressed_kib = gib(0.25);
  auto causes = find_causes(vm, {});
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].limit_kib, gib(6));
  EXPECT_EQ(causes[0].demand_kib, gib(8));
  EXPECT_EQ(causes[0].frees_kib, gib(1.5)) << "balloon, swapped and compressed";
  vm.allocation.limit_kib = gib(7.75);
  EXPECT_EQ(find_causes(vm, {})[0].frees_kib, gib(0.25)) << "the rest was taken for another reason";
  vm.stats.balloon_kib = std::nullopt;
  EXPECT_EQ(find_causes(vm, {})[0].frees_kib, std::nullopt) << "nobody told what was taken";
}

TEST(Cause, PoolNearItsLimit) {
  struct Case {
    const char* name;
    std::int64_t limit;
    std::optional<std::int64_t> usage;
    bool expected;
  };
  const Case cases[] = {
      {"at the limit", gib(64), gib(64), true},
      {"above", gib(64), gib(65), true},
      {"95 %", gib(100), gib(95), true},
      {"below 95 %", gib(100), gib(94.9), false},
      {"no room for what was taken", gib(8), gib(7.25), true},
      {"room for what was taken", gib(8), gib(7), false},
      {"unlimited", kUnlimited, gib(64), false},
      {"usage not told", gib(64), std::nullopt, false},
      {"limit 0", 0, 0, true},
  };
  for (const auto& c : cases) {
    const VmSurroundings around{{pool("web", c.limit, c.usage)}, std::nullopt};
    EXPECT_EQ(!find_causes(ballooned(), around).empty(), c.expected) << c.name;
  }
}

TEST(Cause, EveryPoolUpTheTreeCounts) {
  VmSurroundings around;
  around.pools = {pool("web", kUnlimited, gib(4)), pool("tier-1", gib(16), gib(15.9)),
                  pool("prod", gib(64), gib(64))};
  const auto causes = find_causes(ballooned(), around);
  ASSERT_THAT(causes.size(), 2u);
  EXPECT_EQ(causes[0].object, "tier-1") << "the nearest first";
  EXPECT_EQ(causes[0].limit_kib, gib(16));
  EXPECT_EQ(causes[0].demand_kib, gib(15.9));
  EXPECT_EQ(causes[0].frees_kib, gib(1));
  EXPECT_EQ(causes[1].object, "prod");
}

TEST(Cause, TheRootPoolIsNoSetting) {
  auto root = pool("cluster", gib(64), gib(64));
  root.parent = "";
  EXPECT_THAT(find_causes(ballooned(), {{root}, std::nullopt}), IsEmpty());
}

TEST(Cause, HostShortOfMemory) {
  struct Case {
    const char* name;
    std::optional<std::int64_t> memory;
    std::optional<std::int64_t> usage;
    std::optional<std::int64_t> state;
    std::int64_t configured;
    bool expected;
  };
  const Case cases[] = {
      {"enough", gib(128), gib(64), 0, gib(100), false},
      {"its state says so", gib(128), gib(64), 1, gib(100), true},
      {"state alone", std::nullopt, std::nullopt, 2, 0, true},
      {"94 % in use with what was taken", gib(100), gib(93), 0, gib(90), true},
      {"less", gib(100), gib(92.9), 0, gib(90), false},
      {"overcommitted, room now: it is left over", gib(128), gib(64), 0, gib(200), true},
      {"overcommitted, nothing else told", gib(128), std::nullopt, std::nullopt, gib(200), true},
      {"memory not told", std::nullopt, gib(64), 0, gib(200), false},
      {"no memory", 0, 0, 0, 0, false},
  };
  for (const auto& c : cases) {
    auto host = roomy_host();
    host.host.memory_kib = c.memory;
    host.host.memory_usage_kib = c.usage;
    host.host.memory_state = c.state;
    host.configured_kib = c.configured;
    const auto causes = find_causes(ballooned(), {{}, host});
    ASSERT_EQ(!causes.empty(), c.expected) << c.name;
    if (!c.expected) continue;
    EXPECT_EQ(causes[0].kind, CauseKind::kHostMemory) << c.name;
    EXPECT_EQ(causes[0].object, "esx-03");
    EXPECT_EQ(causes[0].limit_kib, c.memory.value_or(0)) << c.name;
    EXPECT_EQ(causes[0].demand_kib, c.configured) << c.name;
    EXPECT_EQ(causes[0].frees_kib, gib(1)) << c.name;
  }
}

TEST(Cause, WhatPressesComesFirst) {
  auto vm = ballooned();
  vm.allocation.limit_kib = gib(6);
  auto short_host = roomy_host();
  short_host.host.memory_state = 3;
  EXPECT_THAT(kinds(vm, {{}, short_host}),
              ElementsAre(CauseKind::kVmLimit, CauseKind::kHostMemory));
  vm.stats.consumed_kib = gib(2);
  EXPECT_THAT(kinds(vm, {{}, short_host}), ElementsAre(CauseKind::kHostMemory, CauseKind::kVmLimit))
      << "with 3 of its 6 GiB the guest is not near the limit";
  short_host.host.memory_state = 0;
  short_host.configured_kib = gib(200);
  EXPECT_THAT(kinds(vm, {{}, short_host}), ElementsAre(CauseKind::kVmLimit, CauseKind::kHostMemory))
      << "nothing presses: both may have";
  vm.stats.consumed_kib = gib(5);
  EXPECT_THAT(kinds(vm, {{}, short_host}), ElementsAre(CauseKind::kVmLimit))
      << "an overcommitted host with room is no cause beside one that presses";
}

TEST(Cause, NoReservationBesideAPoolOrAHostOnly) {
  auto vm = ballooned();
  vm.stats.active_kib = gib(5.5);
  EXPECT_THAT(find_causes(vm, {}), IsEmpty());
  vm.allocation.limit_kib = gib(6);
  EXPECT_THAT(kinds(vm, {}), ElementsAre(CauseKind::kVmLimit))
      << "a reservation gives nothing beyond a limit";
  vm.allocation.limit_kib = kUnlimited;
  const VmSurroundings full{{pool("web", gib(16), gib(16))}, std::nullopt};
  const auto causes = find_causes(vm, full);
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(causes[1].kind, CauseKind::kNoReservation);
  EXPECT_EQ(causes[1].limit_kib, gib(5.5));
  EXPECT_EQ(causes[1].frees_kib, gib(0.5)) << "5 of the 5.5 GiB are backed already";
  vm.allocation.reservation_kib = gib(5.5);
  EXPECT_EQ(find_causes(vm, full).size(), 1u) << "what is active is reserved";
  vm.allocation.reservation_kib = std::nullopt;
  EXPECT_EQ(find_causes(vm, full).size(), 1u) << "not told";
}

// Whatever the figures are: no negative sizes, and no more is freed than was taken.
void expect_sound(std::int64_t a, std::int64_t b, std::int64_t c) {
  VmView vm;
  vm.configured_kib = a;
  vm.allocation = {b, c};
  vm.stats.balloon_kib = vm.stats.swapped_kib = vm.stats.compressed_kib = b;
  vm.stats.consumed_kib = c;
  vm.stats.overhead_kib = vm.stats.active_kib = a;
  HostLoad load;
  load.host.memory_kib = b;
  load.host.memory_usage_kib = a;
  load.host.memory_state = c;
  load.configured_kib = a;
  load.balloon_kib = c;
  load.swapped_kib = b;
  for (const auto& cause : find_causes(vm, {{pool("x", a, c)}, load})) {
    EXPECT_GE(cause.limit_kib, 0);
    EXPECT_GE(cause.demand_kib, 0);
    EXPECT_EQ(cause.frees_kib.has_value(), b >= 0 && b <= std::int64_t{1} << 53) << b;
    EXPECT_LE(cause.frees_kib.value_or(0) / 3, std::max<std::int64_t>(b, 0));
  }
}

// The sanitizers would find an overflow.
TEST(Cause, HostileFiguresDoNotOverflow) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const std::int64_t figures[] = {kMin, -2, -1, 0, 1, std::int64_t{1} << 53, kMax};
  for (const auto a : figures) {
    for (const auto b : figures) {
      for (const auto c : figures) expect_sound(a, b, c);
    }
  }
}

TEST(Cause, Words) {
  EXPECT_EQ(to_string(CauseKind::kVmLimit), "vm_limit");
  EXPECT_EQ(to_string(CauseKind::kPoolLimit), "pool_limit");
  EXPECT_EQ(to_string(CauseKind::kHostMemory), "host_memory");
  EXPECT_EQ(to_string(CauseKind::kNoReservation), "no_reservation");
}

}  // namespace
}  // namespace ballast::model
