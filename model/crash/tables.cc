#include "model/crash/tables.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/units.h"
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

}  // namespace ballast::model
