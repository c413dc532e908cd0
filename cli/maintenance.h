// What is done to the store once a scan has ended: rollups, and retention.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "base/result.h"
#include "collector/ports/retention.h"
#include "storage/store.h"

namespace ballast::cli {

// How far the clocks of vCenters are from this machine's. By a clock that jumped ahead everything
// would be old enough to be removed.
class ClockComparison {
 public:
  // `ahead`: vCenter's, less ours, as the last scan found it.
  void note(const std::string& vcenter, std::chrono::milliseconds ahead) {
    ahead_[vcenter] = ahead;
  }
  // A vCenter whose clock is more than twelve hours from ours; "" if all agree.
  [[nodiscard]] std::string first_that_disagrees() const;
  [[nodiscard]] std::chrono::milliseconds ahead_of(const std::string& vcenter) const;

 private:
  std::map<std::string, std::chrono::milliseconds> ahead_;
};

// Rolls up and prunes, unless clocks disagree; failures are warnings in the log. Blocking.
void maintain(storage::Store& store, const collector::Retention& keep,
              const ClockComparison& clocks);

// The same on a thread and a connection of its own, so that no scan waits for it. What is asked for
// while it is at work is done once more afterwards.
class BackgroundMaintenance {
 public:
  explicit BackgroundMaintenance(std::string database) : database_(std::move(database)) {}
  // Waits for what is under way.
  ~BackgroundMaintenance();
  BackgroundMaintenance(const BackgroundMaintenance&) = delete;
  BackgroundMaintenance& operator=(const BackgroundMaintenance&) = delete;

  void request(const collector::Retention& keep, const ClockComparison& clocks);
  // Nothing new is begun from here on.
  void stop();

 private:
  void run();

  const std::string database_;
  std::mutex mutex_;  // of the next three
  collector::Retention keep_;
  ClockComparison clocks_;
  bool wanted_ = false;
  boost::asio::thread_pool thread_{1};
};

}  // namespace ballast::cli
