// Counters and resource pools of the lab: what comes is the truth, whatever the limits, and one
// object that is gone spoils nothing.
#include <chrono>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/client/client_bench.h"

namespace ballast::vsphere::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr int kVms = 150;

json counter_scenario() {
  return {{"clock", "2024-03-01T00:00:00Z"},
          {"clusters", 2},
          {"balloon_target", true},
          {"host_memory_state", {{"esx-02.lab.example", 3}}},
          {"pools",
           {{{"name", "gold"},
             {"parent", "cluster-02"},
             {"limit_mib", 8192},
             {"reservation_mib", 1024}},
            {{"name", "shop"}, {"parent", "gold"}, {"vapp", true}}}},
          {"guests",
           {{{"name", "moving"},
             {"schedule",
              {{{"at_s", 0}, {"capture", "a_idle_2048/0"}},
               {{"at_s", 7200}, {"capture", "a_idle_2048/256"}},
               {{"at_s", 7290}, {"capture", "a_idle_2048/512"}}}}},
            {{"name", "still-%03d"}, {"count", kVms - 2}, {"balloon_mib", 100}, {"pool", "shop"}},
            {{"name", "off"}, {"power", "off"}}}}};
}

std::vector<std::string> morefs(int count = kVms) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("vm-" + std::to_string(1001 + i));
  return out;
}

std::vector<std::int64_t> mib_of(const model::BalloonCounters& counters) {
  std::vector<std::int64_t> out;
  for (const auto& sample : counters.balloon) out.push_back(sample.kib / 1024);
  return out;
}

// All but the first and the last VM have 100 MiB throughout.
void expect_truth(const std::vector<model::BalloonCounters>& all) {
  ASSERT_THAT(all, SizeIs(kVms));
  for (int i = 0; i < kVms; ++i) {
    EXPECT_EQ(all[i].vm, "vm-" + std::to_string(1001 + i)) << "the order is lost";
    if (i == 0) continue;
    EXPECT_THAT(all[i].balloon, SizeIs(i == kVms - 1 ? 0 : 6)) << all[i].vm;
    for (const auto& sample : all[i].balloon) EXPECT_EQ(sample.kib, 100 * 1024) << all[i].vm;
  }
}

TEST(ClientPerformance, BalloonSamplesAreTheSchedules) {
  ClientBench bench(counter_scenario());
  auto& client = bench.connect();
  bench.lab().post("/clock", {{"now", "2024-03-01T02:00:45Z"}});
  const auto all = unwrap(bench.sync(client.balloon_counters({"vm-1001"}, 120s)));
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_THAT(mib_of(all[0]), ElementsAre(0, 0, 0, 256, 256, 256));
  EXPECT_EQ(all[0].target_kib, 512 * 1024) << "the newest sample's";
  EXPECT_EQ(all[0].balloon.back().at, unwrap(parse_iso8601("2024-03-01T02:00:40Z")));
}

TEST(ClientPerformance, EveryVmIsAskedForInTheLimitOfTheServer) {
  for (const auto& [limit, calls] : std::map<int, int>{{256, 2}, {64, 5}, {2, 150}, {1000, 2}}) {
    auto limited = counter_scenario();
    limited["max_query_metrics"] = limit;
    ClientBench bench(limited);
    expect_truth(unwrap(bench.sync(bench.connect().balloon_counters(morefs(), 120s))));
    EXPECT_EQ(bench.calls("QueryPerf"), calls) << "limit " << limit;
  }
}

TEST(ClientPerformance, WithoutALimitStillInBoundedBatches) {
  auto unlimited = counter_scenario();
  unlimited["max_query_metrics"] = -1;
  ClientBench bench(unlimited);
  expect_truth(unwrap(bench.sync(bench.connect().balloon_counters(morefs(), 120s))));
  EXPECT_EQ(bench.calls("QueryPerf"), 2);
}

