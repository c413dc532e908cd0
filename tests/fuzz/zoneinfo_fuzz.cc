// /proc/zoneinfo, and the probe's sums over it.
#include <algorithm>

#include <fmt/format.h>

#include "model/parse/numbers.h"
#include "model/parse/proc_files.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

// As the probe prints them.
std::string print(const model::ZoneTotals& zones) {
  auto text =
      fmt::format("pcp {}\nmanaged {}\npresent {}\nthreshold {}\ncpus {}\n", zones.pcp_pages,
                  zones.managed_pages, zones.present_pages, zones.stat_threshold_pages, zones.cpus);
  if (!zones.lists) return text;
  const auto& lists = *zones.lists;
  return text + fmt::format(
                    "free {}\nanon {}\nfile {}\nsplit {}\nunevictable {}\nisolated {}\nhigh {}\n"
                    "moved {}\n",
                    lists.free, lists.anon, lists.file, lists.is_split ? 1 : 0, lists.unevictable,
                    lists.isolated, lists.pcp_high, lists.moved);
}

void check_totals(const model::ZoneTotals& zones) {
  for (const auto pages :
       {zones.pcp_pages, zones.managed_pages, zones.present_pages, zones.stat_threshold_pages}) {
    require(pages >= 0 && pages <= model::kMaxNumber, "a sum is in range");
  }
  require(zones.cpus >= 0 && zones.cpus <= 1 << 16, "the CPUs are in range");
  const auto again = model::parse_zone_totals(print(zones));
  require(again && print(*again) == print(zones), "the probe's sums are read back the same");
}

model::ZoneTotals doubled(model::ZoneTotals zones) {
  zones.pcp_pages *= 2;
  zones.managed_pages *= 2;
  zones.present_pages *= 2;
  zones.stat_threshold_pages *= 2;
  if (!zones.lists) return zones;
  for (const auto pages :
       {&model::ZoneLists::free, &model::ZoneLists::anon, &model::ZoneLists::file,
        &model::ZoneLists::unevictable, &model::ZoneLists::isolated, &model::ZoneLists::pcp_high,
        &model::ZoneLists::moved}) {
    (*zones.lists).*pages *= 2;
  }
  return zones;
}

void check_zoneinfo(std::string_view text) {
  const auto zones = model::parse_zoneinfo(text);
  if (!zones) return require_presentable(zones.error());
  check_totals(*zones);
  auto expected = doubled(*zones);
  const bool fits = std::max({expected.pcp_pages, expected.managed_pages, expected.present_pages,
                              expected.stat_threshold_pages}) <= model::kMaxNumber;
  const auto both = model::parse_zoneinfo(twice(text));
  require(both.has_value() == fits, "a sum is refused exactly when it is out of range");
  if (both && !both->lists) expected.lists.reset();  // out of range, which is no error
  require(!both || print(*both) == print(expected), "every zone is summed, every CPU counted once");
}

void check_sums(std::string_view text) {
  const auto zones = model::parse_zone_totals(text);
  if (!zones) return require_presentable(zones.error());
  check_totals(*zones);
  require(!model::parse_zone_totals(twice(text)), "sums that occur twice are refused");
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = ballast::fuzz::text_of(data, size);
  ballast::fuzz::check_zoneinfo(text);
  ballast::fuzz::check_sums(text);
  return 0;
}
