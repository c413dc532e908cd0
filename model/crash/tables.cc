#include "model/crash/tables.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/kernel_release.h"
#include "model/parse/numbers.h"

namespace ballast::model {
namespace {

constexpr std::size_t kMaxCounters = 2048;
constexpr std::size_t kMaxCounterName = 64;

struct UsageRow {
  std::string_view label;
  std::string_view meminfo;  // "" if meminfo has no such field
};
constexpr std::array kRows = {
    UsageRow{"TOTAL MEM", "MemTotal"},
    UsageRow{"FREE", "MemFree"},
    UsageRow{"USED", ""},
    UsageRow{"SHARED", ""},
    UsageRow{"BUFFERS", "Buffers"},
    UsageRow{"CACHED", "Cached"},
    UsageRow{"SLAB", "Slab"},
    UsageRow{"TOTAL HIGH", ""},
    UsageRow{"FREE HIGH", ""},
    UsageRow{"TOTAL LOW", ""},
    UsageRow{"FREE LOW", ""},
    UsageRow{"TOTAL HUGE", "Hugetlb"},
    UsageRow{"HUGE FREE", ""},
    UsageRow{"TOTAL SWAP", "SwapTotal"},
    UsageRow{"SWAP USED", ""},
    UsageRow{"SWAP FREE", "SwapFree"},
    UsageRow{"COMMIT LIMIT", "CommitLimit"},
    UsageRow{"COMMITTED", "Committed_AS"},
};

// The counters and events that the account or the pressure may need, and their kin.
constexpr std::array<std::string_view, 8> kCounterStarts = {
    "NR_", "NUMA_", "WORKINGSET_", "PG", "PSWP", "ALLOCSTALL", "OOM_KILL", "BALLOON_"};

bool is_counter_name(std::string_view name) {
  const bool known =
      std::any_of(kCounterStarts.begin(), kCounterStarts.end(),
                  [name](std::string_view start) { return name.starts_with(start); });
  return known && name.size() <= kMaxCounterName &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_'; });
}

bool starts_like_number(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  return !word.empty() && is_digit(word.front());
}

struct TableLine {
  std::string_view name;
  std::string_view figure;
};

// "TOTAL MEM  1974231  7.5 GB …" -> {"TOTAL MEM", "1974231"}; empty if the line is no row.
std::optional<TableLine> split_row(std::string_view line) {
  line = trim(line);
  const auto digits = line.find_first_of("0123456789-");
  if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
  auto rest = line.substr(digits);
  const auto figure = next_word(rest);
  // The size after it shows that the figure is whole.
  if (!starts_like_number(figure) || !starts_like_number(next_word(rest))) return std::nullopt;
  return TableLine{trim(line.substr(0, digits)), figure};
}

// "NR_SLAB: 15177" or "NR_SLAB 15177".
std::optional<TableLine> split_counter(std::string_view line) {
  auto rest = trim(line);
  const auto end = rest.find_first_of(": \t");
  if (end == std::string_view::npos) return std::nullopt;
  const auto name = rest.substr(0, end);
  rest = trim(rest.substr(end));
  if (rest.starts_with(':')) rest.remove_prefix(1);
  const auto figure = next_word(rest);
  if (!starts_like_number(figure) || !trim(rest).empty()) return std::nullopt;
  return TableLine{name, figure};
}

}  // namespace

LineTaken KmemInfoReader::read(std::string_view line) {
  const auto split = split_row(line);
  if (!split) return false;
  const auto* const row =
      std::find_if(kRows.begin(), kRows.end(),
                   [&split](const UsageRow& candidate) { return candidate.label == split->name; });
  if (row == kRows.end()) return false;
  const auto pages = parse_number(split->figure);
  if (!pages) return bad_crash_line(line);
  if (!pages_.emplace(row->label, *pages).second) return occurs_twice("kmem -i", row->label);
  if (!row->meminfo.empty()) meminfo_.emplace(row->meminfo, kib_from_pages(*pages));
  any_ = true;
  return true;
}

bool KmemCountersReader::read_heading(std::string_view line) {
  line = trim(line);
  if (line.starts_with("NODE:") && line.find("ZONE:") != std::string_view::npos) {
    zone_ = Zone::kBefore;
    return true;
  }
  if (line == "VM_STAT:") {
    zone_ = zone_ == Zone::kBefore ? Zone::kInside : Zone::kNone;
    return true;
  }
  const bool of_all_zones = line == "VM_ZONE_STAT:" || line == "VM_NODE_STAT:" ||
                            line == "VM_NUMA_STAT:" || line == "VM_EVENT_STATES:";
  if (of_all_zones) zone_ = Zone::kNone;
  return of_all_zones;
}

LineTaken KmemCountersReader::read(std::string_view line) {
  if (read_heading(line)) return true;
  const auto split = split_counter(line);
  if (!split || !is_counter_name(split->name)) return false;
  if (zone_ != Zone::kNone) return true;
  const auto value = parse_signed(split->figure);
  if (!value) return bad_crash_line(line);
  if (!counters_.emplace(split->name, *value).second) return occurs_twice("kmem -V", split->name);
  if (counters_.size() > kMaxCounters) {
    return fail(ErrorCode::kParse, "crash text: kmem -V has more counters than any kernel");
  }
  return true;
}

namespace {

constexpr std::int64_t kHugePageKib = 2048;
constexpr std::int64_t kMaxHugePages = kMaxNumber / kHugePageKib;

struct Mapping {
  std::string_view counter;
  std::string_view field;
};

// Counters in pages, with the same meaning in every kernel that has them. From 5.9 on the names of
// the slab's counters end in _B, for bytes. But only those of a control group are bytes; those of
// the whole node stayed pages (mm/vmstat.c, __mod_node_page_state).
constexpr std::array kPages = {
    Mapping{"NR_FREE_PAGES", "MemFree"},
    Mapping{"NR_INACTIVE_ANON", "Inactive(anon)"},
    Mapping{"NR_ACTIVE_ANON", "Active(anon)"},
    Mapping{"NR_INACTIVE_FILE", "Inactive(file)"},
    Mapping{"NR_ACTIVE_FILE", "Active(file)"},
    Mapping{"NR_UNEVICTABLE", "Unevictable"},
    Mapping{"NR_MLOCK", "Mlocked"},
    Mapping{"NR_FILE_DIRTY", "Dirty"},
    Mapping{"NR_WRITEBACK", "Writeback"},
    Mapping{"NR_ANON_PAGES", "AnonPages"},
    Mapping{"NR_ANON_MAPPED", "AnonPages"},
    Mapping{"NR_FILE_MAPPED", "Mapped"},
    Mapping{"NR_SHMEM", "Shmem"},
    Mapping{"NR_SLAB", "Slab"},
    Mapping{"NR_SLAB_RECLAIMABLE", "SReclaimable"},
    Mapping{"NR_SLAB_RECLAIMABLE_B", "SReclaimable"},
    Mapping{"NR_SLAB_UNRECLAIMABLE", "SUnreclaim"},
    Mapping{"NR_SLAB_UNRECLAIMABLE_B", "SUnreclaim"},
    Mapping{"NR_PAGETABLE", "PageTables"},
    Mapping{"NR_SECONDARY_PAGETABLE", "SecPageTables"},
    Mapping{"NR_UNSTABLE_NFS", "NFS_Unstable"},
    Mapping{"NR_BOUNCE", "Bounce"},
    Mapping{"NR_WRITEBACK_TEMP", "WritebackTmp"},
    Mapping{"NR_SWAPCACHE", "SwapCached"},
    Mapping{"NR_FREE_CMA_PAGES", "CmaFree"},
    Mapping{"NR_UNACCEPTED", "Unaccepted"},
    Mapping{"NR_VMALLOC", "VmallocUsed"},
    Mapping{"NR_BALLOON_PAGES", "Balloon"},
    Mapping{"NR_GPU_ACTIVE", "GPUActive"},
    Mapping{"NR_GPU_RECLAIM", "GPUReclaim"},
};

// Names in /proc/vmstat that are not simply the counter's name in small letters.
constexpr std::array kProcNames = {
    Mapping{"NR_ANON_MAPPED", "nr_anon_pages"},
    Mapping{"NR_FILE_MAPPED", "nr_mapped"},
    Mapping{"NR_FILE_DIRTY", "nr_dirty"},
    Mapping{"NR_UNSTABLE_NFS", "nr_unstable"},
    Mapping{"NR_PAGETABLE", "nr_page_table_pages"},
    Mapping{"NR_SECONDARY_PAGETABLE", "nr_sec_page_table_pages"},
    Mapping{"NR_KERNEL_STACK_KB", "nr_kernel_stack"},
    Mapping{"NR_SLAB_RECLAIMABLE_B", "nr_slab_reclaimable"},
    Mapping{"NR_SLAB_UNRECLAIMABLE_B", "nr_slab_unreclaimable"},
    Mapping{"NR_WRITEBACK_TEMP", "nr_writeback_temp"},
    Mapping{"NR_FREE_CMA_PAGES", "nr_free_cma"},
    Mapping{"NR_ANON_THPS", "nr_anon_transparent_hugepages"},
    Mapping{"NUMA_INTERLEAVE_HIT", "numa_interleave"},
};

class Converter {
 public:
  Converter(const Vmstat& counters, GuestReading& reading)
      : counters_(counters),
        release_(parse_kernel_release(reading.kernel_release)),
        meminfo_(reading.meminfo),
        vmstat_(reading.vmstat) {}

