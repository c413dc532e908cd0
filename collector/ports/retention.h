// How long the store keeps what it has: read by collector/config, carried out by storage/.
#pragma once

#include <chrono>

namespace ballast::collector {

// Ages at which things are removed. Each should be at least as long as the one before it: hours are
// never removed before their samples, nor days before their hours.
struct Retention {
  std::chrono::seconds raw = std::chrono::days(30);  // at least 2 days: a day is built from them
  std::chrono::seconds hourly = std::chrono::days(180);
  std::chrono::seconds daily = std::chrono::days(1825);
};

}  // namespace ballast::collector
