// Figures that are not one kernel's at one moment. Wrong here, a container is called clean.
#include "model/account/contradictions.h"

#include <string>

#include <gtest/gtest.h>

#include "base/units.h"
#include "model/verdict.h"
#include "tests/model/account/account_helpers.h"

namespace ballast::model {
namespace {

using test::account_of;
using test::kKernel514Meminfo;
using test::kRhel6Meminfo;
using test::reading_of;

std::string contradiction_of(const GuestReading& reading) {
  return account_of(reading).contradiction;
}

bool says(const std::string& sentence, std::string_view words) {
  return sentence.find(words) != std::string::npos;
}

GuestReading sound() { return reading_of(kKernel514Meminfo, "5.14.0-70.el9.x86_64"); }

TEST(Contradictions, NoneInASoundReading) {
  auto reading = sound();
  reading.zones->managed_pages = reading.meminfo["MemTotal"] / kPageKib;
  reading.vmstat["nr_free_pages"] = reading.meminfo["MemFree"] / kPageKib + 5'000;
  EXPECT_EQ(contradiction_of(reading), "");
}

TEST(Contradictions, NoGuestHasMoreThanItsVm) {
  auto reading = sound();
  reading.zones->cpus = 4;
  const auto total = reading.meminfo["MemTotal"];
  const auto with = [&](std::optional<std::int64_t> kib, std::optional<std::int64_t> cpus) {
    VmView vm;
    vm.configured_kib = kib;
    vm.cpus = cpus;
    return find_contradiction(reading, vm);
  };
  EXPECT_EQ(with(total, 4), "");
  EXPECT_EQ(with({}, {}), "") << "what vCenter does not tell denies nothing";
  EXPECT_TRUE(says(with(total - 1, 4), "the guest says that it has "));
  EXPECT_TRUE(says(with(total, 3), "it has 4 CPUs, and its VM was configured with 3"));
}

TEST(Contradictions, NobodyIsJudgedByThem) {
  auto reading = sound();
  reading.meminfo["SUnreclaim"] += kib_from_mib(300);
  const auto account = account_of(reading);
  EXPECT_TRUE(says(account.contradiction, "Slab")) << account.contradiction;
  for (const std::int64_t balloon : {0, 512}) {
    const auto judgement = judge(account, {}, kib_from_mib(balloon));
    EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
    EXPECT_EQ(judgement.reason, UnknownReason::kInconsistent);
  }
}

// LXCFS makes up MemTotal and the lists, and leaves the rest as the machine's kernel says it.
TEST(Contradictions, AContainer) {
  auto reading = sound();
  reading.meminfo["Slab"] = reading.meminfo["SReclaimable"] = reading.meminfo["SUnreclaim"] = 0;
  reading.meminfo["KReclaimable"] = 470'068;
  EXPECT_TRUE(says(contradiction_of(reading), "container"));
  auto by_zones = sound();
  by_zones.zones->managed_pages = 16'393'164 / kPageKib;
  EXPECT_TRUE(says(contradiction_of(by_zones), "container")) << "a machine of 16 GiB around it";
}

TEST(Contradictions, PagesThatAreNotOf4Kib) {
  auto reading = sound();
  const auto total = reading.meminfo["MemTotal"];
  reading.zones->managed_pages = total / 64;
  EXPECT_TRUE(says(contradiction_of(reading), "64 KiB"));
  reading.zones->managed_pages = total / 16;
  EXPECT_TRUE(says(contradiction_of(reading), "16 KiB"));
}

TEST(Contradictions, FilesOfAnotherMoment) {
  auto reading = sound();
  reading.vmstat["nr_free_pages"] = reading.meminfo["MemTotal"] / kPageKib;
  EXPECT_TRUE(says(contradiction_of(reading), "MemFree"));
}

TEST(Contradictions, ABalloonLargerThanTheGuest) {
  auto reading = sound();
  reading.balloon.current_kib = reading.meminfo["MemTotal"] + 4;
  EXPECT_TRUE(says(contradiction_of(reading), "different machines"));
}

// 2.6.38 with pages of 1 GiB made at boot: they are in HugePages_Total and not in MemTotal.
TEST(Contradictions, GiganticPagesOutsideMemTotal) {
  for (const std::int64_t pages : {1, 32}) {
    auto reading = reading_of(kRhel6Meminfo, "2.6.38");
    reading.meminfo["HugePages_Total"] = pages;
    reading.meminfo["Hugepagesize"] = kKibPerGib;
    EXPECT_TRUE(says(contradiction_of(reading), "1 GiB")) << pages;
  }
}

TEST(Contradictions, PartsThatAreMoreThanMemTotal) {
  auto reading = sound();
  reading.meminfo["Active(file)"] += kib_from_mib(600);
  reading.meminfo["Active"] += kib_from_mib(600);
  const auto account = account_of(reading);
  ASSERT_LT(account.unaccounted_kib, 0);
  EXPECT_TRUE(says(account.contradiction, "more than MemTotal")) << account.contradiction;
}

}  // namespace
}  // namespace ballast::model
