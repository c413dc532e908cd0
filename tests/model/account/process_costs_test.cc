#include "model/account/process_costs.h"

#include <gtest/gtest.h>

#include "model/account/account.h"

namespace ballast::model {
namespace {

// A guest with 1,000 processes whose counted page tables are `counted_kib` each.
GuestReading guest(std::int64_t counted_kib) {
  GuestReading reading;
  reading.meminfo = {{"PageTables", counted_kib * 1'000}};
  reading.processes = 1'000;
  reading.threads = 3'000;
  return reading;
}

ProcessCosts costs_of(const GuestReading& reading, const char* release,
                      KernelEra era = KernelEra::kEl7) {
  return process_costs(reading, era, parse_kernel_release(release));
}

// Which levels PageTables leaves out decides what a process costs; how many ranges of addresses it
// has decides where in between.
TEST(ProcessCosts, UpperPageTablesByKernel) {
  const struct {
    const char* release;
    std::int64_t counted_kib;
    std::int64_t each_kib;
    std::int64_t error_kib;
  } rows[] = {
      {"2.6.18-274.el5", 12, 20, 16},
      {"2.6.32-754.el6", 20, 32, 12},
      {"3.10.0-1062.el7", 16, 26, 10},
      {"3.10.0-1062.el7", 5'000, 32, 12},
      {"4.18.0-348.el8", 1, 20, 16},
      {"4.18.0-553.el8_10", 20, 12, 8},
      {"5.14.0-570.el9_6", 36, 16, 4},
      {"6.12.0-55.el10_0", 40, 4, 4},
      {"5.4.0-150-generic", 20, 32, 12},
      {"5.15.0-91-generic", 36, 16, 4},
      {"6.1.0-56-amd64", 36, 16, 4},
      {"6.8.0-31-generic", 36, 4, 4},
      {"6.14.0", 36, 0, 0},
      {"6.19.0", 36, 0, 0},
  };
  for (const auto& row : rows) {
    const auto costs = costs_of(guest(row.counted_kib), row.release);
    EXPECT_EQ(costs.page_tables_kib, row.each_kib * 1'000) << row.release;
    EXPECT_EQ(costs.error_kib, row.error_kib * 1'000) << row.release;
    EXPECT_EQ(costs.unread_kib, 0) << row.release;
  }
}

TEST(ProcessCosts, OfTasksAloneAnythingMayBeMissing) {
  auto reading = guest(20);
  reading.processes.reset();
  const auto costs = costs_of(reading, "2.6.32-754.el6");
  EXPECT_EQ(costs.page_tables_kib, 0) << "the tasks may be threads of one process";
  EXPECT_EQ(costs.error_kib, 0);
  EXPECT_EQ(costs.unread_kib, 36 * 3'000);
}

TEST(ProcessCosts, FreedStructuresAreNoProcesses) {
  auto reading = guest(20);
  reading.processes.reset();
  reading.mm_structs = 564;
  EXPECT_EQ(costs_of(reading, "2.6.32-754.el6").page_tables_kib, 32 * 500);
  reading.threads = 100;
  EXPECT_EQ(costs_of(reading, "2.6.32-754.el6").page_tables_kib, 32 * 36)
      << "there are no more processes than tasks";
  reading.threads = 20;
  EXPECT_EQ(costs_of(reading, "2.6.32-754.el6").page_tables_kib, 0);
}

TEST(ProcessCosts, OfANewKernelWithoutANameTheLevelsAreUnknown) {
  const auto costs = costs_of(guest(20), "", KernelEra::kModern);
  EXPECT_EQ(costs.page_tables_kib, 0);
  EXPECT_EQ(costs.unread_kib, 36 * 1'000);
  EXPECT_EQ(costs_of(guest(20), "", KernelEra::kEl6).page_tables_kib, 32 * 1'000);
}

TEST(ProcessCosts, StacksOfRhel5) {
  auto reading = guest(12);
  EXPECT_EQ(costs_of(reading, "2.6.18-274.el5", KernelEra::kEl5).stacks_kib, 8 * 3'000);
  EXPECT_EQ(costs_of(reading, "2.6.32-754.el6", KernelEra::kEl6).stacks_kib, 0)
      << "KernelStack has them";
  for (const auto& [field, value] : Meminfo{{"HighTotal", 1'179'484}, {"VmallocTotal", 118'776}}) {
    auto narrow = reading;
    narrow.meminfo[field] = value;
    const auto costs = costs_of(narrow, "2.6.18-274.el5PAE", KernelEra::kEl5);
    EXPECT_EQ(costs.stacks_kib, 0) << field << ": i686 makes them by kmalloc, Slab has them";
    EXPECT_EQ(costs.page_tables_kib, 0) << field;
  }
  reading.meminfo["HighTotal"] = 0;
  reading.meminfo["VmallocTotal"] = 34'359'738'367;
  EXPECT_EQ(costs_of(reading, "2.6.18-274.el5", KernelEra::kEl5).stacks_kib, 8 * 3'000);
}

}  // namespace
}  // namespace ballast::model
