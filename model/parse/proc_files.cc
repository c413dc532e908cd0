#include "model/parse/proc_files.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMaxMeminfoFields = 512;
constexpr std::size_t kMaxVmstatFields = 2048;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kShown = 80;

// Splits a line of meminfo: "MemTotal:  1862772 kB".
std::optional<std::pair<std::string_view, std::int64_t>> parse_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon > kMaxName) return std::nullopt;
  const auto name = line.substr(0, colon);
  if (name.find_first_of(" \t") != std::string_view::npos) return std::nullopt;
  auto rest = line.substr(colon + 1);
  const auto value = parse_counter(next_word(rest));
  const auto unit = next_word(rest);
  if (!value || (!unit.empty() && unit != "kB") || !trim(rest).empty()) return std::nullopt;
  return std::pair{name, *value};
}

}  // namespace

Result<Meminfo> parse_meminfo(std::string_view text) {
  Meminfo fields;
  for (const auto line : split_lines(text)) {
    if (trim(line).empty()) continue;
    const auto field = parse_line(line);
    if (!field) return bad_line("meminfo", line);
    if (!fields.emplace(field->first, field->second).second) {
      return fail(ErrorCode::kParse,
                  fmt::format("meminfo: '{}' occurs twice", printable(field->first, kShown)));
    }
    if (fields.size() > kMaxMeminfoFields) {
      return fail(ErrorCode::kParse, "meminfo: more fields than any kernel prints");
    }
  }
  if (fields.empty()) return fail(ErrorCode::kParse, "meminfo: it is empty");
  return fields;
}

Result<Vmstat> parse_vmstat(std::string_view text) {
  Vmstat fields;
  for (const auto line : split_lines(text)) {
    if (trim(line).empty()) continue;
    auto rest = line;
    const auto name = next_word(rest);
    const auto value = parse_counter(next_word(rest));
    if (name.size() > kMaxName || !value || !trim(rest).empty()) {
      return bad_line("vmstat", line);
    }
    if (!fields.emplace(name, *value).second) {
      return fail(ErrorCode::kParse,
                  fmt::format("vmstat: '{}' occurs twice", printable(name, kShown)));
    }
    if (fields.size() > kMaxVmstatFields) {
      return fail(ErrorCode::kParse, "vmstat: more counters than any kernel prints");
    }
  }
  return fields;
}

namespace {

// /proc/zoneinfo

constexpr std::string_view kThreshold = "vm stats threshold:";

// The counters of ZoneLists. From 4.8 on the LRU lists are counted by node, and by zone under names
// of their own.
struct ListCounters {
  std::int64_t free = 0;
  std::int64_t anon = 0;
  std::int64_t file = 0;
  std::int64_t unevictable = 0;
  std::int64_t isolated = 0;
  std::int64_t zone_lists = 0;  // nr_zone_*
  std::int64_t one_pair = 0;    // RHEL 5
  std::int64_t pcp_high = 0;
  unsigned seen = 0;  // bits of the rows that occurred, to tell a file that was cut off
  bool damaged = false;

  [[nodiscard]] std::optional<ZoneLists> lists() const;
};

struct ListRow {
  std::string_view name;
  std::int64_t ListCounters::*sum;
  unsigned bit;
};

constexpr unsigned kFree = 1;
constexpr unsigned kSplit = 2 | 4 | 8 | 16 | 32;
constexpr unsigned kUnsplit = 64 | 128;
constexpr unsigned kZoneLists = 256;

constexpr std::array kListRows = {
    ListRow{"pages free", &ListCounters::free, kFree},
    ListRow{"nr_inactive_anon", &ListCounters::anon, 2},
    ListRow{"nr_active_anon", &ListCounters::anon, 4},
    ListRow{"nr_inactive_file", &ListCounters::file, 8},
    ListRow{"nr_active_file", &ListCounters::file, 16},
    ListRow{"nr_unevictable", &ListCounters::unevictable, 32},
    ListRow{"active", &ListCounters::one_pair, 64},
    ListRow{"inactive", &ListCounters::one_pair, 128},
    ListRow{"nr_isolated_anon", &ListCounters::isolated, 0},
    ListRow{"nr_isolated_file", &ListCounters::isolated, 0},
    ListRow{"nr_zone_inactive_anon", &ListCounters::zone_lists, kZoneLists},
    ListRow{"nr_zone_active_anon", &ListCounters::zone_lists, kZoneLists},
    ListRow{"nr_zone_inactive_file", &ListCounters::zone_lists, kZoneLists},
    ListRow{"nr_zone_active_file", &ListCounters::zone_lists, kZoneLists},
    ListRow{"nr_zone_unevictable", &ListCounters::zone_lists, kZoneLists},
    ListRow{"high:", &ListCounters::pcp_high, 0},
};

std::optional<ZoneLists> ListCounters::lists() const {
  const bool split = (seen & kSplit) == kSplit;
  const bool unsplit = (seen & kUnsplit) == kUnsplit;
  if (damaged || (seen & kFree) == 0 || (!split && !unsplit)) return std::nullopt;
  ZoneLists lists{free, anon, split ? file : one_pair, split, unevictable, isolated, pcp_high, 0};
  if ((seen & kZoneLists) != 0) lists.moved = zone_lists - anon - file - unevictable;
  if (lists.moved > kMaxNumber || lists.moved < -kMaxNumber) return std::nullopt;
  return lists;
}

struct ZoneinfoReader {
  ZoneTotals totals;
  ListCounters lists;
  std::set<std::int64_t> cpus;
  bool any_zone = false;

