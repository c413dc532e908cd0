#include "model/parse/oom_dump.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/units.h"
#include "model/account/stat_threshold.h"
#include "model/parse/oom_lines.h"
#include "model/parse/platform_files.h"

namespace ballast::model {

namespace {

std::int64_t sum_of(const DumpSums& sums, std::initializer_list<std::string_view> names) {
  std::int64_t sum = 0;
  for (const auto name : names) {
    const auto found = sums.find(name);
    if (found != sums.end()) sum += found->second;
  }
  return sum;
}

// Pages on the LRU lists, which kernels split differently.
std::int64_t lists_of(const DumpSums& sums) {
  return sum_of(sums, {"active_anon", "inactive_anon", "active_file", "inactive_file",
                       "unevictable", "active", "inactive"});
}

// Makes a reading of a dump.
class ReadingMaker {
 public:
  explicit ReadingMaker(const OomDump& dump) : dump_(dump) {}
  Result<GuestReading> make();

 private:
  bool has(std::string_view counter) const { return dump_.pages.contains(counter); }
  std::int64_t kib(std::string_view counter) const {
    const auto found = dump_.pages.find(counter);
    return found == dump_.pages.end() ? 0 : found->second * dump_.page_kib;
  }
  void set(std::string_view field, std::int64_t value) {
    reading_.meminfo.emplace(std::string(field), value);
  }
  void set_if(std::string_view field, std::string_view counter) {
    if (has(counter)) set(field, kib(counter));
  }
  void set_pages(std::string_view field, const std::optional<std::int64_t>& pages) {
    if (pages) set(field, *pages * dump_.page_kib);
  }

  Status check() const;
  bool shows_all_zones() const;
  void take_total();
  void take_lists();
  void take_kernel();
  void take_swap();
  void take_zones();
  void take_rest();

