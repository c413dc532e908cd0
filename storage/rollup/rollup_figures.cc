#include "storage/rollup/rollup_figures.h"

#include <algorithm>

namespace ballast::storage {
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

}  // namespace ballast::storage
