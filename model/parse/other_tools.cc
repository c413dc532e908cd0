#include "model/parse/other_tools.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <map>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMostBalloons = 1000;

using Cells = std::vector<std::string_view>;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Cells blank_cells(std::string_view line) {
  Cells cells;
  for (auto word = next_word(line); !word.empty(); word = next_word(line)) cells.push_back(word);
  return cells;
}

std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (text.empty() || error != std::errc{} || stop != end || !(value >= 0)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> kib_of(double value, double unit_kib) {
  const double kib = std::floor(value * unit_kib);
  if (!(kib >= 0) || kib > static_cast<double>(kMaxNumber)) return std::nullopt;
  return static_cast<std::int64_t>(kib);
}

// Returns how many KiB "K", "Mi", "GB" are; empty for what is no unit.
std::optional<double> unit_in_kib(std::string_view unit) {
  if (unit.empty()) return 1;
  if (unit == "B") return 1.0 / 1024;
  const auto rest = unit.substr(1);
  if (!rest.empty() && rest != "i" && rest != "B" && rest != "iB") return std::nullopt;
  switch (unit.front()) {
    case 'K':
    case 'k':
      return 1;
    case 'M':
    case 'm':
      return kKibPerMib;
    case 'G':
    case 'g':
      return kKibPerGib;
    case 'T':
    case 't':
      return 1024.0 * kKibPerGib;
    default:
      return std::nullopt;
  }
}

// Reads "31Gi", "300.1M", "2054412" in units of `bare_kib` where it has none.
std::optional<std::int64_t> tool_size(std::string_view text, double bare_kib) {
  const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto value = parse_decimal(text.substr(0, digits));
  const auto unit = unit_in_kib(text.substr(digits));
  if (!value || !unit) return std::nullopt;
  return kib_of(*value, digits == text.size() ? bare_kib : *unit);
}

std::optional<std::int64_t> less(std::optional<std::int64_t> from,
                                 std::initializer_list<std::optional<std::int64_t>> parts) {
  for (const auto& part : parts) {
    if (from && part) from = *from - *part;
  }
  return from && *from >= 0 ? from : std::nullopt;
}

// free

bool is_free_head(std::string_view line) {
  const auto cells = blank_cells(line);
  return cells.size() >= 3 && cells[0] == "total" && cells[1] == "used" && cells[2] == "free";
}

// Returns the value of the column `name`; the heading has no title above the row's own name.
std::optional<std::int64_t> column(const Cells& heads, const Cells& row, std::string_view name,
                                   double unit) {
  const auto at = std::find(heads.begin(), heads.end(), name);
  const auto index = static_cast<std::size_t>(at - heads.begin()) + 1;
  if (at == heads.end() || index >= row.size()) return std::nullopt;
  return tool_size(row[index], unit);
}

// Returns the unit that the options of free name, in KiB; empty where the command is not known or
// prints powers of 1000.
std::optional<double> free_unit(std::string_view command) {
  const auto words = blank_cells(command);
  const auto is_free = [](auto word) { return word == "free" || word.ends_with("/free"); };
  const auto at = std::find_if(words.begin(), words.end(), is_free);
  if (at == words.end()) return std::nullopt;
  double unit = 1;
  for (auto option = at + 1; option != words.end() && option->starts_with('-'); ++option) {
    if (*option == "--si" || *option == "--kilo" || *option == "--mega" || *option == "--giga") {
      return std::nullopt;
    }
    const bool is_long = option->starts_with("--");
    if (*option == "--bytes" || (!is_long && has(*option, "b"))) unit = 1.0 / 1024;
    if (*option == "--mebi" || (!is_long && has(*option, "m"))) unit = kKibPerMib;
    if (*option == "--gibi" || (!is_long && has(*option, "g"))) unit = kKibPerGib;
  }
  return unit;
}

ToolFigures read_free(std::string_view text, std::string_view command) {
  ToolFigures figures;
  figures.tool = "free";
  Cells heads;
  for (const auto line : split_lines(text)) {
    if (is_free_head(trim(line))) heads = blank_cells(line);
    const auto row = blank_cells(line);
    if (heads.empty() || row.size() < 4 || row[0] != "Mem:") continue;
    const auto unit = free_unit(command);
    const auto in = [&](auto name) { return column(heads, row, name, unit.value_or(1)); };
    figures.total_kib = in("total");
    figures.missing_at_most_kib =
        less(figures.total_kib,
             {in("free"), in("buff/cache"), in("buffers"), in("cached"), in("cache")});
    const bool has_units = row[1].find_first_not_of("0123456789.") != std::string_view::npos;
    figures.unit_known = has_units || unit;
    break;
  }
  return figures;
}

// top

bool is_top_line(std::string_view line) {
  const bool memory = line.starts_with("KiB Mem") || line.starts_with("MiB Mem") ||
                      line.starts_with("GiB Mem") || line.starts_with("Mem: ");
  return line.starts_with("top - ") || (memory && has(line, "total") && has(line, "free"));
}

// Reads "2054412k total" and "2006.3 total" from "KiB Mem :  2054412 total,    67956 free, …".
std::optional<std::int64_t> top_figure(std::string_view line, std::string_view name, double unit) {
  auto cells = blank_cells(line);
  for (std::size_t at = 1; at < cells.size(); ++at) {
    auto title = cells[at];
    while (title.ends_with(',') || title.ends_with('.')) title.remove_suffix(1);
    if (title == name) return tool_size(cells[at - 1], unit);
  }
  return std::nullopt;
}

ToolFigures read_top(std::string_view text, std::string_view) {
  ToolFigures figures;
  figures.tool = "top";
  for (auto line : split_lines(text)) {
    line = trim(line);
    if (!is_top_line(line) || line.starts_with("top")) continue;
    double unit = 1;
    if (line.starts_with("Mi")) unit = 1024;
    if (line.starts_with("G")) unit = 1024.0 * 1024;
    figures.total_kib = top_figure(line, "total", unit);
    figures.missing_at_most_kib = less(
        figures.total_kib, {top_figure(line, "free", unit), top_figure(line, "buff/cache", unit),
                            top_figure(line, "buffers", unit)});
    break;
  }
  return figures;
}

// sar -r

// Before 11.7 kbmemused had the caches inside, and free + used was the total.
std::optional<std::int64_t> sar_total(const std::map<std::string_view, double>& row) {
  if (!row.contains("kbmemused") || !row.contains("%memused")) return std::nullopt;
  const double percent = row.at("%memused");
  return percent > 0 ? kib_of(row.at("kbmemused") / percent, 100) : std::nullopt;
}

ToolFigures read_sar(std::string_view text, std::string_view) {
  ToolFigures figures;
  figures.tool = "sar -r";
  Cells heads;
  for (const auto line : split_lines(text)) {
    auto cells = blank_cells(line);
    const bool heading = has(line, "kbmemfree");
    if (heading) {
      heads = cells;
      continue;
    }
    if (heads.empty() || cells.size() != heads.size() || cells[0] == "Average:") continue;
    std::map<std::string_view, double> row;
    for (std::size_t at = 0; at < cells.size(); ++at) {
      if (const auto value = parse_decimal(cells[at])) row[heads[at]] = *value;
    }
    const auto total = sar_total(row);
    if (!total || !row.contains("kbmemfree")) continue;
    const auto in = [&row](std::string_view name) {
      return row.contains(name) ? kib_of(row.at(name), 1) : std::nullopt;
    };
    figures.total_kib = total;
    const auto used = in("kbmemused");
    const auto gap = std::abs(*total - *used - *in("kbmemfree"));
    const bool caches_inside = gap * 200 < *total;
    figures.missing_at_most_kib =
        caches_inside ? less(used, {in("kbbuffers"), in("kbcached")}) : used;
  }
  return figures;
}

// atop

// Returns the cell whose first word is `name`: "| vmbal  15.9G |".
std::optional<std::int64_t> atop_figure(std::string_view line, std::string_view name) {
  while (!line.empty()) {
    auto cell = line.substr(0, line.find('|'));
    line.remove_prefix(std::min(cell.size() + 1, line.size()));
    if (next_word(cell) == name) return tool_size(trim(cell), 1);
  }
  return std::nullopt;
}

ToolFigures read_atop(std::string_view text, std::string_view) {
  ToolFigures figures;
  figures.tool = "atop";
  for (const auto line : split_lines(text)) {
    if (!trim(line).starts_with("MEM |")) continue;
    figures.total_kib = atop_figure(line, "tot");
    figures.missing_at_most_kib =
        less(figures.total_kib, {atop_figure(line, "free"), atop_figure(line, "cache"),
                                 atop_figure(line, "buff"), atop_figure(line, "slab")});
    if (const auto balloon = atop_figure(line, "vmbal")) figures.balloons = {{"", *balloon}};
  }
  return figures;
}

// RVTools and esxtop: a table with a column of balloons

// Splits a record of CSV; quotes are taken off, separators inside them are kept.
std::vector<std::string> csv_cells(std::string_view line, char separator) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

bool is_rvtools_head(std::string_view line) {
  return has(line, "Ballooned") && has(line, "VM") && has(line, "Consumed");
}

char separator_of(std::string_view head) {
  for (const char separator : {'\t', ';', ','}) {
    if (head.find(separator) != std::string_view::npos) return separator;
  }
  return ',';
}

std::string without_thousands(std::string text) {
  std::erase_if(text, [](char c) { return c == ',' || c == ' ' || c == '\''; });
  return text;
}

void add_balloon(std::string vm, std::string_view figure, ToolFigures& figures) {
  const auto kib = tool_size(figure, kKibPerMib);
  if (!kib || vm.empty() || figures.balloons.size() >= kMostBalloons) return;
  figures.balloons.push_back({std::move(vm), *kib});
}

ToolFigures read_rvtools(std::string_view text, std::string_view) {
  ToolFigures figures;
  figures.tool = "RVTools";
  char separator = ',';
  std::size_t vm = 0;
  std::size_t balloon = 0;
  for (const auto line : split_lines(text)) {
    if (is_rvtools_head(line)) separator = separator_of(line);
    const auto cells = csv_cells(line, separator);
    if (is_rvtools_head(line)) {
      vm = static_cast<std::size_t>(std::find(cells.begin(), cells.end(), "VM") - cells.begin());
      balloon = static_cast<std::size_t>(std::find(cells.begin(), cells.end(), "Ballooned") -
                                         cells.begin());
      continue;
    }
    if (balloon == 0 || balloon >= cells.size() || vm >= cells.size()) continue;
    add_balloon(cells[vm], without_thousands(cells[balloon]), figures);
  }
  return figures;
}

bool is_esxtop_head(std::string_view line) {
  return has(line, "MCTLSZ") || has(line, "\\Memctl MBytes") ||
         has(line, "\\Memctl Current MBytes");
}

// Batch mode: one head of "\\host\Group Memory(1234:web17)\Memctl MBytes", then a record a moment.
void read_esxtop_batch(const std::vector<std::string>& heads, const std::vector<std::string>& row,
                       ToolFigures& figures) {
  figures.balloons.clear();
  for (std::size_t at = 0; at < std::min(heads.size(), row.size()); ++at) {
    const auto& head = heads[at];
    if (!has(head, "\\Memctl MBytes") && !has(head, "\\Memctl Current MBytes")) continue;
    const auto colon = head.find(':');
    const auto end = head.find(')');
    if (colon == std::string::npos || end == std::string::npos || end < colon) continue;
    add_balloon(head.substr(colon + 1, end - colon - 1), row[at], figures);
  }
}

// The screen: a table with a column MCTLSZ. Names may have blanks, so columns count from the end.
void read_esxtop_row(const Cells& heads, std::string_view line, ToolFigures& figures) {
  const auto cells = blank_cells(line);
  const auto name = std::find(heads.begin(), heads.end(), "NAME");
  const auto size = std::find(heads.begin(), heads.end(), "MCTLSZ");
  if (name == heads.end() || size == heads.end() || cells.size() < heads.size()) return;
  const auto from_end = static_cast<std::size_t>(heads.end() - size);
  add_balloon(std::string(cells[static_cast<std::size_t>(name - heads.begin())]),
              cells[cells.size() - from_end], figures);
}

ToolFigures read_esxtop(std::string_view text, std::string_view) {
  ToolFigures figures;
  figures.tool = "esxtop";
  std::vector<std::string> batch;
  Cells screen;
  for (const auto line : split_lines(text)) {
    if (has(line, "MCTLSZ")) {
      screen = blank_cells(line);
    } else if (is_esxtop_head(line)) {
      batch = csv_cells(line, ',');
    } else if (!batch.empty()) {
      read_esxtop_batch(batch, csv_cells(line, ','), figures);
    } else if (!screen.empty()) {
      read_esxtop_row(screen, line, figures);
    }
  }
  return figures;
}

struct Tool {
  bool (*begins)(std::string_view line);
  ToolFigures (*read)(std::string_view text, std::string_view command);
};

constexpr std::array kTools = {
    Tool{is_free_head, read_free},
    Tool{is_top_line, read_top},
    Tool{[](std::string_view line) { return has(line, "kbmemfree"); }, read_sar},
    Tool{[](std::string_view line) {
           return line.starts_with("MEM |") || line.starts_with("ATOP - ");
         },
         read_atop},
    Tool{is_rvtools_head, read_rvtools},
    Tool{is_esxtop_head, read_esxtop},
};

const Tool* tool_begun_by(std::string_view line) {
  const auto* const tool = std::find_if(kTools.begin(), kTools.end(),
                                        [line](const Tool& row) { return row.begins(line); });
  return tool == kTools.end() ? nullptr : tool;
}

}  // namespace

bool begins_other_tool(std::string_view line) { return tool_begun_by(line) != nullptr; }

// Tables of processes and VMs follow, which have no form of their own.
bool goes_on_other_tool(std::string_view) { return true; }

ToolFigures read_other_tool(std::string_view text, std::string_view command) {
  for (const auto line : split_lines(text)) {
    if (const auto* tool = tool_begun_by(trim(line))) return tool->read(text, command);
  }
  return {};
}

}  // namespace ballast::model
