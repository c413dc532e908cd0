#include "model/parse/oom_lines.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "model/guest_reading.h"
#include "model/parse/oom_dump.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMaxDumps = 200;
constexpr std::size_t kMaxDumpLine = 4096;

// The counters of the whole machine, in pages, as the kernels name them.
constexpr std::array<std::string_view, 27> kDumpCounters = {"active_anon",
                                                            "inactive_anon",
                                                            "isolated_anon",
                                                            "active_file",
                                                            "inactive_file",
                                                            "isolated_file",
                                                            "unevictable",
                                                            "dirty",
                                                            "writeback",
                                                            "slab_reclaimable",
                                                            "slab_unreclaimable",
                                                            "mapped",
                                                            "shmem",
                                                            "pagetables",
                                                            "sec_pagetables",
                                                            "bounce",
                                                            "kernel_misc_reclaimable",
                                                            "free",
                                                            "free_pcp",
                                                            "free_cma",
                                                            "active",
                                                            "inactive",
                                                            "slab",
                                                            "mapped-file",
                                                            "mapped-anon",
                                                            "unstable",
                                                            "secondary_pagetables"};

// What is summed over nodes and zones, in KiB.
constexpr std::array<std::string_view, 14> kZoneFields = {
    "free",         "managed",       "present",     "active_anon", "inactive_anon",
    "active_file",  "inactive_file", "unevictable", "active",      "inactive",
    "kernel_stack", "writeback_tmp", "free_pcp",    "min"};

template <std::size_t N>
std::optional<std::string_view> one_of(const std::array<std::string_view, N>& names,
                                       std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt : std::optional(*found);
}

struct Field {
  std::string_view name;
  std::int64_t value = 0;
  bool kib = false;
};

// Splits "active_anon:314047" or "managed:15904kB"; empty for any other word.
std::optional<Field> field_of(std::string_view word) {
  const auto colon = word.rfind(':');
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  Field field{word.substr(0, colon), 0, false};
  auto digits = word.substr(colon + 1);
  if (digits.ends_with("kB") || digits.ends_with("KB")) {
    field.kib = true;
    digits.remove_suffix(2);
  }
  const auto value = parse_number(digits);
  if (!value || *value > kMaxDumpNumber) return std::nullopt;
  field.value = *value;
  return field;
}

// Returns the number that follows `key` on the line, blanks and "=" between them skipped.
std::optional<std::int64_t> number_after(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = line.substr(at + key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" =:"), rest.size()));
  const auto number =
      parse_number(rest.substr(0, std::min(rest.find_first_not_of("0123456789"), rest.size())));
  return number && *number <= kMaxDumpNumber ? number : std::nullopt;
}

// Returns the number before `key` on the line: 524157 of "524157 pages RAM".
std::optional<std::int64_t> number_before(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const auto before = trim(line.substr(0, at));
  const auto blank = before.find_last_not_of("0123456789");
  const auto number =
      parse_number(blank == std::string_view::npos ? before : before.substr(blank + 1));
  return number && *number <= kMaxDumpNumber ? number : std::nullopt;
}

void keep(std::optional<std::int64_t>& target, std::optional<std::int64_t> value) {
  if (!target) target = value;
}

void add(DumpSums& sums, std::string_view name, std::int64_t value) {
  auto& sum = sums[name];
  if (value <= kMaxDumpNumber - sum) sum += value;
}

// Counters of the machine, or sums over nodes and zones: the unit tells. Zones name their free
// pages and a watermark; nodes do neither.
void read_fields(std::string_view line, OomDump& dump) {
  const bool zone =
      line.find("free:") != std::string_view::npos && line.find(" min:") != std::string_view::npos;
  const bool node = !zone && line.find("Node ") != std::string_view::npos;
  auto rest = line;
  for (auto word = next_word(rest); !word.empty(); word = next_word(rest)) {
    auto field = field_of(word);
    if (!field) continue;
    if (!field->kib) {
      // Before 2.6.31 the first name is capitalised.
      if (field->name == "Active") field->name = "active";
      if (field->name == "Active_anon") field->name = "active_anon";
      if (const auto name = one_of(kDumpCounters, field->name))
        dump.pages.emplace(*name, field->value);
      continue;
    }
    const auto name = one_of(kZoneFields, field->name);
    if (!name || (!zone && !node)) continue;
    add(zone ? dump.zones : dump.nodes, *name, field->value);
    if (*name == "managed") dump.zone_managed_kib.push_back(field->value);
  }
}

// "Node 0 DMA: 3*4kB (U) 1*8kB …" begins with the size of one page.
void read_page_size(std::string_view line, OomDump& dump) {
  const auto star = line.find('*');
  if (dump.page_size_told || star == 0 || star == std::string_view::npos ||
      !is_digit(line[star - 1])) {
    return;
  }
  const auto size = number_after(line, "*");
  const bool real = size && (*size == 4 || *size == 8 || *size == 16 || *size == 64);
  if (!real) return;
  dump.page_kib = *size;
  dump.page_size_told = true;
}

// "CPU    0: hi:  186, btch:  31 usd:  30"; RHEL 5: "cpu 0 hot: high 186, batch 31 used:30"; in
// between, two lists on one line.
void read_lists(std::string_view line, OomDump& dump) {
  for (const auto* key : {"usd:", "used:"}) {
    auto rest = line;
    for (auto at = rest.find(key); at != std::string_view::npos; at = rest.find(key)) {
      rest = rest.substr(at);
      if (const auto pages = number_after(rest, key)) {
        dump.list_pages = std::min(dump.list_pages.value_or(0) + *pages, kMaxDumpNumber);
      }
      rest.remove_prefix(4);
    }
  }
  for (const auto* key : {"CPU ", "cpu "}) {
    const auto cpu = number_after(line, key);
    if (cpu && *cpu < kMaxCpus) dump.cpus.insert(*cpu);
  }
}

