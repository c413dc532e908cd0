#include "storage/rollup/rollup_figures.h"

#include <algorithm>

#include "storage/sqlite/wrapping.h"
#include "storage/write/packed.h"

namespace ballast::storage {
namespace {

void pack_spread(PackWriter& pack, const std::optional<Spread>& spread) {
  if (!spread) {
    for (int i = 0; i < 4; ++i) pack.put(std::nullopt);
    return;
  }
  // Distances are short, and 0 where a figure did not move.
  pack.put(spread->min_kib);
  pack.put_unless_zero(minus(spread->mean_kib, spread->min_kib));
  pack.put_unless_zero(minus(spread->p95_kib, spread->min_kib));
  pack.put_unless_zero(minus(spread->max_kib, spread->p95_kib));
}

void unpack_spread(PackReader& pack, std::optional<Spread>& spread) {
  const auto min = pack.next();
  const std::int64_t mean = pack.next().value_or(0);
  const std::int64_t p95 = pack.next().value_or(0);
  const std::int64_t max = pack.next().value_or(0);
  if (!min) {
    spread.reset();
    return;
  }
  const std::int64_t p95_kib = plus(*min, p95);
  spread = Spread{*min, plus(*min, mean), p95_kib, plus(p95_kib, max)};
}

}  // namespace

std::int64_t rounded_mean(Int128 sum, std::int64_t count) {
  const Int128 half = count / 2;
  return static_cast<std::int64_t>((sum < 0 ? sum - half : sum + half) / count);
}

std::optional<Spread> spread_of(std::vector<std::int64_t>& values_kib) {
  if (values_kib.empty()) return std::nullopt;
  std::sort(values_kib.begin(), values_kib.end());
  Int128 sum = 0;
  for (const std::int64_t kib : values_kib) sum += kib;
  const std::size_t count = values_kib.size();
  const std::size_t rank = (95 * count + 99) / 100;
  return Spread{values_kib.front(), rounded_mean(sum, static_cast<std::int64_t>(count)),
                values_kib[rank - 1], values_kib.back()};
}

std::string pack_vm_spreads(const VmSpreads& figures) {
  PackWriter pack;
  for (const auto figure : kVmSpreads) pack_spread(pack, figures.*figure);
  return pack.bytes();
}

bool unpack_vm_spreads(std::string_view bytes, VmSpreads& figures) {
  PackReader pack(bytes);
  for (const auto figure : kVmSpreads) unpack_spread(pack, figures.*figure);
  return pack.ended_well();
}

std::string pack_host_means(const HostMeans& figures) {
  PackWriter pack;
  for (const auto figure : kHostMeans) pack.put(figures.*figure);
  return pack.bytes();
}

bool unpack_host_means(std::string_view bytes, HostMeans& figures) {
  PackReader pack(bytes);
  for (const auto figure : kHostMeans) figures.*figure = pack.next();
  return pack.ended_well();
}

}  // namespace ballast::storage
