// The parsers that need only a table each: pressure, vmallocinfo, lists of CPUs, kernel releases.
#include <gtest/gtest.h>

#include "model/parse/kernel_release.h"
#include "model/parse/proc_files.h"
#include "model/parse/small_files.h"

namespace ballast::model {
namespace {

TEST(ParsePressure, BothLines) {
  const auto pressure = parse_pressure(
      "some avg10=12.34 avg60=0.50 avg300=0.01 total=987654\n"
      "full avg10=100.00 avg60=0.00 avg300=0.00 total=4321\n");
  ASSERT_TRUE(pressure) << pressure.error().message;
  EXPECT_EQ(pressure->some_avg10_centi, 1234);
  EXPECT_EQ(pressure->full_avg10_centi, 10000);
  EXPECT_EQ(pressure->some_total_us, 987654);
  EXPECT_EQ(pressure->full_total_us, 4321);
}

TEST(ParsePressure, RefusesTheRest) {
  const char* full = "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
  for (const auto& text :
       {std::string(), std::string(full), std::string(full) + full,
        std::string(full) + "some avg10=1 total=1\n", std::string(full) + "some avg10=0.00\n",
        std::string(full) + "some avg10=0.00 total=x\n",
        std::string(full) + "some avg10=999.00 total=1\n",
        std::string(full) + "some avg10=100.01 total=1\n",
        std::string(full) + "some avg10 total=1\n",
        std::string(full) + "most avg10=0.00 total=1\n"}) {
    EXPECT_FALSE(parse_pressure(text)) << "accepted: " << text;
  }
}

TEST(ParseVmallocinfo, SumsOnlyVmalloc) {
  const auto kib = parse_vmallocinfo(
      "0xffffc90000000000-0xffffc90000002000    8192 hpet_enable+0x30/0x30d phys=fed00000 ioremap\n"
      "0xffffc90000002000-0xffffc90000203000 2101248 alloc_large_system_hash+0x1/0x2 pages=512 "
      "vmalloc N0=512\n"
      "0x(____ptrval____)-0x(____ptrval____)   20480 kernel_clone+0xa8/0x350 pages=4 vmalloc N0=4\n"
      "0x(____ptrval____)-0x(____ptrval____)   20480 irq_init_percpu_irqstack+0xa6/0xd0 pages=4 "
      "vmap\n"
      "0x(____ptrval____)-0x(____ptrval____)   20480 unpurged vm_area\n"
      "0x(____ptrval____)-0x(____ptrval____)    8192 bpf+0x1/0x2 pages=1 vmalloc");
  ASSERT_TRUE(kib) << kib.error().message;
  EXPECT_EQ(*kib, (512 + 4 + 1) * 4) << "vmap and ioremap hold no pages of their own";
  EXPECT_EQ(parse_vmallocinfo("").value(), 0);
}

TEST(ParseVmallocinfo, RefusesAbsurdPages) {
  for (const auto* text : {"a pages=x vmalloc\n", "a pages= vmalloc\n", "a pages=-1 vmalloc\n",
                           "a pages=9007199254740993 vmalloc\n",
                           "a pages=9007199254740992 vmalloc\nb pages=1 vmalloc\n"}) {
    EXPECT_FALSE(parse_vmallocinfo(text)) << "accepted: " << text;
  }
}

TEST(CountCpus, Lists) {
  const struct {
    const char* list;
    int expected;
  } rows[] = {{"0\n", 1}, {"0-127\n", 128}, {"0-3,8,10-11", 7}, {"1,3", 2}};
  for (const auto& row : rows) {
    const auto count = count_cpus(row.list);
    ASSERT_TRUE(count) << row.list;
    EXPECT_EQ(*count, row.expected) << row.list;
  }
  for (const auto* bad :
       {"", "-", "a", "0-", "-3", "3-1", "0-3,2", "0,", ",0", "0-99999999", "0--1", "0 1"}) {
    EXPECT_FALSE(count_cpus(bad)) << "accepted: " << bad;
  }
}

TEST(ParseKernelRelease, VendorsAndVersions) {
  const struct {
    const char* release;
    KernelVendor vendor;
    int rhel;
    int major;
    int minor;
  } rows[] = {
      {"2.6.18-274.7.1.el5", KernelVendor::kRhel, 5, 2, 6},
      {"2.6.32-642.6.2.el6.x86_64", KernelVendor::kRhel, 6, 2, 6},
      {"3.10.0-1062.el7.x86_64", KernelVendor::kRhel, 7, 3, 10},
      {"4.18.0-348.2.1.el8_5.x86_64", KernelVendor::kRhel, 8, 4, 18},
      {"5.14.0-70.13.1.el9_0.x86_64", KernelVendor::kRhel, 9, 5, 14},
      {"6.12.0-55.9.1.el10_0.x86_64", KernelVendor::kRhel, 10, 6, 12},
      {"5.4.17-2136.300.7.el8uek.x86_64", KernelVendor::kUek, 8, 5, 4},
      {"4.1.12-124.el7uek.x86_64", KernelVendor::kUek, 7, 4, 1},
      {"4.12.14-122.37-default", KernelVendor::kSles, 0, 4, 12},
      {"5.14.21-150500.55.19-default", KernelVendor::kSles, 0, 5, 14},
      {"5.15.0-91-generic", KernelVendor::kUbuntu, 0, 5, 15},
      {"4.15.0-213-lowlatency", KernelVendor::kUbuntu, 0, 4, 15},
      {"6.1.0-56-amd64", KernelVendor::kDebian, 0, 6, 1},
      {"4.19.0-26-cloud-amd64", KernelVendor::kDebian, 0, 4, 19},
      {"6.12.43+deb13-amd64", KernelVendor::kDebian, 0, 6, 12},
      {"4.14.355-275.570.amzn2.x86_64", KernelVendor::kAmazon, 0, 4, 14},
      {"6.1.94-99.176.amzn2023.x86_64", KernelVendor::kAmazon, 0, 6, 1},
      {"6.19.0\n", KernelVendor::kUnknown, 0, 6, 19},
      {"", KernelVendor::kUnknown, 0, 0, 0},
      {"garbage", KernelVendor::kUnknown, 0, 0, 0},
      {"6", KernelVendor::kUnknown, 0, 0, 0},
      {"6.", KernelVendor::kUnknown, 0, 0, 0},
      {"99999.1", KernelVendor::kUnknown, 0, 0, 0},
      {".el", KernelVendor::kUnknown, 0, 0, 0},
      {"5.x.el99999", KernelVendor::kUnknown, 0, 0, 0},
  };
  for (const auto& row : rows) {
    const auto release = parse_kernel_release(row.release);
    EXPECT_EQ(release.vendor, row.vendor) << row.release;
    EXPECT_EQ(release.rhel, row.rhel) << row.release;
    EXPECT_EQ(release.major, row.major) << row.release;
    EXPECT_EQ(release.minor, row.minor) << row.release;
  }
}

TEST(ParseKernelRelease, Build) {
  const struct {
    const char* release;
    int build;
  } rows[] = {{"4.18.0-348.2.1.el8_5.x86_64", 348},
              {"3.10.0-1062.el7.x86_64", 1062},
              {"5.15.0-91-generic", 91},
              {"5.14.21-150500.55.19-default", 0},
              {"6.19.0", 0},
              {"6.12.43+deb13-amd64", 0},
              {"4.18.0-", 0},
              {"-7", 7}};
  for (const auto& row : rows) {
    EXPECT_EQ(parse_kernel_release(row.release).build, row.build) << row.release;
  }
}

TEST(ParseKernelRelease, AtLeastComparesMinorOnlyWithinTheMajor) {
  const auto release = parse_kernel_release("4.18.0");
  EXPECT_TRUE(release.at_least(4, 18));
  EXPECT_TRUE(release.at_least(3, 99));
  EXPECT_FALSE(release.at_least(4, 19));
  EXPECT_FALSE(release.at_least(5, 3));
}

}  // namespace
}  // namespace ballast::model
