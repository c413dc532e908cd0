// What a guest without a balloon may miss: before anything is known of it, and once it was read.
#include "model/history/baseline.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ballast::model {
namespace {

Baseline prior_of(KernelEra era, std::int64_t ram_mib, int cpus) {
  GuestReading reading;
  reading.zones = ZoneTotals{};
  reading.zones->cpus = cpus;
  MemoryAccount account;
  account.era = era;
  account.mem_total_kib = kib_from_mib(ram_mib);
  return prior_baseline(reading, account);
}

TEST(Prior, AdmitsBareGuestsAndRealOnes) {
  const struct {
    const char* what;
    KernelEra era;
    std::int64_t ram_mib;
    int cpus;
    std::int64_t least_mib;
    std::int64_t most_mib;
  } rows[] = {
      // Measured without a balloon.
      {"2.6.18 i686, 2 GiB", KernelEra::kEl5, 2028, 2, 1, 3},
      {"2.6.18, 2 GiB", KernelEra::kEl5, 2004, 2, 5, 6},
      {"2.6.18, 16 GiB", KernelEra::kEl5, 16000, 2, 9, 10},
      {"2.6.32, 2 to 4 GiB", KernelEra::kEl6, 2000, 1, 8, 17},
      {"3.10, 2 GiB", KernelEra::kEl7, 2005, 2, 23, 24},
      {"4.18, 2 GiB", KernelEra::kEl8, 2006, 2, 13, 15},
      {"6.1, 1 to 4 GiB", KernelEra::kModern, 1000, 2, 3, 6},
      {"6.19, 2 GiB", KernelEra::kModern, 2001, 2, 1, 2},
      // One vmxnet3 with a queue a CPU at 4 MiB.
      {"8 CPUs and 16 GiB", KernelEra::kModern, 16000, 8, 0, 32 + 16},
      {"4 CPUs and 8 GiB, RHEL 8", KernelEra::kEl8, 8000, 4, 14, 14 + 16 + 8},
      {"32 CPUs and 256 GiB", KernelEra::kModern, 256000, 32, 0, 32 + 250},
  };
  for (const auto& row : rows) {
    const auto prior = prior_of(row.era, row.ram_mib, row.cpus);
    EXPECT_LE(prior.kib - prior.spread_kib, kib_from_mib(row.least_mib)) << row.what;
    EXPECT_GE(prior.kib + prior.spread_kib, kib_from_mib(row.most_mib)) << row.what;
    EXPECT_EQ(prior.samples, 0) << row.what;
  }
}

// Descriptors of hot-added memory are no part of it: the account knows how many there may be.
TEST(Prior, IsOfUseInALargeGuest) {
  const auto prior = prior_of(KernelEra::kModern, 32000, 2);
  EXPECT_LT(prior.spread_kib, kib_from_mib(36));
}

TEST(Prior, TellsABalloonOf64MibFromNoneInASmallGuest) {
  for (const auto era :
       {KernelEra::kEl5, KernelEra::kEl6, KernelEra::kEl7, KernelEra::kEl8, KernelEra::kModern}) {
    for (const std::int64_t ram : {1000, 2000}) {
      const auto prior = prior_of(era, ram, 2);
      EXPECT_LT(2 * (prior.spread_kib + kib_from_mib(2)), kib_from_mib(64))
          << to_string(era) << ", " << ram << " MiB: with the counters and the rounding, a guest "
          << "with the balloon and one without may look the same";
    }
  }
}

TEST(Prior, GrowsMildlyWithRamAndCpus) {
  const auto small = prior_of(KernelEra::kModern, 2000, 2);
  const auto large = prior_of(KernelEra::kModern, 64000, 16);
  EXPECT_GT(large.spread_kib, small.spread_kib);
  EXPECT_LT(large.spread_kib, kib_from_mib(64000) / 256) << "far below a percent of RAM";
  EXPECT_EQ(prior_of(KernelEra::kModern, 2000, 8).kib, prior_of(KernelEra::kModern, 2000, 64).kib)
      << "an adapter has at most 8 queues";
}

TEST(Learned, IsTheMedianWithItsLargestDistance) {
  const auto several = learn_baseline(
      {kib_from_mib(12), kib_from_mib(10), kib_from_mib(15), kib_from_mib(11), kib_from_mib(10)});
  EXPECT_EQ(several.kib, kib_from_mib(11));
  EXPECT_EQ(several.spread_kib, kib_from_mib(4));
  EXPECT_EQ(several.samples, 5);
  const auto one = learn_baseline({kib_from_mib(7)});
  EXPECT_EQ(one.kib, kib_from_mib(7));
  EXPECT_EQ(one.spread_kib, kib_from_mib(1)) << "one sample does not make a guest stand still";
}

}  // namespace
}  // namespace ballast::model
