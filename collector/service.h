// The service: scans vCenters on their schedules until it is stopped.
//
// Each vCenter has a loop of its own, so that none delays another. Its scans never overlap, a slot
// that was missed is made up for once, and a failed scan is tried again sooner.
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
#include "collector/config/schedule.h"
#include "collector/scan_summary.h"

namespace ballast::collector {

// When one vCenter is scanned.
struct Timetable {
  std::string vcenter;  // configured name
  Schedule schedule;
  std::chrono::seconds retry{60};  // after the first failed scan; see next_try()
};

// Carries out the scans.
class ScanLauncher {
 public:
  virtual ~ScanLauncher() = default;
  // Returns when that vCenter's newest scan started, whoever ran it; nullopt if there was none.
  virtual Awaitable<std::optional<UtcTime>> last_start(std::string vcenter) = 0;
  // Runs one scan to its end. Scans of several vCenters may be under way, never two of one.
  virtual Awaitable<ScanSummary> scan(std::string vcenter) = 0;
  // Ends all scans: those under way soon, those that come later at once.
  virtual void stop() = 0;
};

// Is told what the service does. Calls come from the service's thread.
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
  // Lets `timer` expire when `time` may have come; the service then looks at the clock again.
  virtual void arm(boost::asio::steady_timer& timer, UtcTime time) const;
};

class Service {
 public:
  // Runs on one executor; the references must outlive run().
  Service(boost::asio::any_io_executor executor, ScanLauncher& launcher, ServiceObserver& observer,
          const ServiceClock& clock);
  ~Service();

  // Scans until stop() is called, and returns when every scan has ended. Call it once.
  Awaitable<void> run(std::vector<Timetable> timetables);
  // Replaces the timetables while run() is running. A vCenter that is not among them is not scanned
  // again, but a scan under way goes on. One that keeps failing is tried at once.
  void reload(std::vector<Timetable> timetables);
  // Ends the service. Call it from run()'s thread.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::collector
