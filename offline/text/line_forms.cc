#include "offline/text/line_forms.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "model/parse/numbers.h"
#include "model/parse/other_tools.h"
#include "model/parse/toolbox.h"
#include "model/parse/vmmemctl.h"
#include "offline/text/meminfo_piece.h"

namespace ballast::offline {

namespace {

using Words = std::vector<std::string_view>;

Words words_of_line(std::string_view line) {
  constexpr std::size_t kMostWords = 16;  // more never matter here
  Words words;
  for (auto word = model::next_word(line); !word.empty() && words.size() < kMostWords;
       word = model::next_word(line)) {
    words.push_back(word);
  }
  return words;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool all_digits(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), model::is_digit);
}

bool begins_with_one_of(std::string_view line, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [line](std::string_view start) { return line.starts_with(start); });
}

bool is_small_letter(char c) { return c >= 'a' && c <= 'z'; }

// vmstat: "nr_free_pages 492353".

bool goes_on_vmstat(std::string_view line) {
  const auto words = words_of_line(line);
  const bool counter = words.size() == 2 && is_small_letter(words[0].front()) &&
                       std::all_of(words[0].begin(), words[0].end(), [](char c) {
                         return is_small_letter(c) || model::is_digit(c) || c == '_';
                       });
  return counter && model::is_digit(words[1].front());
}

bool begins_vmstat(std::string_view line) {
  return goes_on_vmstat(line) &&
         begins_with_one_of(line, {"nr_", "balloon_", "numa_", "workingset_", "allocstall_", "pg",
                                   "pswp", "compact_", "thp_", "kswapd_", "oom_kill", "swap_ra",
                                   "unevictable_", "drop_", "htlb_", "slabs_scanned"});
}

// zoneinfo: "Node 0, zone      DMA", and nothing behind.

bool is_of_node(const Words& words) {
  return words.size() >= 3 && words[0] == "Node" && words[1].ends_with(',') && words[2] == "zone";
}

bool begins_zoneinfo(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() == 4 && is_of_node(words) && !words[3].ends_with(',');
}

bool goes_on_zoneinfo(std::string_view line) {
  if (line == "pagesets" || line == "per-node stats" || begins_zoneinfo(line)) return true;
  const bool has_figure = line.find_first_of("0123456789") != std::string_view::npos;
  return has_figure && is_small_letter(line.front()) && words_of_line(line).size() <= 12 &&
         !line.starts_with("balloon_") && !contains(line, " pages");
}

// The same beginnings, other files: "Node 0, zone DMA 1 1 1", "Node 0 MemTotal: 2054412 kB",
// "Node 0 DMA free:7312kB min:400kB".

bool begins_buddyinfo(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() > 4 && is_of_node(words);
}

bool begins_node_meminfo(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() >= 4 && words[0] == "Node" && all_digits(words[1]) &&
         words[2].ends_with(':') && words[2].front() >= 'A' && words[2].front() <= 'Z' &&
         all_digits(words[3]);
}

bool begins_zone_lines(std::string_view line) {
  const auto words = words_of_line(line);
  const bool node = words.size() >= 4 && words[0] == "Node" && all_digits(words[1]);
  return node && (words[3].starts_with("free:") || words[2].starts_with("hugepages_") ||
                  words[2].ends_with(':'));
}

bool goes_on_zone_lines(std::string_view line) {
  return begins_zone_lines(line) || line.starts_with("lowmem_reserve[]") ||
         contains(line, "total pagecache pages") || contains(line, "pages in swap cache") ||
         begins_with_one_of(line, {"Swap cache stats:", "Free swap", "Total swap"}) ||
         contains(line, " pages RAM") || contains(line, "pages HighMem") ||
         contains(line, " pages reserved") || contains(line, " pages hwpoisoned") ||
         contains(line, "pages cma reserved");
}

// vmallocinfo: "0xffffb2c500000000-0xffffb2c500005000   20480 irq_init_percpu_irqstack+0x114".

bool begins_vmallocinfo(std::string_view line) {
  return line.starts_with("0x") && contains(line.substr(0, 48), "-0x");
}

// The driver's status: "target:  131072 pages", "is resetting          :                n".

std::pair<std::string_view, std::string_view> key_and_value(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  return {trim(line.substr(0, colon)), trim(line.substr(colon + 1))};
}

bool begins_vmmemctl(std::string_view line) {
  const auto [key, value] = key_and_value(line);
  if (key == "balloon capabilities" || key == "used capabilities" || key == "is resetting") {
    return !value.empty();
  }
  if ((key != "target" && key != "current") || value.empty()) return false;
  const auto words = words_of_line(value);
  return model::is_digit(words[0].front()) &&
         (words.size() == 1 || (words.size() == 2 && words[1] == "pages"));
}

