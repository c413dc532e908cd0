#include "model/suspects.h"

#include <algorithm>
#include <iterator>

#include "base/units.h"
#include "model/kernel_release.h"

namespace ballast::model {

namespace {

constexpr std::int64_t kLeastWorthNaming = kKibPerMib;
// RHEL 8.5, the first release measured to count kmalloc of any size. 8.1 does not; nor, by its
// source, does 8.3.
constexpr int kBuildThatCounts = 348;

// kmalloc of more than two pages goes straight to the page allocator in SLUB, which counted nothing
// there at first. RHEL 6 has SLAB, which counts it.
bool leaves_out_large_kmalloc(std::string_view release) {
  const auto kernel = parse_kernel_release(release);
  if (kernel.vendor != KernelVendor::kRhel) return false;
  if (kernel.rhel == 7) return kernel.major == 3;
  return kernel.rhel == 8 && kernel.major == 4 && kernel.build > 0 &&
         kernel.build < kBuildThatCounts;
}

// Whether a part of the account already holds what the trace is about.
bool is_accounted(const GuestReading& reading, const ConsumerTrace& trace) {
  switch (trace.consumer) {
    case Consumer::kZram:
      return reading.zram_kib || reading.vmstat.contains("nr_zspages");
    case Consumer::kHotAddedMemmap:
      return reading.vmstat.contains("nr_memmap_pages");
    default:
      return false;
  }
}

bool is_worth_naming(const ConsumerTrace& trace) {
  return !trace.kib || *trace.kib >= kLeastWorthNaming;
}

}  // namespace

std::vector<ConsumerTrace> find_suspects(const GuestReading& reading,
                                         const MemoryAccount& account) {
  std::vector<ConsumerTrace> suspects;
  std::copy_if(reading.traces.begin(), reading.traces.end(), std::back_inserter(suspects),
               [&](const ConsumerTrace& trace) {
                 return !is_accounted(reading, trace) && is_worth_naming(trace);
               });
  for (auto& suspect : suspects) {
    if (suspect.kib > account.mem_total_kib) suspect.kib.reset();
  }
  if (leaves_out_large_kmalloc(reading.kernel_release)) {
    suspects.push_back({Consumer::kLargeKmalloc, std::nullopt, ""});
  }
  std::stable_sort(suspects.begin(), suspects.end(),
                   [](const ConsumerTrace& a, const ConsumerTrace& b) { return a.kib > b.kib; });
  return suspects;
}

}  // namespace ballast::model
