#include "cli/wording.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/units.h"

namespace ballast::cli {

namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr std::array<Entry, 5> kToleranceTitles = {{
    {"counters", "counter lag"},
    {"baseline", "baseline spread"},
    {"unread", "unread parts"},
    {"host_rounding", "vCenter's rounding"},
    {"skew", "balloon moved meanwhile"},
}};

// The keys are those of model/account.h.
constexpr std::array<Entry, 23> kPartTitles = {{
    {"free", "free"},
    {"pcp", "free, on per-CPU lists"},
    {"anon_lru", "anonymous and shared memory"},
    {"file_lru", "page cache of files"},
    {"unevictable", "locked (unevictable)"},
    {"isolated", "isolated by reclaim"},
    {"slab", "slab"},
    {"kernel_reclaimable", "other reclaimable kernel"},
    {"kernel_stack", "kernel stacks"},
    {"page_tables", "page tables"},
    {"sec_page_tables", "secondary page tables"},
    {"vmalloc", "vmalloc"},
    {"percpu", "per-CPU data"},
    {"memmap", "page descriptors (memmap)"},
    {"hugetlb", "huge page pools"},
    {"zsmalloc", "compressed (zsmalloc)"},
    {"zswap", "compressed (zswap)"},
    {"zram", "compressed (zram)"},
    {"bounce", "bounce buffers"},
    {"writeback_tmp", "FUSE writeback"},
    {"hardware_corrupted", "bad hardware pages"},
    {"gpu_active", "graphics"},
    {"gpu_reclaim", "graphics, reclaimable"},
}};

template <std::size_t N>
std::string title_of(const std::array<Entry, N>& titles, std::string_view key) {
  const auto* found = std::find_if(titles.begin(), titles.end(),
                                   [&](const Entry& entry) { return entry.first == key; });
  if (found != titles.end()) return std::string(found->second);
  std::string words(key);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// Tenths of a MiB, rounded half away from zero.
std::int64_t tenths_of_mib(std::int64_t kib) {
  const std::int64_t half = kib < 0 ? -kKibPerMib / 2 : kKibPerMib / 2;
  return (kib * 10 + half) / kKibPerMib;
}

std::string with_tenths(std::int64_t tenths) {
  const std::string_view sign = tenths < 0 ? "-" : "";
  const std::int64_t magnitude = std::abs(tenths);
  return fmt::format("{}{}.{}", sign, grouped(magnitude / 10), magnitude % 10);
}

}  // namespace

Signs signs_for(const StreamTraits& traits) {
  return traits.unicode ? Signs{"±", "−", "–"} : Signs{"+/-", "-", "-"};
}

std::string grouped(std::int64_t value) {
  std::string digits = fmt::format("{}", value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

std::string mib(std::int64_t kib) { return with_tenths(tenths_of_mib(kib)); }

std::string whole_mib(std::int64_t kib) {
  const std::int64_t half = kib < 0 ? -kKibPerMib / 2 : kKibPerMib / 2;
  return grouped((kib + half) / kKibPerMib);
}

std::string signed_mib(std::int64_t kib) {
  const std::int64_t tenths = tenths_of_mib(kib);
  return (tenths > 0 ? "+" : "") + with_tenths(tenths);
}

std::string or_dash(const std::optional<std::int64_t>& kib, std::string (*format)(std::int64_t)) {
  return kib ? format(*kib) : "-";
}

std::string format_when(UtcTime time) {
  // fmt 9 would print a time point in the local zone.
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

std::string format_age(UtcTime time, UtcTime now) {
  using std::chrono::hours;
  using std::chrono::minutes;
  const auto age = now - time;
  if (age < minutes(1)) return "just now";
  if (age < hours(1)) return fmt::format("{} min ago", age / minutes(1));
  if (age < hours(48)) return fmt::format("{} h ago", age / hours(1));
  return fmt::format("{} days ago", grouped(age / hours(24)));
}

std::string part_title(std::string_view key) { return title_of(kPartTitles, key); }

std::string tolerance_title(std::string_view key) { return title_of(kToleranceTitles, key); }

std::string_view describe(model::Proof proof) {
  switch (proof) {
    case model::Proof::kPoint:
      return "both figures agree in one reading";
    case model::Proof::kDriver:
      return "the guest's balloon driver reports the same figure";
    case model::Proof::kLockstep:
      return "it followed the balloon up and down";
    case model::Proof::kNone:
      break;
  }
  return {};
}

std::string_view proof_or_reason(const model::Judgement& judgement) {
  if (judgement.verdict == model::Verdict::kUnknown) return model::describe(judgement.reason);
  return judgement.leak ? "leak" : model::to_string(judgement.proof);
}

}  // namespace ballast::cli
