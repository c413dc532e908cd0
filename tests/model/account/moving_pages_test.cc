#include "model/account/moving_pages.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ballast::model {
namespace {

// A guest of 1,024,000 KiB, 256,000 pages, whose meminfo has 400,000 KiB free and 100,000 of each
// list; zoneinfo saw 2,000 KiB fewer free and 1,000 more of files.
GuestReading moving_guest() {
  GuestReading reading;
  reading.meminfo = {{"MemTotal", 1'024'000}, {"MemFree", 400'000},      {"Active", 200'000},
                     {"Inactive", 0},         {"Active(anon)", 100'000}, {"Inactive(anon)", 0},
                     {"Unevictable", 100'000}};
  reading.vmstat = {{"nr_isolated_anon", 10}};
  ZoneTotals zones;
  zones.managed_pages = 256'000;
  zones.lists = ZoneLists{99'500, 25'000, 25'250, true, 25'000, 20, 1'000, -100};
  reading.zones = zones;
  return reading;
}

MovingPages pages_of(const GuestReading& reading, const char* release = "5.14.0-570.el9") {
  return moving_pages(reading, parse_kernel_release(release));
}

TEST(MovingPages, AreOfOnePassOverZoneinfo) {
  const auto pages = pages_of(moving_guest());
  EXPECT_EQ(pages.free_kib, 398'000);
  EXPECT_EQ(pages.anon_kib, 100'000);
  EXPECT_EQ(pages.file_kib, 101'000);
  EXPECT_EQ(pages.unevictable_kib, 100'000);
  EXPECT_EQ(pages.isolated_kib, 80);
  EXPECT_EQ(pages.moved_kib, (2'000 - 1'000 - 40) + 400)
      << "between the files, and between nodes and zones in one";
}

TEST(MovingPages, AreTheMeanOfBothFilesFrom613On) {
  EXPECT_EQ(pages_of(moving_guest(), "6.12.0-55.el10_0").free_kib, 398'000);
  const auto pages = pages_of(moving_guest(), "6.19.0");
  EXPECT_EQ(pages.free_kib, 399'000);
  EXPECT_EQ(pages.file_kib, 100'500);
  EXPECT_EQ(pages.isolated_kib, 60);
}

struct Row {
  const char* what;
  void (*change)(GuestReading&);
  std::int64_t moved_kib;
};

// Where zoneinfo is not one with meminfo, a figure of it would be worse than none.
TEST(MovingPages, AreOfMeminfoWhereZoneinfoIsNoUse) {
  const Row rows[] = {
      {"no zoneinfo", [](GuestReading& r) { r.zones.reset(); }, 0},
      {"a list is missing", [](GuestReading& r) { r.zones->lists.reset(); }, 0},
      {"a zone is missing", [](GuestReading& r) { r.zones->managed_pages -= 1'000; }, 0},
      {"2.6, a zone is missing",
       [](GuestReading& r) {
         r.zones->managed_pages = 0;
         r.zones->present_pages = 255'999;
       },
       0},
      {"lists of another kernel", [](GuestReading& r) { r.zones->lists->is_split = false; }, 0},
      {"read seconds later", [](GuestReading& r) { r.zones->lists->free -= 10'000; }, 4'000},
  };
  for (const auto& row : rows) {
    auto reading = moving_guest();
    row.change(reading);
    const auto pages = pages_of(reading);
    EXPECT_EQ(pages.free_kib, 400'000) << row.what;
    EXPECT_EQ(pages.isolated_kib, 40) << row.what;
    EXPECT_EQ(pages.moved_kib, row.moved_kib) << row.what;
  }
}

// 2.6.18 has one pair of lists for all pages, and more pages present than MemTotal.
TEST(MovingPages, OfRhel5) {
  auto reading = moving_guest();
  reading.meminfo.erase("Active(anon)");
  reading.meminfo.erase("Inactive(anon)");
  reading.meminfo.erase("Unevictable");
  reading.vmstat.clear();
  reading.zones->managed_pages = 0;
  reading.zones->present_pages = 258'000;
  reading.zones->lists = ZoneLists{99'900, 0, 50'050, false, 0, 0, 1'000, 0};
  const auto pages = pages_of(reading, "2.6.18-274.el5");
  EXPECT_EQ(pages.free_kib, 399'600);
  EXPECT_EQ(pages.file_kib, 200'200);
  EXPECT_EQ(pages.moved_kib, 200);
}

}  // namespace
}  // namespace ballast::model