  bool read(std::string_view line);
  void read_list(std::string_view key, std::string_view rest);
};

// A counter of the lists that is no number, or no sum, makes the lists unknown and no more.
void ZoneinfoReader::read_list(std::string_view key, std::string_view rest) {
  if (key == "pages") key = next_word(rest) == "free" ? "pages free" : "";
  const auto* row = std::find_if(kListRows.begin(), kListRows.end(),
                                 [key](const ListRow& one) { return one.name == key; });
  if (row == kListRows.end()) return;
  const auto pages = parse_counter(trim(rest));
  auto& sum = lists.*(row->sum);
  if (!pages || *pages > kMaxNumber - std::max<std::int64_t>(sum, 0)) {
    lists.damaged = true;
    return;
  }
  sum += *pages;
  lists.seen |= row->bit;
}

// Returns false for a line that should hold a number that we need, and does not.
bool ZoneinfoReader::read(std::string_view line) {
  auto rest = trim(line);
  if (rest.starts_with(kThreshold)) {
    return add_number(trim(rest.substr(kThreshold.size())), totals.stat_threshold_pages);
  }
  const auto key = next_word(rest);
  if (key == "Node") any_zone = true;
  if (key == "count:") return add_number(trim(rest), totals.pcp_pages);
  if (key == "managed") return add_number(trim(rest), totals.managed_pages);
  if (key == "present") return add_number(trim(rest), totals.present_pages);
  if (key == "cpu:") {
    const auto cpu = parse_number(next_word(rest));
    if (!cpu || *cpu >= kMaxCpus) return false;
    cpus.insert(*cpu);
    return true;
  }
  read_list(key, rest);
  return true;
}

// A line of the probe's sums.
struct TotalRow {
  std::string_view name;
  std::int64_t* target;
  bool of_lists;  // a sum of counters that lag, so that it may be a little below zero
};

constexpr std::size_t kPlainTotals = 5;
constexpr std::size_t kListTotals = 8;

std::optional<std::int64_t> parse_signed(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  const auto number = parse_number(negative ? digits.substr(1) : digits);
  if (!number) return std::nullopt;
  return negative ? -*number : *number;
}

}  // namespace

Result<ZoneTotals> parse_zoneinfo(std::string_view text) {
  ZoneinfoReader reader;
  for (const auto line : split_lines(text)) {
    if (!reader.read(line)) return bad_line("zoneinfo", line);
  }
  if (!reader.any_zone) return fail(ErrorCode::kParse, "zoneinfo: it has no zone");
  reader.totals.cpus = static_cast<int>(reader.cpus.size());
  reader.totals.lists = reader.lists.lists();
  return reader.totals;
}

