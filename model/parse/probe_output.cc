#include "model/parse/probe_output.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/allocinfo.h"
#include "model/parse/consumer_traces.h"
#include "model/parse/numbers.h"
#include "model/parse/proc_files.h"
#include "model/parse/small_files.h"
#include "model/parse/vmmemctl.h"

namespace ballast::model {

namespace {

// Section name -> its text; views into the output.
using ProbeSections = std::map<std::string_view, std::string_view>;

constexpr std::string_view kMarker = "@@ballast ";
constexpr std::string_view kBegin = "begin 1";
constexpr std::string_view kEnd = "end";
constexpr std::size_t kMaxOutput = 1024 * 1024;
constexpr std::size_t kMaxSections = 64;

// Returns the words after the marker if `line` is one, else "".
std::string_view marker_of(std::string_view line) {
  return line.starts_with(kMarker) ? trim(line.substr(kMarker.size())) : std::string_view();
}

// Gives the lines of the output one after the other, with the offsets at which each begins and
// ends: a section is the text between two of them.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  bool next() {
    start_ = next_;
    if (start_ >= text_.size()) return false;
    const auto end = text_.find('\n', start_);
    next_ = end == std::string_view::npos ? text_.size() : end + 1;
    line_ = text_.substr(start_, next_ - start_);
    return true;
  }
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::size_t start() const { return start_; }
  [[nodiscard]] std::size_t end() const { return next_; }

 private:
  std::string_view text_;
  std::string_view line_;
  std::size_t start_ = 0;
  std::size_t next_ = 0;
};

Status find_begin(LineReader& lines) {
  while (lines.next()) {
    const auto marker = marker_of(lines.line());
    if (marker == kBegin) return {};
    if (marker.starts_with("begin ")) {
      return fail(
          ErrorCode::kParse,
          fmt::format("probe output: its format is '{}', not '{}'", printable(marker, 40), kBegin),
          "use the probe script that comes with this version of ballast");
    }
  }
  return fail(ErrorCode::kParse, "probe output: the begin marker is missing",
              "check that /bin/sh in the guest is a POSIX shell");
}

// Cuts the output into its sections, without looking into them.
Result<ProbeSections> split_sections(std::string_view text) {
  if (text.size() > kMaxOutput) return fail(ErrorCode::kTooLarge, "probe output: above 1 MiB");
  LineReader lines(text);
  if (auto begun = find_begin(lines); !begun) return fail(begun.error());
  ProbeSections sections;
  std::string_view name;  // of the section being read; "" before the first
  std::size_t start = 0;
  while (lines.next()) {
    const auto marker = marker_of(lines.line());
    if (marker.empty()) continue;
    if (!name.empty()) sections.emplace(name, text.substr(start, lines.start() - start));
    if (marker == kEnd) return sections;
    if (sections.contains(marker) || marker.starts_with("begin ")) {
      return fail(ErrorCode::kParse, fmt::format("probe output: the section '{}' occurs twice",
                                                 printable(marker, 40)));
    }
    if (sections.size() >= kMaxSections) {
      return fail(ErrorCode::kParse, "probe output: more sections than the probe prints");
    }
    name = marker;
    start = lines.end();
  }
  return fail(ErrorCode::kParse, "probe output: the end marker is missing, it was cut off",
              "check the free space of the guest's temporary folder");
}

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

// Sums lines of bytes, one for each zram device.
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

// Reads lines `<page size in KiB> <pages>`, one for each pool.
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

Result<std::int64_t> parse_count(std::string_view text) { return parse_single(text, kMaxNumber); }

Result<std::int64_t> parse_bytes(std::string_view text) {
  const auto bytes = parse_single(text, kMaxNumber);
  if (!bytes) return fail(bytes.error());
  return kib_from_bytes(*bytes);
}

// Reads the line "balloon 512 MB". It is empty where the command failed, as outside ESXi, or hung.
Result<std::optional<std::int64_t>> parse_toolbox(std::string_view text) {
  for (const auto line : split_lines(text)) {
    auto rest = line;
    if (next_word(rest) != "balloon") continue;
    const auto figure = next_word(rest);
    if (figure.empty()) break;
    const auto mib = parse_number(figure);
    if (!mib || *mib > kMaxNumber / kKibPerMib || next_word(rest) != "MB") {
      return bad_line("vmware-toolbox-cmd", line);
    }
    return kib_from_mib(*mib);
  }
  return std::optional<std::int64_t>();
}

// Makes a reading of the sections.
class Assembler {
 public:
  explicit Assembler(ProbeSections sections) : sections_(std::move(sections)) {}
  Result<GuestReading> assemble();

 private:
  // Returns "" if there is no such section.
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
  void take_call_sites();
  void take_traces();

  ProbeSections sections_;
  GuestReading reading_;
};

void Assembler::take_balloon() {
  take("vmmemctl", reading_.balloon, parse_vmmemctl_status);
  reading_.balloon.module = find_balloon_module(text("modules"));
}

void Assembler::take_call_sites() {
  CallSites sites;
  take("allocinfo", sites, parse_allocinfo);
  reading_.balloon_sites_kib = sites.balloon_kib;
  if (sites.largest) reading_.traces.push_back(std::move(*sites.largest));
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
  files.percpu_sum = text("percpu_areas");
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
  take("mm_struct", reading_.mm_structs, parse_mm_structs);
  take("processes", reading_.processes, parse_count);
  take("crash_size", reading_.crash_kernel_kib, parse_bytes);
  take("stalls", reading_.stalls, parse_count);
  take("toolbox", reading_.host_balloon_kib, parse_toolbox);
  take_balloon();
  take_traces();
  take_call_sites();
  return std::move(reading_);
}

}  // namespace

Result<GuestReading> parse_probe_output(std::string_view text) {
  auto sections = split_sections(text);
  if (!sections) return fail(sections.error());
  return Assembler(std::move(*sections)).assemble();
}

}  // namespace ballast::model
