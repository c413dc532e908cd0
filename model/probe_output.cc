#include "model/probe_output.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/consumer_traces.h"
#include "model/cpu_list.h"
#include "model/meminfo.h"
#include "model/numbers.h"
#include "model/pressure.h"
#include "model/probe_sections.h"
#include "model/small_files.h"
#include "model/vmmemctl.h"
#include "model/vmstat.h"
#include "model/zoneinfo.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMaxWord = 128;
constexpr std::int64_t kLatestClock = 253402300799;  // the end of the year 9999

Result<UtcTime> parse_clock(std::string_view text) {
  const auto seconds = parse_single(text, kLatestClock);
  if (!seconds) return fail(seconds.error());
  return UtcTime{std::chrono::seconds(*seconds)};
}

Result<std::int64_t> parse_vmalloc_pages(std::string_view text) {
  const auto pages = parse_single(text, kMaxNumber);
  if (!pages) return fail(pages.error());
  return kib_from_pages(*pages);
}

// A line of bytes used per zram device.
Result<std::int64_t> parse_zram(std::string_view text) {
  std::int64_t bytes = 0;
  for (const auto line : split_lines(text)) {
    if (trim(line).empty()) continue;
    const auto used = parse_single(line, kMaxNumber);
    if (!used) return fail(used.error());
    if (*used > kMaxNumber - bytes) return fail(ErrorCode::kParse, "the sum is absurd");
    bytes += *used;
  }
  return kib_from_bytes(bytes);
}

// Lines `<page size in KiB> <pages>`.
Result<std::vector<HugepagePool>> parse_pools(std::string_view text) {
  constexpr std::size_t kMaxPools = 16;
  std::vector<HugepagePool> pools;
  for (auto line : split_lines(text)) {
    const auto size = next_word(line);
    if (size.empty()) continue;
    const auto page_kib = parse_number(size);
    const auto pages = parse_number(trim(line));
    if (!page_kib || !pages || *page_kib == 0 || pools.size() == kMaxPools) {
      return fail(ErrorCode::kParse, "not what the kernel prints");
    }
    pools.push_back({*page_kib, *pages});
  }
  return pools;
}

class Assembler {
 public:
  explicit Assembler(ProbeSections sections) : sections_(std::move(sections)) {}
  Result<GuestReading> assemble();

 private:
  // "" if there is no such section.
  std::string_view text(std::string_view section) const {
    const auto found = sections_.find(section);
    return found == sections_.end() ? std::string_view() : found->second;
  }
  std::string word(std::string_view section) const {
    return std::string(trim(text(section)).substr(0, kMaxWord));
  }

  // Fills `target` from a section by `parse`; a section that cannot be understood becomes a note.
  template <class Target, class Parse>
  void take(std::string_view section, Target& target, Parse parse) {
    const auto found = sections_.find(section);
    if (found == sections_.end() || trim(found->second).empty()) return;
    auto value = parse(found->second);
    if (value) {
      target = std::move(*value);
    } else {
      reading_.notes.push_back(fmt::format("the guest's {} could not be understood ({})", section,
                                           value.error().message));
    }
  }

  void take_balloon();
  void take_traces();

  ProbeSections sections_;
  GuestReading reading_;
};

void Assembler::take_balloon() {
  take("vmmemctl", reading_.balloon, parse_vmmemctl_status);
  reading_.balloon.module = find_balloon_module(text("modules"));
}

void Assembler::take_traces() {
  TraceFiles files;
  files.sockstat = text("sockstat");
  files.slabinfo = text("xfs_buf");
  files.kstats = text("zfs");
  files.partitions = text("ram_disks");
  files.trace_buffers = text("trace_buffers");
  files.iomem = text("iomem");
  files.nfsd_threads = text("nfsd_threads");
  files.swaps = text("swaps");
  files.modules = text("modules");
  read_traces(files, reading_);
}

Result<GuestReading> Assembler::assemble() {
  const auto meminfo = sections_.find("meminfo");
  if (meminfo == sections_.end()) {
    return fail(ErrorCode::kParse, "probe output: it has no meminfo",
                "check that the guest account may read /proc/meminfo");
  }
  auto fields = parse_meminfo(meminfo->second);
  if (!fields) return fail(during(fields.error(), "probe output"));
  reading_.meminfo = std::move(*fields);
  reading_.kernel_release = word("release");
  reading_.boot_id = word("boot_id");
  reading_.as_root = word("uid") == "0";
  reading_.zswap_pool = word("zswap_pool");
  take("clock", reading_.clock, parse_clock);
  take("uptime", reading_.uptime_s, parse_uptime);
  take("zoneinfo", reading_.zones, parse_zone_totals);
  take("vmstat", reading_.vmstat, parse_vmstat);
  take("hugepages", reading_.hugepage_pools, parse_pools);
  take("vmalloc", reading_.vmalloc_kib, parse_vmalloc_pages);
  take("pressure", reading_.pressure, parse_pressure);
  take("loadavg", reading_.threads, parse_threads);
  take("possible_cpus", reading_.possible_cpus, count_cpus);
  take("zram", reading_.zram_kib, parse_zram);
  take_balloon();
  take_traces();
  return std::move(reading_);
}

}  // namespace

Result<GuestReading> parse_probe_output(std::string_view text) {
  auto sections = split_probe_sections(text);
  if (!sections) return fail(sections.error());
  return Assembler(std::move(*sections)).assemble();
}

}  // namespace ballast::model