  void pages();
  void file_pages();
  void lists();
  void slab();
  void huge_pages();
  void stacks();
  void proc_names();

 private:
  bool has(std::string_view field) const { return meminfo_.contains(field); }
  std::int64_t field(std::string_view name) const {
    const auto found = meminfo_.find(name);
    return found == meminfo_.end() ? 0 : found->second;
  }
  void set(std::string_view name, std::int64_t kib) {
    meminfo_.insert_or_assign(std::string(name), kib);
  }
  std::int64_t stack_kib() const;

  const Vmstat& counters_;
  KernelRelease release_;
  Meminfo& meminfo_;
  Vmstat& vmstat_;
};

void Converter::pages() {
  for (const auto& row : kPages) {
    const auto found = counters_.find(row.counter);
    if (found != counters_.end()) set(row.field, kib_from_pages(found->second));
  }
}

// As fs/proc/meminfo.c does it.
void Converter::file_pages() {
  const auto file = counters_.find("NR_FILE_PAGES");
  if (file == counters_.end()) return;
  const auto cached = kib_from_pages(file->second) - field("Buffers") - field("SwapCached");
  set("Cached", std::max<std::int64_t>(cached, 0));
}

void Converter::lists() {
  for (const auto* list : {"Active", "Inactive"}) {
    const auto anon = std::string(list) + "(anon)";
    const auto file = std::string(list) + "(file)";
    if (has(anon) && has(file)) set(list, field(anon) + field(file));
  }
}

void Converter::slab() {
  if (has("SReclaimable") && has("SUnreclaim")) {
    set("Slab", field("SReclaimable") + field("SUnreclaim"));
  }
  const auto other = counters_.find("NR_KERNEL_MISC_RECLAIMABLE");
  if (other == counters_.end() || !has("SReclaimable")) return;
  set("KReclaimable", field("SReclaimable") + kib_from_pages(other->second));
}

// Before 4.5 huge pages were not in NR_ANON_PAGES, and /proc/meminfo added them.
void Converter::huge_pages() {
  const auto huge = counters_.find("NR_ANON_TRANSPARENT_HUGEPAGES");
  if (huge == counters_.end() || release_.at_least(4, 5)) return;
  if (huge->second < 0 || huge->second > kMaxHugePages) return;
  set("AnonHugePages", huge->second * kHugePageKib);
  if (has("AnonPages")) set("AnonPages", field("AnonPages") + huge->second * kHugePageKib);
}

// Returns THREAD_SIZE of x86_64, 0 if unknown. RHEL 7 backported the 16 KiB of 3.15.
std::int64_t Converter::stack_kib() const {
  if (release_.vendor == KernelVendor::kRhel && release_.rhel == 7) return 16;
  if (release_.major == 0) return 0;
  return release_.at_least(3, 15) ? 16 : 8;
}

void Converter::stacks() {
  const auto kib = counters_.find("NR_KERNEL_STACK_KB");
  const auto number = counters_.find("NR_KERNEL_STACK");
  if (kib != counters_.end()) {
    set("KernelStack", kib->second);
  } else if (number != counters_.end() && stack_kib() > 0) {
    set("KernelStack", number->second * stack_kib());
  }
}

void Converter::proc_names() {
  for (const auto& [name, value] : counters_) {
    const auto* const row = std::find_if(
        kProcNames.begin(), kProcNames.end(),
        [&counter = name](const Mapping& candidate) { return candidate.counter == counter; });
    std::string proc(row == kProcNames.end() ? std::string_view(name) : row->field);
    std::transform(proc.begin(), proc.end(), proc.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    vmstat_.emplace(std::move(proc), value);
  }
}

}  // namespace

void apply_vm_counters(const Vmstat& counters, GuestReading& reading) {
  Converter converter(counters, reading);
  converter.pages();
  converter.file_pages();
  converter.lists();
  converter.slab();
  converter.huge_pages();
  converter.stacks();
  converter.proc_names();
}

}  // namespace ballast::model
