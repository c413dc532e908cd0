// Private to storage/: sums and differences of figures that may be absurd, as a damaged file has
// them: they wrap around instead of overflowing, so that what is packed comes back.
#pragma once

#include <cstdint>

namespace ballast::storage {

[[nodiscard]] constexpr std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
[[nodiscard]] constexpr std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace ballast::storage
