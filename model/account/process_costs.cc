#include "model/account/process_costs.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/units.h"
#include "model/account/account.h"

namespace ballast::model {

namespace {

constexpr std::int64_t kEl5StackKib = 8;  // THREAD_ORDER 1 of 2.6.18; its meminfo has no stacks

// The page tables of one process, KiB: those that are not counted, and beside them those that are.
// Tiny processes are at the lower end of both, those of ordinary programs at the upper one.
struct Tables {
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::int64_t counted_least = 0;
  std::int64_t counted_most = 0;
};

constexpr Tables kLowestCounted = {20, 32, 12, 20};
constexpr Tables kTwoCounted = {12, 16, 20, 36};
constexpr Tables kThreeCounted = {4, 4, 0, 1};
// Kernels that keep user and kernel apart (PTI) have a second page of the top level. Those that were
// measured were built without it.
constexpr std::int64_t kSecondTopKib = 4;
// The build of RHEL 8.10. Of the releases of RHEL 8 before it that is not known.
constexpr int kBuildThatCountsTwo = 553;

// Structures that were freed wait to be used again, and slabinfo counts them as active.
constexpr std::int64_t kWaitingStructures = 64;

std::int64_t field_kib(const Meminfo& meminfo, std::string_view name) {
  const auto found = meminfo.find(name);
  return found == meminfo.end() ? 0 : found->second;
}

// i686 has 128 MiB for vmalloc unless told otherwise, x86_64 has terabytes.
bool is_32_bit(const Meminfo& meminfo) {
  const auto vmalloc = field_kib(meminfo, "VmallocTotal");
  return field_kib(meminfo, "HighTotal") > 0 || (vmalloc > 0 && vmalloc < kKibPerGib);
}

Tables tables_of(const KernelRelease& release) {
  if (release.vendor == KernelVendor::kRhel) {
    if (release.rhel >= 10) return kThreeCounted;
    const bool two =
        release.rhel == 9 || (release.rhel == 8 && release.build >= kBuildThatCountsTwo);
    return two ? kTwoCounted : kLowestCounted;
  }
  if (release.at_least(6, 14)) return {};
  if (release.at_least(6, 7)) return kThreeCounted;
  if (release.at_least(5, 10)) return kTwoCounted;
  return kLowestCounted;
}

// How many processes have memory of their own. Tasks, which include threads and those of the kernel,
// are the upper bound.
std::optional<std::int64_t> address_spaces(const GuestReading& reading) {
  if (reading.processes) return reading.processes;
  if (!reading.mm_structs) return std::nullopt;
  const auto structures =
      std::min(*reading.mm_structs, reading.threads.value_or(*reading.mm_structs));
  return std::max<std::int64_t>(structures - kWaitingStructures, 0);
}

// The more tables of a process are counted, the more are not: both follow from how many ranges of
// addresses it uses.
std::int64_t estimate(const Tables& tables, std::int64_t counted_kib) {
  const auto within =
      std::clamp(counted_kib, tables.counted_least, tables.counted_most) - tables.counted_least;
  return tables.least +
         (tables.most - tables.least) * within / (tables.counted_most - tables.counted_least);
}

void add_page_tables(const GuestReading& reading, const Tables& tables, bool is_named,
                     ProcessCosts& costs) {
  const auto most = tables.most + kSecondTopKib;
  const auto count = address_spaces(reading);
  if (count && is_named) {
    const auto counted =
        field_kib(reading.meminfo, "PageTables") / std::max<std::int64_t>(*count, 1);
    const auto each = estimate(tables, counted);
    costs.page_tables_kib = each * *count;
    costs.error_kib = std::max(each - tables.least, most - each) * *count;
  } else {
    costs.unread_kib = most * count.value_or(reading.threads.value_or(0));
  }
}

}  // namespace

ProcessCosts process_costs(const GuestReading& reading, KernelEra era,
                           const KernelRelease& release) {
  ProcessCosts costs;
  const bool narrow = is_32_bit(reading.meminfo);
  // On i686 they are made by kmalloc, and in Slab.
  if (era == KernelEra::kEl5 && !narrow) {
    costs.stacks_kib = reading.threads.value_or(0) * kEl5StackKib;
  }
  const auto tables = tables_of(release);
  // Of a new kernel without a name nobody knows which levels it counts; the old ones are alike.
  const bool is_named = release.major > 0 || era != KernelEra::kModern;
  if (!narrow && tables.most > 0) add_page_tables(reading, tables, is_named, costs);
  return costs;
}

}  // namespace ballast::model