// "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB"
void read_pool(std::string_view line, OomDump& dump) {
  const auto total = number_after(line, "hugepages_total=");
  const auto size = number_after(line, "hugepages_size=");
  if (!total || !size || *size == 0 || dump.pools.size() >= 16) return;
  auto& pages = dump.pools[*size];
  if (*total <= kMaxDumpNumber - pages) pages += *total;
}

void read_totals(std::string_view line, OomDump& dump) {
  keep(dump.ram_pages, number_before(line, " pages RAM"));
  keep(dump.ram_pages, number_before(line, " pages of RAM"));
  keep(dump.reserved_pages, number_before(line, " pages reserved"));
  keep(dump.reserved_pages, number_before(line, " reserved pages"));
  keep(dump.poisoned_pages, number_before(line, " pages hwpoisoned"));
  keep(dump.swap_cache_pages, number_before(line, " pages in swap cache"));
  keep(dump.swap_cache_pages, number_before(line, " pages swap cached"));
  keep(dump.free_swap_kib, number_after(line, "Free swap "));
  keep(dump.total_swap_kib, number_after(line, "Total swap "));
}

// The lines that end a dump; what follows has figures of its own.
bool ends_dump(std::string_view line) {
  constexpr std::array<std::string_view, 9> kEnds = {
      "[ pid ]",       "[  pid  ]",   "Tasks state", "invoked oom-killer",     "Memory cgroup",
      "Out of memory", "Call Trace:", "oom-kill:",   "page allocation failure"};
  return std::any_of(kEnds.begin(), kEnds.end(), [line](std::string_view end) {
    return line.find(end) != std::string_view::npos;
  });
}

// A log may have been cut off above its counters.
bool has_counters(std::string_view line) {
  return line.find("active_anon:") != std::string_view::npos &&
         line.find(" isolated_anon:") != std::string_view::npos;
}

bool begins_dump(std::string_view line) {
  line = trim(line);
  return line.ends_with("Mem-Info:") || line.ends_with("Mem-info:");
}

// Finds "2.6.32-279.el6.x86_64" in "Pid: 1743, comm: sshd Tainted: G  H 2.6.32-279.el6.x86_64 #1"
// and "… Not tainted 4.2.0-next #110"; "" for another line.
std::string_view release_in_dump(std::string_view line) {
  const auto at = line.find("ainted");
  const auto version = line.find("Linux version ");
  if (version != std::string_view::npos) {
    auto rest = line.substr(version + std::string_view("Linux version ").size());
    return next_word(rest);
  }
  if (at == std::string_view::npos) return {};
  auto rest = line.substr(at);
  for (auto word = next_word(rest); !word.empty(); word = next_word(rest)) {
    if (is_digit(word.front()) && word.find('.') != std::string_view::npos) return word;
  }
  return {};
}

// "[  174.062364]" -> 174; dmesg's and syslog's.
std::optional<std::int64_t> seconds_in(std::string_view line) {
  const auto open = line.find('[');
  if (open == std::string_view::npos) return std::nullopt;
  const auto inside = trim(line.substr(open + 1, 24));
  const auto dot = inside.find('.');
  if (dot == std::string_view::npos || inside.find(']') < dot) return std::nullopt;
  return parse_number(inside.substr(0, dot));
}

// Goes through the log, line by line.
class LogReader {
 public:
  std::vector<OomDump> read(std::string_view log);

 private:
  void read_line(std::string_view line);
  void finish() {
    if (dump_) dumps_.push_back(std::move(*dump_));
    dump_.reset();
  }

  std::vector<OomDump> dumps_;
  std::optional<OomDump> dump_;
  std::string release_;
  std::string machine_;  // the line that names it, for read_boot_log()
};

void LogReader::read_line(std::string_view line) {
  if (const auto release = release_in_dump(line); !release.empty()) {
    release_ = std::string(release.substr(0, kMaxPlatformText));
  }
  if (machine_.empty() && line.find("Hardware name: ") != std::string_view::npos) machine_ = line;
  const bool headless = !dump_ && has_counters(line);
  if (begins_dump(line) || headless) {
    finish();
    if (dumps_.size() >= kMaxDumps) return;
    dump_.emplace();
    dump_->release = release_;
    dump_->uptime_s = seconds_in(line);
    if (!headless) return;
  }
  if (!dump_) return;
  if (ends_dump(line)) return finish();
  read_fields(line, *dump_);
  read_page_size(line, *dump_);
  read_lists(line, *dump_);
  read_pool(line, *dump_);
  read_totals(line, *dump_);
}

// rsyslog writes a line feed inside a message as "#012".
std::vector<OomDump> LogReader::read(std::string_view log) {
  constexpr std::string_view kLineFeed = "#012";
  for (auto line : split_lines(log)) {
    line = line.substr(0, kMaxDumpLine);
    for (auto at = line.find(kLineFeed); at != std::string_view::npos; at = line.find(kLineFeed)) {
      read_line(line.substr(0, at));
      line.remove_prefix(at + kLineFeed.size());
    }
    read_line(line);
  }
  finish();
  for (auto& dump : dumps_) dump.machine_line = machine_;
  return std::move(dumps_);
}

}  // namespace

bool looks_like_oom_dump(std::string_view log) {
  const auto lines = split_lines(log);
  return std::any_of(lines.begin(), lines.end(),
                     [](std::string_view line) { return begins_dump(line) || has_counters(line); });
}

std::vector<OomDump> find_oom_dumps(std::string_view log) { return LogReader().read(log); }

}  // namespace ballast::model