TEST(ClientPerformance, LimitThatCannotBeReadIsFoundOutOnce) {
  auto limited = counter_scenario();
  limited["max_query_metrics"] = 64;
  limited["faults"] =
      json::array({{{"method", "QueryOptions"}, {"kind", "fault"}, {"fault", "NoPermission"}}});
  ClientBench bench(limited);
  auto& client = bench.connect();
  expect_truth(unwrap(bench.sync(client.balloon_counters(morefs(), 120s))));
  EXPECT_EQ(bench.calls("QueryPerf"), 2 + 5) << "256 and 128 refused, then 32 VMs at a time";
  expect_truth(unwrap(bench.sync(client.balloon_counters(morefs(), 120s))));
  EXPECT_EQ(bench.calls("QueryPerf"), 2 + 5 + 5) << "the limit is forgotten";
}

TEST(ClientPerformance, ServerThatRefusesEvenOneVm) {
  auto limited = counter_scenario();
  limited["max_query_metrics"] = 1;
  ClientBench bench(limited);
  const auto all = bench.sync(bench.connect().balloon_counters(morefs(3), 120s));
  ASSERT_FALSE(all);
  EXPECT_THAT(all.error().message, HasSubstr("lab: reading the balloon counters"));
  EXPECT_THAT(all.error().hint, HasSubstr("config.vpxd.stats.maxQueryMetrics"));
}

TEST(ClientPerformance, VmsThatAreGoneAreLeftWithoutSamples) {
  ClientBench bench(counter_scenario());
  auto& client = bench.connect();
  auto asked = morefs();
  asked[7] = "vm-9007";
  asked[80] = "vm-9080";
  const auto all = unwrap(bench.sync(client.balloon_counters(asked, 120s)));
  ASSERT_THAT(all, SizeIs(kVms));
  for (int i = 1; i < kVms - 1; ++i) {
    EXPECT_EQ(all[i].vm, asked[i]);
    EXPECT_THAT(all[i].balloon, SizeIs(i == 7 || i == 80 ? 0 : 6)) << asked[i];
  }
  EXPECT_LE(bench.calls("QueryPerf"), 2 + 2 * 2 * 7) << "more than halving takes";
}

TEST(ClientPerformance, AllGoneIsNoError) {
  ClientBench bench(counter_scenario());
  const auto all = unwrap(bench.sync(bench.connect().balloon_counters({"vm-1", "vm-2"}, 120s)));
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(all[1].balloon, IsEmpty());
  EXPECT_EQ(all[1].target_kib, std::nullopt);
}

TEST(ClientPerformance, ArgumentThatIsNeverAcceptedIsAnErrorInTheEnd) {
  auto refusing = counter_scenario();
  refusing["faults"] =
      json::array({{{"method", "QueryPerf"}, {"kind", "fault"}, {"fault", "InvalidArgument"}}});
  ClientBench bench(refusing);
  const auto all = bench.sync(bench.connect().balloon_counters(morefs(40), 120s));
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().fault, "InvalidArgument");
  EXPECT_LE(bench.calls("QueryPerf"), 80);
}

TEST(ClientPerformance, OtherFailuresEndTheQuery) {
  const json failures = {{{"kind", "fault"}, {"fault", "NoPermission"}},
                         {{"kind", "status"}, {"status", 503}},
                         {{"kind", "garbage"}},
                         {{"kind", "truncate"}}};
  for (json failure : failures) {
    auto failing = counter_scenario();
    failure["method"] = "QueryPerf";
    failing["faults"] = json::array({failure});
    ClientBench bench(failing);
    const auto all = bench.sync(bench.connect().balloon_counters(morefs(), 120s));
    ASSERT_FALSE(all) << failure;
    EXPECT_THAT(all.error().message, HasSubstr("lab: reading the balloon counters: "));
    EXPECT_EQ(bench.calls("QueryPerf"), 1) << failure;
  }
}

