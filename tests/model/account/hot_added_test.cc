#include "model/account/hot_added.h"

#include <gtest/gtest.h>

namespace ballast::model {
namespace {

// 32 GiB present, of which descriptors, kernel and 256 MiB for a crash kernel are not managed.
GuestReading guest() {
  constexpr std::int64_t kPresent = 8'388'608;
  constexpr std::int64_t kUnmanaged = kPresent / 64 + 65'536 + 8'000;
  GuestReading reading;
  reading.meminfo = {{"MemTotal", (kPresent - kUnmanaged) * 4}};
  reading.zones = ZoneTotals{};
  reading.zones->present_pages = kPresent;
  reading.zones->managed_pages = kPresent - kUnmanaged;
  reading.crash_kernel_kib = 262'144;
  return reading;
}

TEST(HotAddedMemmap, IsNoneWhereTheDescriptorsAreOutsideMemTotal) {
  EXPECT_EQ(most_hot_added_memmap(guest()), 0);
}

// Of 16 GiB that were added the descriptors are inside: 256 MiB, less the kernel, whose size is not
// known.
TEST(HotAddedMemmap, FollowsFromTheZones) {
  auto reading = guest();
  reading.zones->managed_pages += 4'194'304 / 64;
  reading.meminfo["MemTotal"] = reading.zones->managed_pages * 4;
  EXPECT_EQ(most_hot_added_memmap(reading), 262'144 - 32'000);
}

TEST(HotAddedMemmap, IsWhatAQuarterTakesWhereItIsUnknown) {
  const auto total = guest().meminfo.at("MemTotal");
  auto reading = guest();
  reading.crash_kernel_kib.reset();
  EXPECT_EQ(most_hot_added_memmap(reading), total / 256) << "a crash kernel would look the same";
  reading = guest();
  reading.zones->managed_pages = 0;
  EXPECT_EQ(most_hot_added_memmap(reading), total / 256) << "2.6 has none";
  reading = guest();
  reading.zones.reset();
  EXPECT_EQ(most_hot_added_memmap(reading), total / 256);
  reading.vmstat["nr_memmap_pages"] = 0;
  EXPECT_EQ(most_hot_added_memmap(reading), 0) << "6.11 and later count them";
}

}  // namespace
}  // namespace ballast::model
