#include "model/account_gaps.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "base/units.h"

namespace ballast::model {

namespace {

// How many counters of the sum are kept per CPU: free, six lists, two of slab, stacks, page tables.
constexpr double kCounters = 11;
// Each CPU's share of a counter is off by anything up to its threshold, evenly spread: that is a
// standard deviation of threshold / sqrt(3). Three of them are allowed: 3 / sqrt(3) = sqrt(3).
constexpr double kDeviations = 1.7320508;
// What 16 CPUs of a big machine come to; taken where the thresholds are unknown.
constexpr std::int64_t kUnknownCounterError = kib_from_mib(20);
constexpr int kAssumedCpus = 8;
// Up to RHEL 8 a list holds at most 6 × 31 pages, in two zones of size.
constexpr std::int64_t kOldPcpKibPerCpu = 2 * 186 * kPageKib;
// What modules, BPF programs and drivers of an ordinary server take from vmalloc.
constexpr std::int64_t kUsualVmalloc = kib_from_mib(24);
// How far the named page fields are off the LRU lists, with swap in use and without.
constexpr std::int64_t kNamedFieldsSwapping = kib_from_mib(48);
constexpr std::int64_t kNamedFields = kib_from_mib(8);
constexpr std::int64_t kUsualStacks = kib_from_mib(8);

bool is_old(KernelEra era) { return era != KernelEra::kModern; }

// Errors of CPUs and counters are independent, so they add up as squares.
std::int64_t counter_error(const ZoneTotals& zones) {
  if (zones.cpus <= 0) return 0;
  const double pages = kDeviations * std::sqrt(kCounters / zones.cpus) *
                       static_cast<double>(zones.stat_threshold_pages);
  return static_cast<std::int64_t>(pages) * kPageKib;
}

// How much free memory the per-CPU lists may hold, unseen.
std::int64_t most_pcp(const GuestReading& reading, const KernelRelease& release,
                      const MemoryAccount& account) {
  const int cpus = known_cpus(reading) > 0 ? known_cpus(reading) : kAssumedCpus;
  if (is_old(account.era)) return kOldPcpKibPerCpu * cpus;
  // From 6.7 on the kernel tunes the lists up to an eighth of each zone.
  const bool tuned = release.major == 0 || release.at_least(6, 7);
  return account.mem_total_kib / (tuned ? 8 : 32);
}

// Looks for one kind of gap in each function, and says it in a sentence of `missing`.
class Gaps {
 public:
  Gaps(const GuestReading& reading, const KernelRelease& release, MemoryAccount& account)
      : reading_(reading), release_(release), account_(account) {}

  void zones();
  void vmalloc();
  void lists();
  void stacks();
  void counters();
  void first_chunk();
  void driver();

 private:
  bool has(std::string_view field) const { return reading_.meminfo.contains(field); }
  void say(std::string sentence) { account_.missing.push_back(std::move(sentence)); }

  const GuestReading& reading_;
  const KernelRelease& release_;
  MemoryAccount& account_;
};

void Gaps::zones() {
  if (reading_.zones) {
    account_.counter_error_kib = counter_error(*reading_.zones);
    return;
  }
  const auto most = most_pcp(reading_, release_, account_);
  account_.counter_error_kib = kUnknownCounterError;
  account_.unread_varying_kib += most;
  say(fmt::format("zoneinfo was not readable: up to {} of free per-CPU pages count as unaccounted",
                  format_size(most)));
}

void Gaps::vmalloc() {
  const bool in_meminfo = account_.era == KernelEra::kModern && has("VmallocUsed");
  const bool printed = account_.era != KernelEra::kEl5;
  if (in_meminfo || !printed || reading_.vmalloc_kib) return;
  account_.unread_fixed_kib += kUsualVmalloc;
  say(
      fmt::format("vmallocinfo was not readable (root can): vmalloc memory other than kernel "
                  "stacks, usually up to {}, counts as unaccounted",
                  format_size(kUsualVmalloc)));
}

void Gaps::lists() {
  if (has("Active") && has("Inactive")) return;
  const auto swap = reading_.meminfo.find("SwapTotal");
  const bool no_swap = swap != reading_.meminfo.end() && swap->second == 0;
  const auto error = no_swap ? kNamedFields : kNamedFieldsSwapping;
  account_.unread_varying_kib += error;
  say(
      fmt::format("the LRU lists were not given: AnonPages, Cached, Buffers and SwapCached stand "
                  "in for them and may be {} off",
                  format_size(error)));
}

void Gaps::stacks() {
  if (reading_.threads || account_.era != KernelEra::kEl5) return;
  account_.unread_varying_kib += kUsualStacks;
  say(
      fmt::format("the number of threads was not readable: kernel stacks, usually up to {}, count "
                  "as unaccounted",
                  format_size(kUsualStacks)));
}

void Gaps::counters() {
  if (!reading_.vmstat.empty() || account_.era == KernelEra::kEl5) return;
  say("vmstat was not readable: pages isolated by reclaim and zsmalloc pages (zram) count as "
      "unaccounted");
}

void Gaps::first_chunk() {
  if (!has("Percpu") || reading_.first_chunk_pages) return;
  account_.unread_fixed_kib += kib_from_pages(kFirstChunkErrorPages * known_cpus(reading_));
}

void Gaps::driver() {
  const bool told = account_.driver_kib || account_.vmstat_kib || account_.kpageflags_kib;
  if (reading_.balloon.module.empty() || told) return;
  say(fmt::format(
      "the status of {} was not readable (root can): the driver's own figure is unknown",
      reading_.balloon.module));
}

}  // namespace

int known_cpus(const GuestReading& reading) {
  return std::max(reading.possible_cpus.value_or(0), reading.zones ? reading.zones->cpus : 0);
}

void note_gaps(const GuestReading& reading, const KernelRelease& release, MemoryAccount& account) {
  Gaps gaps(reading, release, account);
  gaps.zones();
  gaps.vmalloc();
  gaps.lists();
  gaps.stacks();
  gaps.counters();
  gaps.first_chunk();
  gaps.driver();
  account.missing.insert(account.missing.end(), reading.notes.begin(), reading.notes.end());
}

}  // namespace ballast::model
