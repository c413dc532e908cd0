#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "collector/choice/guest_choice.h"

namespace ballast::collector {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kInterval = 24h;
const UtcTime kNow = parse_iso8601("2026-11-25T12:00:00Z").value();

model::VmView vm_without_balloon(int number = 1) {
  model::VmView vm;
  vm.instance_uuid = "5012-uuid-" + std::to_string(number);
  vm.moref = "vm-" + std::to_string(number);
  vm.stats.balloon_kib = 0;
  vm.stats.uptime_s = 30 * 86400;
  return vm;
}

model::GuestRecord read_at(UtcTime time, std::size_t reads = 10) {
  return {"5012-uuid-1", "vm-1", reads, time, std::nullopt};
}

TEST(AdaptivePolicy, BalloonedGuestsAreReadAtEveryScan) {
  const auto record = read_at(kNow - 1min);
  auto vm = vm_without_balloon();
  EXPECT_FALSE(is_due(vm, &record, kInterval, kNow));
  vm.stats.balloon_kib = 1024;
  EXPECT_TRUE(is_due(vm, &record, kInterval, kNow));
  vm.stats.balloon_kib.reset();
  EXPECT_TRUE(is_due(vm, &record, kInterval, kNow)) << "nobody knows whether it has a balloon";
}

TEST(AdaptivePolicy, BaselineIsLearnedFirst) {
  const auto vm = vm_without_balloon();
  EXPECT_TRUE(is_due(vm, nullptr, kInterval, kNow));
  const auto twice = read_at(kNow - 1min, 2);
  EXPECT_TRUE(is_due(vm, &twice, kInterval, kNow));
  const auto three_times = read_at(kNow - 1min, 3);
  EXPECT_FALSE(is_due(vm, &three_times, kInterval, kNow));
}

TEST(AdaptivePolicy, GuestThatWasStartedAnewIsReadSoon) {
  auto vm = vm_without_balloon();
  const auto record = read_at(kNow - 10min);
  vm.stats.uptime_s = 599;
  EXPECT_TRUE(is_due(vm, &record, kInterval, kNow)) << "what was learned is of another boot";
  vm.stats.uptime_s = 601;
  EXPECT_FALSE(is_due(vm, &record, kInterval, kNow));
  vm.stats.uptime_s.reset();
  EXPECT_FALSE(is_due(vm, &record, kInterval, kNow));
}

TEST(AdaptivePolicy, ReadingInTheFutureIsNotBelieved) {
  const auto record = read_at(kNow + 72h);
  EXPECT_TRUE(is_due(vm_without_balloon(), &record, kInterval, kNow))
      << "a clock that was ahead must not keep a guest from being read";
}

TEST(AdaptivePolicy, EveryGuestIsReadOncePerIntervalAndNotAllAtOnce) {
  constexpr int kGuests = 2400;
  constexpr int kScans = 24;
  std::map<int, UtcTime> last_read;
  for (int i = 0; i < kGuests; ++i) last_read[i] = kNow;
  std::map<int, int> reads;
  std::vector<int> per_scan(kScans);
  for (int scan = 0; scan < kScans; ++scan) {
    const UtcTime now = kNow + (scan + 1) * 1h;
    for (int i = 0; i < kGuests; ++i) {
      const auto record = read_at(last_read[i]);
      if (!is_due(vm_without_balloon(i), &record, kInterval, now)) continue;
      last_read[i] = now;
      ++reads[i];
      ++per_scan[static_cast<std::size_t>(scan)];
    }
  }
  EXPECT_EQ(reads.size(), kGuests) << "some guests were not read for a whole interval";
  EXPECT_TRUE(std::all_of(reads.begin(), reads.end(), [](auto& r) { return r.second == 1; }));
  const auto [least, most] = std::minmax_element(per_scan.begin(), per_scan.end());
  EXPECT_GT(*least, 50) << "the mean is 100";
  EXPECT_LT(*most, 200) << "the mean is 100";
}

}  // namespace
}  // namespace ballast::collector
