// How a database file is opened, for writing and for reading.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace ballast::storage {

struct OpenOptions {
  // How long one call waits for another process's lock before it fails.
  std::chrono::milliseconds busy_timeout{10'000};
  // The same for what a scan stores: its results are in memory, and would be lost.
  std::chrono::milliseconds scan_patience = std::chrono::minutes(10);
  // While it is true, a scan waits no longer than others (Store::hurry).
  std::shared_ptr<std::atomic<bool>> hurry = {};
  // Is called once for each wait that takes longer than `busy_timeout`, with a sentence that names the
  // process that holds the lock. On the thread of the call.
  std::function<void(const std::string&)> on_wait = {};
};

}  // namespace ballast::storage