bool goes_on_vmmemctl(std::string_view line) {
  const auto [key, value] = key_and_value(line);
  if (key.empty() || value.empty()) return false;
  const bool small = is_small_letter(key.front()) || model::is_digit(key.front());
  return small && (model::is_digit(value.front()) || value == "y" || value == "n");
}

// modules and lsmod: "vmw_balloon 24576 0 - Live 0x0000000000000000", "vmw_balloon  24576  0".

bool begins_modules(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() >= 6 && all_digits(words[1]) &&
         (words[4] == "Live" || words[4] == "Loading" || words[4] == "Unloading");
}

bool goes_on_lsmod(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() >= 3 && words.size() <= 4 && all_digits(words[1]) &&
         words[2].find_first_not_of("-0123456789") == std::string_view::npos &&
         !all_digits(words[0]);
}

bool begins_lsmod(std::string_view line) {
  const auto words = words_of_line(line);
  const bool heading = words.size() == 4 && words[0] == "Module" && words[1] == "Size";
  return heading || (goes_on_lsmod(line) && !model::find_balloon_module(line).empty());
}

bool begins_slabinfo(std::string_view line) {
  return line.starts_with("slabinfo - version") || contains(line, "<active_objs>") ||
         contains(line, ": tunables ");
}

// Files of one line.

bool is_two_decimals(std::string_view word) {
  const auto dot = word.find('.');
  return dot != std::string_view::npos && all_digits(word.substr(0, dot)) &&
         all_digits(word.substr(dot + 1)) && word.size() - dot == 3;
}

bool begins_uptime(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() == 2 && is_two_decimals(words[0]) && is_two_decimals(words[1]);
}

bool begins_uptime_command(std::string_view line) {
  return contains(line, " up ") && contains(line, "load average:") && !line.starts_with("top");
}

bool begins_loadavg(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() == 5 && is_two_decimals(words[0]) && is_two_decimals(words[1]) &&
         is_two_decimals(words[2]) && contains(words[3], "/") && all_digits(words[4]);
}

// "4.18.0-348.2.1.el8.x86_64" alone.
bool begins_release(std::string_view line) {
  const auto dash = line.find('-');
  const auto dot = line.find('.');
  constexpr std::size_t kLongestWord = 64;
  return line.size() <= kLongestWord && line.find_first_of(" \t:,;/=") == std::string_view::npos &&
         dot != std::string_view::npos && dash != std::string_view::npos && dot < dash &&
         all_digits(line.substr(0, dot)) && dot <= 2 &&
         line.substr(0, dash).find_first_not_of("0123456789.") == std::string_view::npos;
}

bool begins_uname(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() >= 4 && words[0] == "Linux" && words[1] != "version" &&
         model::is_digit(words[2].front()) && contains(words[2], ".");
}

bool begins_version(std::string_view line) { return line.starts_with("Linux version "); }

bool begins_cmdline(std::string_view line) {
  return begins_with_one_of(line, {"BOOT_IMAGE=", "ro root=", "root="});
}

// "Tue Jul 29 04:00:02 UTC 2025".
bool begins_date(std::string_view line) {
  constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
  const auto words = words_of_line(line);
  return words.size() >= 5 && words.size() <= 7 && words[0].size() == 3 &&
         kDays.find(words[0]) != std::string_view::npos &&
         std::any_of(words.begin(), words.end(), [](auto word) {
           return word.size() == 8 && word[2] == ':' && word[5] == ':';
         });
}

// Tables of consumers.

bool begins_swaps(std::string_view line) {
  return line.starts_with("Filename") && contains(line, "Type") && contains(line, "Size");
}

bool goes_on_swaps(std::string_view line) {
  return line.starts_with('/') && words_of_line(line).size() == 5;
}

bool begins_sockstat(std::string_view line) { return line.starts_with("sockets: used "); }

bool goes_on_sockstat(std::string_view line) {
  return begins_with_one_of(line, {"TCP: ", "UDP: ", "UDPLITE: ", "RAW: ", "FRAG: "});
}

bool begins_partitions(std::string_view line) {
  return line.starts_with("major minor") && contains(line, "#blocks");
}

bool goes_on_partitions(std::string_view line) {
  const auto words = words_of_line(line);
  return words.size() == 4 && all_digits(words[0]) && all_digits(words[1]);
}

bool begins_pressure(std::string_view line) { return line.starts_with("some avg10="); }
bool goes_on_pressure(std::string_view line) { return line.starts_with("full avg10="); }

