// Scans vCenters on their schedules, until it is stopped.
//
// Each vCenter has a loop of its own: its scans never overlap, a slot that was missed is made up
// for once, a failed scan is tried again sooner. What one of them does delays no other.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/async.h"
#include "base/time.h"
#include "collector/scan.h"
#include "collector/schedule.h"

namespace ballast::collector {

// How one vCenter is scanned.
struct Timetable {
  std::string vcenter;  // configured name
  Schedule schedule;
  std::chrono::seconds retry{60};  // after the first failed scan; see next_try()
};

// What carries out the scans.
class ScanLauncher {
 public:
  virtual ~ScanLauncher() = default;
  // When that vCenter's newest scan started, by whatever process; nullopt if there was none.
  virtual Awaitable<std::optional<UtcTime>> last_start(std::string vcenter) = 0;
  // One scan, to its end. Several vCenters' may be under way, never two of one.
  virtual Awaitable<ScanSummary> scan(std::string vcenter) = 0;
  // Ends all scans under way soon, and those to come at once.
  virtual void stop() = 0;
};

class ServiceObserver {
 public:
  virtual ~ServiceObserver() = default;
  virtual void on_waiting(const std::string& vcenter, std::optional<UtcTime> due) = 0;
  virtual void on_scan_started(const std::string& vcenter) = 0;
  virtual void on_scan_ended(const ScanSummary& summary) = 0;
  virtual void on_removed(const std::string& vcenter) = 0;
};

// The wall clock, which may jump.
class ServiceClock {
 public:
  virtual ~ServiceClock() = default;
  [[nodiscard]] virtual UtcTime now() const { return now_utc(); }
  // Lets `timer` expire when `time` may have come: it is looked at again then.
  virtual void arm(boost::asio::steady_timer& timer, UtcTime time) const;
};

class Service {
 public:
  // One executor; the references must outlive run().
  Service(boost::asio::any_io_executor executor, ScanLauncher& launcher, ServiceObserver& observer,
          const ServiceClock& clock);
  ~Service();

  // Once. Returns after stop(), when every scan has ended.
  Awaitable<void> run(std::vector<Timetable> timetables);
  // From now on these. A vCenter that is gone is not scanned again, though a scan under way goes
  // on; one that keeps failing is tried at once. While run() is running.
  void reload(std::vector<Timetable> timetables);
  // From the same thread as run().
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::collector
