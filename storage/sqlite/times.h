// Private to storage/: times as the file has them, in milliseconds since 1970, UTC.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace ballast::storage {

[[nodiscard]] inline std::int64_t milliseconds(UtcTime time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] inline UtcTime time_of(std::int64_t milliseconds) {
  return UtcTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace ballast::storage
