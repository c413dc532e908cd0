// Whatever a guest prints: the parts and what is left are MemTotal, to the KiB.
#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "model/account/account.h"
#include "model/verdict.h"
#include "tests/model/synthetic.h"

namespace ballast::model {
namespace {

struct Era {
  std::string_view meminfo;
  const char* release;
};

const std::array<Era, 7> kEras = {{{test::kRhel5Meminfo, "2.6.18-398.el5"},
                                   {test::kRhel6Meminfo, "2.6.32-642.el6.x86_64"},
                                   {test::kRhel7Meminfo, "3.10.0-1062.el7.x86_64"},
                                   {test::kRhel8Meminfo, "4.18.0-348.el8.x86_64"},
                                   {test::kKernel514Meminfo, "5.14.0-70.el9.x86_64"},
                                   {test::kKernel514Meminfo, "6.19.0"},
                                   {test::kKernel514Meminfo, ""}}};
constexpr std::array<const char*, 10> kExtraFields = {
    "Zswap",      "SecPageTables", "Balloon", "GPUActive", "GPUReclaim",
    "Unaccepted", "CmaFree",       "Hugetlb", "Percpu",    "KReclaimable"};
constexpr std::array<const char*, 7> kCounters = {
    "nr_isolated_anon", "nr_isolated_file", "nr_zspages",      "nr_memmap_pages",
    "balloon_inflate",  "balloon_deflate",  "nr_balloon_pages"};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  GuestReading next() {
    const auto& era = kEras[pick(kEras.size())];
    auto reading = test::reading_of(era.meminfo, era.release);
    for (auto& [name, value] : reading.meminfo) {
      if (name != "MemTotal" && !one_in(4)) value = some();
    }
    for (const auto* name : kExtraFields) {
      if (one_in(3)) reading.meminfo[name] = some();
    }
    if (one_in(8)) drop_field(reading.meminfo);
    for (const auto* name : kCounters) {
      if (one_in(2)) reading.vmstat[name] = some() / 4;
    }
    add_files(reading);
    return reading;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  bool one_in(unsigned count) { return random_() % count == 0; }

  // Mostly what a field of a 2 GiB guest holds, now and then a little below 0, or absurd.
  std::int64_t some() {
    if (one_in(40)) return -static_cast<std::int64_t>(random_() % 5000);
    if (one_in(400)) return std::int64_t{1} << (33 + random_() % 21);
    return static_cast<std::int64_t>(random_() % 300000);
  }

  void drop_field(Meminfo& meminfo) {
    auto at = meminfo.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(pick(meminfo.size())));
    meminfo.erase(at);
  }

  void add_files(GuestReading& reading) {
    if (one_in(4)) reading.zones.reset();
    if (reading.zones) reading.zones->pcp_pages = std::abs(some()) / 4;
    if (one_in(2)) reading.vmalloc_kib = std::abs(some());
    if (one_in(2)) reading.threads = static_cast<std::int64_t>(random_() % 4000);
    if (one_in(2)) reading.possible_cpus = static_cast<int>(random_() % 300);
    if (one_in(2)) reading.zram_kib = std::abs(some());
    if (one_in(3)) reading.hugepage_pools = {{2048, std::abs(some()) / 2048}, {1048576, 0}};
    if (one_in(3)) reading.zswap_pool = one_in(2) ? "zsmalloc" : "zbud";
    if (one_in(3)) reading.balloon.current_kib = std::abs(some());
  }

  std::mt19937 random_;
};

TEST(AccountProperty, PartsAndRestAreMemTotalExactly) {
  Generator generator(20240607);
  constexpr int kReadings = 20000;
  int accounts = 0;
  std::set<KernelEra> eras;
  for (int i = 0; i < kReadings; ++i) {
    const auto reading = generator.next();
    const auto account = account_memory(reading);
    if (!account) continue;  // absurd, and said so
    ++accounts;
    eras.insert(account->era);
    std::int64_t sum = account->unaccounted_kib;
    std::set<std::string_view> names;
    for (const auto& part : account->parts) {
      sum += part.kib;
      ASSERT_TRUE(names.insert(part.name).second) << part.name << " occurs twice, reading " << i;
    }
    ASSERT_EQ(sum, reading.meminfo.at("MemTotal")) << "reading " << i;
    ASSERT_GE(account->counter_error_kib, 0);
  }
  EXPECT_EQ(eras.size(), 5U) << "not every era was generated";
  EXPECT_GT(accounts, kReadings / 2) << "too many readings were refused to prove anything";
}

TEST(AccountProperty, AVerdictIsAlwaysConsistent) {
  Generator generator(42);
  for (int i = 0; i < 5000; ++i) {
    const auto reading = generator.next();
    const auto account = account_memory(reading);
    if (!account) continue;
    const std::int64_t balloon = i % 3 == 0 ? 0 : (i % 1500) * 1024;
    const auto judgement = judge(*account, prior_baseline(reading, *account), balloon);
    std::int64_t tolerance = 0;
    for (const auto& term : judgement.tolerance) tolerance += term.kib;
    ASSERT_EQ(tolerance, judgement.tolerance_kib) << "the terms are the tolerance";
    ASSERT_EQ(judgement.difference_kib,
              account->unaccounted_kib - judgement.baseline.kib - judgement.reference_kib);
    ASSERT_EQ(judgement.verdict == Verdict::kUnknown, judgement.reason != UnknownReason::kNone);
    ASSERT_EQ(judgement.verdict == Verdict::kBalloon, judgement.proof != Proof::kNone);
    if (judgement.verdict == Verdict::kBalloon) {
      ASSERT_LE(std::abs(judgement.difference_kib), tolerance) << "reading " << i;
    }
  }
}

}  // namespace
}  // namespace ballast::model
