// Whether a scan gets on, and what it waits for if not. Passes on to the scan's observer what it is
// told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <utility>

#include "base/deadline.h"
#include "collector/scan_observer.h"
#include "model/inventory.h"

namespace ballast::collector {

// One thread.
class ScanWatch : public ScanObserver {
 public:
  // `observer` must outlive it.
  explicit ScanWatch(ScanObserver& observer) : observer_(observer) {}

  void on_phase(const std::string& vcenter, const std::string& phase) override;
  void on_vms_listed(const std::string& vcenter, std::size_t total_so_far) override;
  void on_probe_started(const std::string& vcenter) override;
  void on_probe_ended(const std::string& vcenter) override;
  void on_result(const std::string& vcenter, const model::JudgedGuest& result) override;

  // Notes what the scan is at, without telling the observer.
  void is_at(std::string phase);
  // Notes that something was done.
  void moved() { ++moves_; }
  // Returns how often something was done so far.
  [[nodiscard]] std::uint64_t moves() const { return moves_; }

 private:
  struct UnderWay {
    std::string name;
    std::string moref;
    std::string host;  // moref
    TimePoint since;
  };

 public:
  // A guest that is waited for, from construction to destruction.
  class Waiting {
   public:
    Waiting(ScanWatch& watch, const model::VmView& vm);
    ~Waiting() { watch_.probes_.erase(place_); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    ScanWatch& watch_;
    std::list<UnderWay>::iterator place_;
  };

  // Returns what is waited for, for people: "probing guests; 12 probes are under way: web-1 (vm-7 on
  // host-3) for 16 min 02 s, …", with those that take longest. Printable.
  [[nodiscard]] std::string waits_for() const;

 private:
  ScanObserver& observer_;
  std::uint64_t moves_ = 0;
  std::string phase_ = "beginning";
  std::list<UnderWay> probes_;  // in the order of their beginning
};

}  // namespace ballast::collector