TEST(ClientPerformance, CountersAreReadOnceASessionThatIsRenewedIncluded) {
  ClientBench bench(counter_scenario());
  auto& client = bench.connect();
  unwrap(bench.sync(client.balloon_counters(morefs(3), 120s)));
  const json drop = {{"method", "CurrentTime"}, {"count", 1}, {"kind", "drop_session"}};
  bench.lab().post("/faults", json::array({drop}));
  const auto all = unwrap(bench.sync(client.balloon_counters(morefs(3), 120s)));
  EXPECT_THAT(all[1].balloon, SizeIs(6));
  unwrap(bench.sync(client.host_memory_states({})));
  EXPECT_EQ(bench.calls("Login"), 2);
  EXPECT_EQ(bench.calls("RetrievePropertiesEx"), 2) << "the guest operations' managers; counters";
  EXPECT_EQ(bench.calls("QueryOptions"), 1);
}

TEST(ClientPerformance, NothingAskedIsNothingSent) {
  ClientBench bench(counter_scenario());
  EXPECT_THAT(unwrap(bench.sync(bench.connect().balloon_counters({}, 120s))), IsEmpty());
  EXPECT_EQ(bench.calls("QueryPerf"), 0);
}

TEST(ClientPerformance, WithoutATargetTheBalloonComesAlone) {
  auto untold = counter_scenario();
  untold["balloon_target"] = false;
  ClientBench bench(untold);
  const auto all = unwrap(bench.sync(bench.connect().balloon_counters({"vm-1002"}, 60s)));
  EXPECT_THAT(mib_of(all.at(0)), ElementsAre(100, 100, 100));
  EXPECT_EQ(all[0].target_kib, std::nullopt);
}

TEST(ClientPerformance, MemoryStatesOfHosts) {
  ClientBench bench(counter_scenario());
  auto& client = bench.connect();
  std::map<std::string, std::int64_t> expected;
  std::vector<std::string> asked = {"host-none"};
  for (const auto& host : unwrap(bench.sync(client.hosts()))) {
    asked.push_back(host.moref);
    expected[host.moref] = host.name == "esx-02.lab.example" ? 3 : 0;
  }
  EXPECT_EQ(unwrap(bench.sync(client.host_memory_states(asked))), expected);
}

TEST(ClientPools, HaveTheirPlacesLimitsAndUsage) {
  ClientBench bench(counter_scenario());
  for (const int page_size : {0, 1}) {
    auto options = bench.options();
    options.page_size = page_size;
    auto& client = bench.connect(std::move(options));
    std::map<std::string, model::ResourcePool> pools;
    for (auto& pool : unwrap(bench.sync(client.resource_pools()))) pools[pool.name] = pool;
    ASSERT_THAT(pools, ElementsAre(Pair("cluster-01", testing::_), Pair("cluster-02", testing::_),
                                   Pair("gold", testing::_), Pair("shop", testing::_)))
        << "page size " << page_size;
    EXPECT_EQ(pools["cluster-01"].parent, "");
    EXPECT_EQ(pools["cluster-02"].parent, "");
    EXPECT_EQ(pools["gold"].parent, pools["cluster-02"].moref);
    EXPECT_EQ(pools["shop"].parent, pools["gold"].moref) << "a vApp is a pool";
    EXPECT_EQ(pools["gold"].allocation.limit_kib, 8192 * 1024);
    EXPECT_EQ(pools["gold"].allocation.reservation_kib, 1024 * 1024);
    EXPECT_EQ(pools["shop"].allocation.limit_kib, model::kUnlimited);
    std::int64_t consumed_kib = 0;
    for (const auto& vm : unwrap(bench.all_vms(client))) {
      const bool is_inside = vm.name.starts_with("still");
      EXPECT_EQ(vm.pool_moref == pools["shop"].moref, is_inside) << vm.name;
      if (is_inside) consumed_kib += vm.stats.consumed_kib.value_or(0);
    }
    EXPECT_EQ(pools["gold"].usage_kib, consumed_kib) << "bytes taken for another unit?";
    EXPECT_GT(consumed_kib, 0);
    EXPECT_EQ(bench.stats()["open_views"], 0);
  }
}

}  // namespace
}  // namespace ballast::vsphere::test
