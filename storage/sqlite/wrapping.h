// Private to storage/: sums and differences that wrap around instead of overflowing. A damaged file
// may hold absurd figures; what is packed must come back in any case.
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