Result<ZoneTotals> parse_zone_totals(std::string_view text) {
  ZoneTotals totals;
  ZoneLists lists;
  std::int64_t cpus = 0;
  std::int64_t split = 0;
  const std::array rows = {TotalRow{"pcp", &totals.pcp_pages, false},
                           TotalRow{"managed", &totals.managed_pages, false},
                           TotalRow{"present", &totals.present_pages, false},
                           TotalRow{"threshold", &totals.stat_threshold_pages, false},
                           TotalRow{"cpus", &cpus, false},
                           TotalRow{"free", &lists.free, true},
                           TotalRow{"anon", &lists.anon, true},
                           TotalRow{"file", &lists.file, true},
                           TotalRow{"split", &split, true},
                           TotalRow{"unevictable", &lists.unevictable, true},
                           TotalRow{"isolated", &lists.isolated, true},
                           TotalRow{"high", &lists.pcp_high, true},
                           TotalRow{"moved", &lists.moved, true}};
  std::set<std::string_view> seen;
  std::size_t of_lists = 0;
  for (const auto line : split_lines(text)) {
    auto rest = line;
    const auto name = next_word(rest);
    if (name.empty()) continue;
    const auto* row = std::find_if(rows.begin(), rows.end(),
                                   [name](const TotalRow& one) { return one.name == name; });
    if (row == rows.end() || !seen.insert(name).second) return bad_line("zoneinfo", line);
    const auto value = row->of_lists ? parse_signed(trim(rest)) : parse_number(trim(rest));
    if (!value) return bad_line("zoneinfo", line);
    *row->target = *value;
    of_lists += row->of_lists ? 1 : 0;
  }
  // Older probes do not print the lists.
  const bool complete = of_lists == 0 || of_lists == kListTotals;
  if (seen.size() - of_lists != kPlainTotals || !complete || cpus > kMaxCpus) {
    return fail(ErrorCode::kParse, "zoneinfo: its totals are incomplete or absurd");
  }
  totals.cpus = static_cast<int>(cpus);
  lists.is_split = split != 0;
  if (of_lists > 0) totals.lists = lists;
  return totals;
}

Result<std::int64_t> parse_vmallocinfo(std::string_view text) {
  constexpr std::string_view kPages = "pages=";
  std::int64_t sum = 0;
  for (const auto line : split_lines(text)) {
    bool is_vmalloc = false;
    std::optional<std::string_view> pages;
    auto rest = line;
    for (auto word = next_word(rest); !word.empty(); word = next_word(rest)) {
      if (word == "vmalloc") is_vmalloc = true;
      if (word.starts_with(kPages)) pages = word.substr(kPages.size());
    }
    // Other kinds have no pages of their own, and lines without pages= have none at all.
    if (!is_vmalloc || !pages) continue;
    const auto count = parse_number(*pages);
    if (!count || *count > kMaxNumber - sum) {
      return fail(ErrorCode::kParse, fmt::format("vmallocinfo: cannot understand the line '{}'",
                                                 printable(line, 120)));
    }
    sum += *count;
  }
  return kib_from_pages(sum);
}

namespace {

// /proc/pressure/memory

struct Stall {
  std::optional<std::int64_t> avg10_centi;
  std::optional<std::int64_t> total_us;
};

// "12.34" -> 1234; the kernel always prints two decimals.
std::optional<std::int64_t> parse_centi(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || text.size() - dot != 3) return std::nullopt;
  const auto whole = parse_number(text.substr(0, dot));
  const auto part = parse_number(text.substr(dot + 1));
  if (!whole || !part || *whole > 100) return std::nullopt;
  const auto centi = *whole * 100 + *part;
  return centi > 10000 ? std::nullopt : std::optional(centi);
}

std::optional<Stall> parse_stall(std::string_view words) {
  Stall stall;
  for (auto word = next_word(words); !word.empty(); word = next_word(words)) {
    const auto equals = word.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto key = word.substr(0, equals);
    const auto value = word.substr(equals + 1);
    if (key == "avg10") stall.avg10_centi = parse_centi(value);
    if (key == "total") stall.total_us = parse_number(value);
  }
  if (!stall.avg10_centi || !stall.total_us) return std::nullopt;
  return stall;
}

}  // namespace

Result<MemoryPressure> parse_pressure(std::string_view text) {
  std::optional<Stall> some;
  std::optional<Stall> full;
  for (auto line : split_lines(text)) {
    const auto kind = next_word(line);
    if (kind.empty()) continue;
    const bool first = (kind == "some" && !some) || (kind == "full" && !full);
    const auto stall = parse_stall(line);
    if (!first || !stall) return fail(ErrorCode::kParse, "memory pressure: not what PSI prints");
    (kind == "some" ? some : full) = stall;
  }
  if (!some || !full) return fail(ErrorCode::kParse, "memory pressure: a line is missing");
  return MemoryPressure{*some->total_us, *full->total_us, *some->avg10_centi, *full->avg10_centi};
}

}  // namespace ballast::model
