// Samples of one guest share what changes rarely: what comes back of one must not depend on those
// before it.
#include <limits>

#include <fmt/format.h>

#include "model/reclaim.h"
#include "storage/queries.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();

std::string text_of(const model::GuestSample& guest) {
  std::string text = fmt::format("{}:", guest.account.unaccounted_kib);
  for (const auto& part : guest.account.parts) text += fmt::format(" {}={}", part.name, part.kib);
  const model::ReclaimPressure& pressure = guest.pressure;
  for (const auto& figure :
       {pressure.alloc_stalls, pressure.direct_scanned_kib, pressure.direct_reclaimed_kib,
        pressure.swapped_in_kib, pressure.swapped_out_kib, pressure.refaulted_kib,
        pressure.oom_kills}) {
    text += figure ? fmt::format(" {}", *figure) : " -";
  }
  if (!pressure.psi) return text + " no psi";
  return text + fmt::format(" {} {} {} {}", pressure.psi->some_total_us,
                            pressure.psi->full_total_us, pressure.psi->some_avg10_centi,
                            pressure.psi->full_avg10_centi);
}

// What is read of the last of these scans of one VM.
std::string last_of(const std::vector<model::JudgedGuest>& scans) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  ScanId scan = 0;
  for (const auto& result : scans) scan = write_scan(*store, {result});
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM guest_state"), 1) << "one state, one first";
  auto queries = must(Queries::open(dir.path()));
  return text_of(*rows_of(*queries, scan).at(0).guest);
}

// Samples of one state, each unlike the others in its own way.
std::vector<model::JudgedGuest> samples() {
  std::vector<model::JudgedGuest> all(6, make_result(1));
  for (auto& part : all[1].guest->account.parts) part.kib -= 4'000;
  all[2].guest->account.parts.erase(all[2].guest->account.parts.begin() + 3);
  all[2].guest->pressure = pressure_from({{"oom_kill", 0}});
  all[3].guest->account.parts = {{"slab", kLeast}, {"free", kMost}, {"pcp", kLeast}};
  all[3].guest->pressure.alloc_stalls = kMost;
  all[3].guest->pressure.psi = model::MemoryPressure{kMost, kLeast, -1, 0};
  all[4].guest->account.parts.clear();
  all[4].guest->pressure = pressure_from({}, all[4].guest->pressure.psi);
  all[5].guest->pressure.psi = model::MemoryPressure{};
  return all;
}

TEST(LaterSample, ItComesBackWhateverTheFirstOneOfItsStateSaid) {
  const auto all = samples();
  for (std::size_t first = 0; first < all.size(); ++first) {
    for (std::size_t later = 0; later < all.size(); ++later) {
      SCOPED_TRACE(fmt::format("{} after {}", later, first));
      EXPECT_EQ(last_of({all[first], all[later]}), last_of({all[later]}));
    }
  }
}

}  // namespace
}  // namespace ballast::storage