bool begins_iomem(std::string_view line) {
  const auto dash = line.find('-');
  const auto colon = line.find(" : ");
  const auto is_hex = [](std::string_view digits) {
    return digits.size() >= 8 &&
           digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  return dash < colon && colon != std::string_view::npos && is_hex(line.substr(0, dash)) &&
         is_hex(line.substr(dash + 1, colon - dash - 1));
}

bool begins_allocinfo(std::string_view line) { return line.starts_with("allocinfo - version"); }

// "    4096      1 mm/slub.c:2222 func:alloc_slab_page".
bool goes_on_allocinfo(std::string_view line) {
  const auto words = words_of_line(line);
  return line.starts_with("#") || (words.size() >= 3 && all_digits(words[0]) &&
                                   all_digits(words[1]) && contains(line, "func:"));
}

bool begins_toolbox_resources(std::string_view line) { return line.starts_with("guest.mem."); }

bool goes_on_toolbox_resources(std::string_view line) {
  return contains(line, " = ") && begins_with_one_of(line, {"guest.", "host."});
}

bool begins_toolbox_balloon(std::string_view line) {
  return model::parse_toolbox_balloon(line).has_value();
}

bool never(std::string_view) { return false; }

struct LineForm {
  TextKind kind;
  bool (*begins)(std::string_view line);
  bool (*goes_on)(std::string_view line);
};

// The first whose begins() holds is taken. What is told by whole words stands before what is told
// by its shape alone.
constexpr std::array kForms = {
    LineForm{TextKind::kMeminfo, begins_meminfo_field, begins_meminfo_field},
    LineForm{TextKind::kZoneinfo, begins_zoneinfo, goes_on_zoneinfo},
    LineForm{TextKind::kBuddyinfo, begins_buddyinfo, begins_buddyinfo},
    LineForm{TextKind::kNodeMeminfo, begins_node_meminfo, begins_node_meminfo},
    LineForm{TextKind::kZoneLines, begins_zone_lines, goes_on_zone_lines},
    LineForm{TextKind::kVmallocinfo, begins_vmallocinfo, begins_vmallocinfo},
    LineForm{TextKind::kVmmemctl, begins_vmmemctl, goes_on_vmmemctl},
    LineForm{TextKind::kVmstat, begins_vmstat, goes_on_vmstat},
    LineForm{TextKind::kSlabinfo, begins_slabinfo, begins_slabinfo},
    LineForm{TextKind::kModules, begins_modules, begins_modules},
    LineForm{TextKind::kLsmod, begins_lsmod, goes_on_lsmod},
    LineForm{TextKind::kToolboxResources, begins_toolbox_resources, goes_on_toolbox_resources},
    LineForm{TextKind::kToolboxBalloon, begins_toolbox_balloon, never},
    LineForm{TextKind::kOtherTool, model::begins_other_tool, model::goes_on_other_tool},
    LineForm{TextKind::kSwaps, begins_swaps, goes_on_swaps},
    LineForm{TextKind::kSockstat, begins_sockstat, goes_on_sockstat},
    LineForm{TextKind::kPartitions, begins_partitions, goes_on_partitions},
    LineForm{TextKind::kPressure, begins_pressure, goes_on_pressure},
    LineForm{TextKind::kIomem, begins_iomem, begins_iomem},
    LineForm{TextKind::kAllocinfo, begins_allocinfo, goes_on_allocinfo},
    LineForm{TextKind::kVersion, begins_version, never},
    LineForm{TextKind::kUname, begins_uname, never},
    LineForm{TextKind::kCmdline, begins_cmdline, never},
    LineForm{TextKind::kUptimeCommand, begins_uptime_command, never},
    LineForm{TextKind::kUptime, begins_uptime, never},
    LineForm{TextKind::kLoadavg, begins_loadavg, never},
    LineForm{TextKind::kDate, begins_date, never},
    LineForm{TextKind::kRelease, begins_release, never},
};

}  // namespace

std::optional<TextKind> kind_begun_by(std::string_view line) {
  const auto* const form = std::find_if(kForms.begin(), kForms.end(),
                                        [line](const LineForm& row) { return row.begins(line); });
  if (form == kForms.end()) return std::nullopt;
  return form->kind;
}

bool goes_on(TextKind kind, std::string_view line) {
  const auto* const form = std::find_if(kForms.begin(), kForms.end(),
                                        [kind](const LineForm& row) { return row.kind == kind; });
  if (form == kForms.end()) return false;
  // A new kernel may have fields that nobody knows yet.
  const bool new_field = kind == TextKind::kMeminfo && meminfo_fields(line);
  return new_field || form->goes_on(line);
}

}  // namespace ballast::offline
