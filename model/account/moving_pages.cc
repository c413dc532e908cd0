#include "model/account/moving_pages.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/units.h"

namespace ballast::model {

namespace {

// Where zoneinfo has all of a guest, its managed pages are MemTotal, exactly. Memory that is being
// added, or a balloon of the kind that lowers MemTotal, may move it a little between the files.
constexpr std::int64_t kManagedShare = 1024;
// How far two readings of one moment may be apart beside what per-CPU lists take and give.
constexpr std::int64_t kOneMoment = kKibPerMib;

template <class Table>
std::int64_t value(const Table& table, std::string_view name) {
  const auto found = table.find(name);
  return found == table.end() ? 0 : found->second;
}

MovingPages of_meminfo(const GuestReading& reading) {
  const auto& meminfo = reading.meminfo;
  MovingPages pages;
  pages.free_kib = value(meminfo, "MemFree");
  pages.anon_kib = value(meminfo, "Active(anon)") + value(meminfo, "Inactive(anon)");
  pages.file_kib = value(meminfo, "Active") + value(meminfo, "Inactive") - pages.anon_kib;
  pages.unevictable_kib = value(meminfo, "Unevictable");
  pages.isolated_kib = kib_from_pages(value(reading.vmstat, "nr_isolated_anon") +
                                      value(reading.vmstat, "nr_isolated_file"));
  return pages;
}

MovingPages of_zones(const ZoneLists& lists) {
  MovingPages pages;
  pages.free_kib = kib_from_pages(lists.free);
  pages.anon_kib = kib_from_pages(lists.anon);
  pages.file_kib = kib_from_pages(lists.file);
  pages.unevictable_kib = kib_from_pages(lists.unevictable);
  pages.isolated_kib = kib_from_pages(lists.isolated);
  return pages;
}

MovingPages mean_of(const MovingPages& a, const MovingPages& b) {
  MovingPages pages;
  pages.free_kib = (a.free_kib + b.free_kib) / 2;
  pages.anon_kib = (a.anon_kib + b.anon_kib) / 2;
  pages.file_kib = (a.file_kib + b.file_kib) / 2;
  pages.unevictable_kib = (a.unevictable_kib + b.unevictable_kib) / 2;
  pages.isolated_kib = (a.isolated_kib + b.isolated_kib) / 2;
  return pages;
}

// Before 3.10 there are no managed pages, and those present are more than MemTotal.
bool has_all_zones(const GuestReading& reading) {
  const auto total = value(reading.meminfo, "MemTotal");
  const auto managed = kib_from_pages(reading.zones->managed_pages);
  if (managed == 0) return kib_from_pages(reading.zones->present_pages) >= total;
  return std::abs(managed - total) <= total / kManagedShare;
}

}  // namespace

MovingPages moving_pages(const GuestReading& reading, const KernelRelease& release) {
  auto first = of_meminfo(reading);
  if (!reading.zones || !reading.zones->lists || !has_all_zones(reading)) return first;
  const auto& lists = *reading.zones->lists;
  if (lists.is_split != reading.meminfo.contains("Active(anon)")) return first;
  const auto second = of_zones(lists);
  const auto apart = std::abs(second.sum_kib() - first.sum_kib());
  const auto most_pcp = kib_from_pages(std::max(lists.pcp_high, reading.zones->pcp_pages));
  // More than moves in an instant: zoneinfo was read later, as in a report of files. Then meminfo,
  // which is one with itself, is off by no more than what per-CPU lists hold.
  if (apart > most_pcp + kOneMoment) {
    first.moved_kib = most_pcp;
    return first;
  }
  auto pages = release.at_least(6, 13) ? mean_of(first, second) : second;
  pages.moved_kib = apart + kib_from_pages(std::abs(lists.moved));
  return pages;
}

}  // namespace ballast::model
