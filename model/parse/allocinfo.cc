#include "model/parse/allocinfo.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kShownSites = 3;
constexpr std::size_t kMaxWord = 80;

struct Site {
  std::int64_t bytes = 0;
  std::string_view place;     // "drivers/misc/vmw_balloon.c:691"
  std::string_view function;  // "vmballoon_alloc_page_list"
};

// What these allocate is in Slab, PageTables, KernelStack, Percpu, or on the LRU lists.
constexpr std::array<std::string_view, 8> kCountedPlaces = {
    "mm/",         "kernel/fork.c", "fs/dcache.c",      "fs/inode.c",
    "fs/buffer.c", "lib/xarray.c",  "lib/maple_tree.c", "arch/x86/mm/pgtable.c"};

bool is_counted(const Site& site) {
  // Page tables are made in a header: "./include/asm-generic/pgalloc.h:63".
  return site.place.find("pgalloc.h:") != std::string_view::npos ||
         site.function.ends_with("_alloc_inode") ||
         std::any_of(kCountedPlaces.begin(), kCountedPlaces.end(),
                     [&site](std::string_view place) { return site.place.starts_with(place); });
}

bool is_of_balloon(const Site& site) {
  return site.place.starts_with("drivers/misc/vmw_balloon.c:") ||
         site.place.starts_with("mm/balloon_compaction.c:") ||
         site.place.starts_with("mm/balloon.c:");
}

// Returns a site without a place for a line of the head.
Result<Site> parse_site(std::string_view line) {
  auto rest = line;
  const auto first = next_word(rest);
  if (first.empty() || !is_digit(first.front())) return Site();
  const auto bytes = parse_number(first);
  const auto calls = parse_number(next_word(rest));
  Site site{bytes.value_or(0), next_word(rest), {}};
  const auto colon = site.place.rfind(':');
  if (!bytes || !calls || colon == std::string_view::npos || colon == 0) {
    return bad_line("allocinfo", line);
  }
  constexpr std::string_view kFunction = "func:";
  for (auto word = next_word(rest); !word.empty(); word = next_word(rest)) {
    if (word.starts_with(kFunction)) site.function = word.substr(kFunction.size());
  }
  return site;
}

ConsumerTrace trace_of(const std::vector<Site>& sites) {
  ConsumerTrace trace{Consumer::kCallSites, 0, ""};
  for (const auto& site : sites) {
    *trace.kib += kib_from_bytes(site.bytes);
    if (!trace.detail.empty()) trace.detail += ", ";
    trace.detail +=
        fmt::format("{} {} {}", site.place.substr(0, kMaxWord), site.function.substr(0, kMaxWord),
                    format_size(kib_from_bytes(site.bytes)));
  }
  return trace;
}

}  // namespace

Result<CallSites> parse_allocinfo(std::string_view text) {
  CallSites found;
  std::vector<Site> largest;
  for (const auto line : split_lines(text)) {
    const auto site = parse_site(line);
    if (!site) return fail(site.error());
    if (site->place.empty()) continue;
    if (is_of_balloon(*site)) {
      found.balloon_kib = found.balloon_kib.value_or(0) + kib_from_bytes(site->bytes);
    } else if (!is_counted(*site) && site->bytes >= kKibPerMib * 1024) {
      largest.push_back(*site);
    }
  }
  std::stable_sort(largest.begin(), largest.end(),
                   [](const Site& a, const Site& b) { return a.bytes > b.bytes; });
  largest.resize(std::min(largest.size(), kShownSites));
  if (!largest.empty()) found.largest = trace_of(largest);
  return found;
}

}  // namespace ballast::model