  const OomDump& dump_;
  GuestReading reading_;
};

Status ReadingMaker::check() const {
  for (const auto* counter : {"free", "pagetables"}) {
    if (has(counter)) continue;
    return fail(ErrorCode::kParse, fmt::format("the memory dump has no '{}:'", counter),
                "give the log with all lines from Mem-Info: to \"pages reserved\"");
  }
  const bool slab = has("slab") || (has("slab_reclaimable") && has("slab_unreclaimable"));
  const bool lists = has("active_anon") || has("active");
  if (slab && lists) return {};
  return fail(ErrorCode::kParse,
              fmt::format("the memory dump has no '{}:'", slab ? "active_anon" : "slab"),
              "give the log with all lines from Mem-Info: to \"pages reserved\"");
}

// A task that is bound to some nodes prints those alone, while the machine's counters are whole.
bool ReadingMaker::shows_all_zones() const {
  const auto all = kib("free") + lists_of(dump_.pages) * dump_.page_kib;
  const auto shown =
      sum_of(dump_.zones, {"free"}) + lists_of(dump_.nodes.empty() ? dump_.zones : dump_.nodes);
  return std::abs(all - shown) <= all / 50 + kib_from_mib(4);
}

void ReadingMaker::take_total() {
  const auto managed = sum_of(dump_.zones, {"managed"});
  const auto& ram = dump_.ram_pages;
  const auto& reserved = dump_.reserved_pages;
  if (managed > 0 && shows_all_zones()) {
    set("MemTotal", managed);
  } else if (ram && reserved && *ram > *reserved) {
    set("MemTotal", (*ram - *reserved) * dump_.page_kib);
    reading_.notes.emplace_back(
        "MemTotal is not in the dump: the pages of RAM less the reserved ones stand in for it");
  } else {
    reading_.notes.push_back(
        fmt::format("MemTotal is not in the dump{}: give it with --mem-total",
                    shows_all_zones() && sum_of(dump_.zones, {"present"}) > 0
                        ? fmt::format(" (it is at most {}, which its zones have present)",
                                      format_size(sum_of(dump_.zones, {"present"})))
                        : ""));
  }
}

void ReadingMaker::take_lists() {
  if (has("active_anon")) {
    set("Active(anon)", kib("active_anon"));
    set("Inactive(anon)", kib("inactive_anon"));
    set("Active(file)", kib("active_file"));
    set("Inactive(file)", kib("inactive_file"));
    set("Active", kib("active_anon") + kib("active_file"));
    set("Inactive", kib("inactive_anon") + kib("inactive_file"));
  } else {
    set("Active", kib("active"));
    set("Inactive", kib("inactive"));
    set_if("AnonPages", "mapped-anon");
  }
  set_if("Unevictable", "unevictable");
  set_if("Mapped", has("mapped") ? "mapped" : "mapped-file");
  set_if("Shmem", "shmem");
  set_if("Dirty", "dirty");
  set_if("Writeback", "writeback");
  for (const auto* list : {"isolated_anon", "isolated_file"}) {
    if (has(list)) reading_.vmstat.emplace(fmt::format("nr_{}", list), kib(list) / kPageKib);
  }
}

void ReadingMaker::take_kernel() {
  if (has("slab")) {
    set("Slab", kib("slab"));
  } else {
    set("Slab", kib("slab_reclaimable") + kib("slab_unreclaimable"));
    set("SReclaimable", kib("slab_reclaimable"));
    set("SUnreclaim", kib("slab_unreclaimable"));
  }
  if (has("kernel_misc_reclaimable")) {
    set("KReclaimable", kib("slab_reclaimable") + kib("kernel_misc_reclaimable"));
  }
  set("PageTables", kib("pagetables"));
  set_if("SecPageTables", has("sec_pagetables") ? "sec_pagetables" : "secondary_pagetables");
  set_if("Bounce", "bounce");
  if (!shows_all_zones()) {
    reading_.notes.emplace_back(
        "the dump leaves nodes or zones out: kernel stacks and per-CPU lists were not read");
    return;
  }
  const auto& where = dump_.nodes.contains("kernel_stack") ? dump_.nodes : dump_.zones;
  if (where.contains("kernel_stack")) set("KernelStack", where.at("kernel_stack"));
  const auto& holds = dump_.nodes.contains("writeback_tmp") ? dump_.nodes : dump_.zones;
  if (holds.contains("writeback_tmp")) set("WritebackTmp", holds.at("writeback_tmp"));
}

void ReadingMaker::take_swap() {
  set_pages("SwapCached", dump_.swap_cache_pages);
  set_pages("HardwareCorrupted", dump_.poisoned_pages);
  if (dump_.total_swap_kib) set("SwapTotal", *dump_.total_swap_kib);
  if (dump_.free_swap_kib) set("SwapFree", *dump_.free_swap_kib);
}

// A dump has no thresholds, and from 4.2 on nothing that counts the CPUs.
void ReadingMaker::take_zones() {
  constexpr std::int64_t kCpusOfADump = 8;
  const bool pcp_told = has("free_pcp") || dump_.list_pages;
  if (!pcp_told || !shows_all_zones()) return;
  ZoneTotals totals;
  const auto pcp_kib = has("free_pcp") ? kib("free_pcp") : *dump_.list_pages * dump_.page_kib;
  totals.pcp_pages = pcp_kib / kPageKib;
  totals.managed_pages = sum_of(dump_.zones, {"managed"}) / kPageKib;
  totals.present_pages = sum_of(dump_.zones, {"present"}) / kPageKib;
  const auto cpus =
      dump_.cpus.empty() ? kCpusOfADump : static_cast<std::int64_t>(dump_.cpus.size());
  totals.cpus = static_cast<int>(cpus);
  auto zones = dump_.zone_managed_kib;
  if (zones.empty()) zones.push_back(sum_of(dump_.zones, {"present"}));
  for (const auto zone : zones)
    totals.stat_threshold_pages += cpus * normal_stat_threshold(zone, cpus);
  reading_.zones = totals;
}

void ReadingMaker::take_rest() {
  for (const auto& [size, pages] : dump_.pools) reading_.hugepage_pools.push_back({size, pages});
  reading_.kernel_release = dump_.release;
  reading_.uptime_s = dump_.uptime_s;
  read_boot_log(dump_.machine_line, reading_);
  reading_.notes.emplace_back(
      "a dump does not count vmalloc, per-CPU memory and zsmalloc (zram, zswap): they count as "
      "unaccounted");
  if (dump_.page_kib != kPageKib) {
    reading_.notes.push_back(fmt::format("its pages are of {} KiB", dump_.page_kib));
  }
}

Result<GuestReading> ReadingMaker::make() {
  if (auto checked = check(); !checked) return fail(checked.error());
  reading_.from_oom_dump = true;
  take_total();
  set("MemFree", kib("free"));
  take_lists();
  take_kernel();
  take_swap();
  take_zones();
  take_rest();
  return std::move(reading_);
}

}  // namespace

Result<std::vector<GuestReading>> parse_oom_dumps(std::string_view log) {
  std::vector<GuestReading> readings;
  std::optional<Error> refused;
  for (const auto& dump : find_oom_dumps(log)) {
    auto reading = ReadingMaker(dump).make();
    if (reading) {
      readings.push_back(std::move(*reading));
    } else {
      refused = reading.error();
    }
  }
  if (readings.empty()) {
    return fail(refused.value_or(Error{ErrorCode::kParse, "the log holds no memory dump",
                                       "give the lines from Mem-Info: on", ""}));
  }
  if (refused) {
    readings.front().notes.push_back(
        fmt::format("a memory dump of the log was left out ({})", refused->message));
  }
  return readings;
}

}  // namespace ballast::model
