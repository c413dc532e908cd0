#include "model/figures.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ballast::model {

namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr std::array<Entry, 5> kToleranceTitles = {{
    {"counters", "counter lag"},
    {"baseline", "baseline spread"},
    {"unread", "unread parts"},
    {"host_rounding", "vCenter's rounding"},
    {"skew", "balloon moved meanwhile"},
}};

// The keys are those of model/account.h.
constexpr std::array<Entry, 23> kPartTitles = {{
    {"free", "free"},
    {"pcp", "free, on per-CPU lists"},
    {"anon_lru", "anonymous and shared memory"},
    {"file_lru", "page cache of files"},
    {"unevictable", "locked (unevictable)"},
    {"isolated", "isolated by reclaim"},
    {"slab", "slab"},
    {"kernel_reclaimable", "other reclaimable kernel"},
    {"kernel_stack", "kernel stacks"},
    {"page_tables", "page tables"},
    {"sec_page_tables", "secondary page tables"},
    {"vmalloc", "vmalloc"},
    {"percpu", "per-CPU data"},
    {"memmap", "page descriptors (memmap)"},
    {"hugetlb", "huge page pools"},
    {"zsmalloc", "compressed (zsmalloc)"},
    {"zswap", "compressed (zswap)"},
    {"zram", "compressed (zram)"},
    {"bounce", "bounce buffers"},
    {"writeback_tmp", "FUSE writeback"},
    {"hardware_corrupted", "bad hardware pages"},
    {"gpu_active", "graphics"},
    {"gpu_reclaim", "graphics, reclaimable"},
}};

template <std::size_t N>
std::string title_of(const std::array<Entry, N>& titles, std::string_view key) {
  const auto* found = std::find_if(titles.begin(), titles.end(),
                                   [&](const Entry& entry) { return entry.first == key; });
  if (found != titles.end()) return std::string(found->second);
  std::string words(key);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

}  // namespace

std::string part_title(std::string_view key) { return title_of(kPartTitles, key); }

std::string tolerance_title(std::string_view key) { return title_of(kToleranceTitles, key); }

}  // namespace ballast::model
