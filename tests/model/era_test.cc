#include <gtest/gtest.h>

#include "model/account/account.h"

namespace ballast::model {
namespace {

TEST(ChooseEra, ByFieldsThenByRelease) {
  const Meminfo el5 = {{"Active", 1}, {"VmallocUsed", 264000}};
  const Meminfo el6 = {{"Active(anon)", 1}, {"VmallocUsed", 264000}};
  const Meminfo el7 = {{"Active(anon)", 1}, {"MemAvailable", 1}, {"VmallocUsed", 264000}};
  const Meminfo before_4_19 = {{"Active(anon)", 1}, {"MemAvailable", 1}, {"VmallocUsed", 0}};
  const Meminfo el8 = {{"Active(anon)", 1}, {"KReclaimable", 1}, {"VmallocUsed", 0}};
  const Meminfo modern = {{"Active(anon)", 1}, {"KReclaimable", 1}, {"VmallocUsed", 5000}};
  const Meminfo bare = {{"Active", 1}};  // as crash prints: nothing that tells
  const Meminfo bare_lists = {{"Active(anon)", 1}};
  const struct {
    const char* what;
    const Meminfo& meminfo;
    const char* release;
    KernelEra expected;
  } rows[] = {
      {"RHEL 5", el5, "2.6.18-274.el5", KernelEra::kEl5},
      {"no release at all", el5, "", KernelEra::kEl5},
      {"RHEL 6", el6, "2.6.32-642.el6.x86_64", KernelEra::kEl6},
      {"RHEL 6 told to print MemAvailable", el7, "2.6.32-754.el6.x86_64", KernelEra::kEl6},
      {"SLES 11", el6, "3.0.101-63-default", KernelEra::kEl6},
      {"RHEL 7", el7, "3.10.0-1062.el7.x86_64", KernelEra::kEl7},
      {"3.13, without MemAvailable", el6, "3.13.0-170-generic", KernelEra::kEl7},
      {"UEK on Oracle Linux 7 is no RHEL 7 kernel", before_4_19, "4.14.35-1902.el7uek.x86_64",
       KernelEra::kEl8},
      {"UEK 4", el7, "4.1.12-124.el7uek.x86_64", KernelEra::kEl7},
      {"Debian 9", before_4_19, "4.9.0-19-amd64", KernelEra::kEl8},
      {"SLES 12 SP5", before_4_19, "4.12.14-122-default", KernelEra::kEl8},
      {"RHEL 8", el8, "4.18.0-348.el8.x86_64", KernelEra::kEl8},
      {"a vendor that backported the real VmallocUsed", modern, "4.18.0-999.el8.x86_64",
       KernelEra::kModern},
      {"a release that lies", el8, "6.1.0", KernelEra::kEl8},
      {"RHEL 9", modern, "5.14.0-70.el9.x86_64", KernelEra::kModern},
      {"no release, new fields", modern, "", KernelEra::kModern},
      {"silent fields, RHEL 7", bare, "3.10.0-1062.el7.x86_64", KernelEra::kEl7},
      {"silent fields, RHEL 10", bare, "6.12.0-55.el10.x86_64", KernelEra::kModern},
      {"silent fields, UEK 7", bare, "5.15.0-1.el8uek.x86_64", KernelEra::kModern},
      {"silent fields, Ubuntu 18.04", bare, "4.15.0-213-generic", KernelEra::kEl8},
      {"silent fields, unknown", bare, "", KernelEra::kEl5},
      {"split lists, unknown", bare_lists, "", KernelEra::kEl6},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(choose_era(row.meminfo, parse_kernel_release(row.release)), row.expected)
        << row.what << ": "
        << to_string(choose_era(row.meminfo, parse_kernel_release(row.release)));
  }
}

TEST(ChooseEra, Words) {
  EXPECT_EQ(to_string(KernelEra::kEl5), "el5");
  EXPECT_EQ(to_string(KernelEra::kEl8), "el8");
  EXPECT_EQ(to_string(KernelEra::kModern), "modern");
}

}  // namespace
}  // namespace ballast::model
