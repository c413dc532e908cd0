// How a database file is opened, for writing and for reading.
#pragma once

#include <chrono>

namespace ballast::storage {

struct OpenOptions {
  // How long one call waits for another process's lock before it fails.
  std::chrono::milliseconds busy_timeout{10'000};
};

}  // namespace ballast::storage
