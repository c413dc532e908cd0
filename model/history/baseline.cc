#include "model/history/baseline.h"

#include <algorithm>

#include "base/units.h"
#include "model/account/account_gaps.h"

namespace ballast::model {

namespace {

// What guests without a balloon leave unaccounted. Bare guests were measured; `most_kib` adds room
// for what the drivers of a server take from the page allocator.
struct Range {
  std::int64_t least_kib = 0;
  std::int64_t most_kib = 0;
};

// What one queue of a vmxnet3 adapter takes with default rings. An adapter has a queue for each
// CPU, at most 8.
constexpr std::int64_t kQueueKib = kib_from_mib(4);
constexpr int kMostQueues = 8;
// Buffers of file systems and tables of the kernel grow with RAM. Bare guests of RHEL 5 leave 5.8
// MiB with 2 GiB and 9.5 with 16: 1/3900. What page descriptors of hot-added memory take is not in
// here: the account knows the most that they may be (model/account/hot_added.h).
constexpr std::int64_t kRamShare = 1024;
// How far even a guest at rest is from its own baseline: drivers come and go.
constexpr std::int64_t kLeastSpread = kKibPerMib;

Range bare_guest(KernelEra era) {
  switch (era) {
    case KernelEra::kEl5:
      return {kib_from_mib(1), kib_from_mib(40)};  // i686 1.9, x86_64 5.7 to 9.5
    case KernelEra::kEl6:
    case KernelEra::kEl7:
      return {kib_from_mib(6), kib_from_mib(40)};
    case KernelEra::kEl8:
      return {kib_from_mib(2), kib_from_mib(32)};
    case KernelEra::kModern:
      break;
  }
  return {0, kib_from_mib(24)};
}

}  // namespace

int cpus_of(const GuestReading& reading) { return online_cpus(reading); }

Baseline prior_baseline(const GuestReading& reading, const MemoryAccount& account) {
  return prior_baseline(account.era, account.mem_total_kib, cpus_of(reading));
}

Baseline prior_baseline(KernelEra era, std::int64_t mem_total_kib, int cpus) {
  auto range = bare_guest(era);
  range.most_kib += kQueueKib * std::clamp(cpus, 1, kMostQueues);
  range.most_kib += mem_total_kib / kRamShare;
  const auto spread = (range.most_kib - range.least_kib) / 2;
  return Baseline{range.least_kib + spread, spread, 0};
}

Baseline learn_baseline(std::vector<std::int64_t> unaccounted_kib) {
  std::sort(unaccounted_kib.begin(), unaccounted_kib.end());
  const auto median = unaccounted_kib[unaccounted_kib.size() / 2];
  const auto spread = std::max(unaccounted_kib.back() - median, median - unaccounted_kib.front());
  return Baseline{median, std::max(spread, kLeastSpread), static_cast<int>(unaccounted_kib.size())};
}

}  // namespace ballast::model
