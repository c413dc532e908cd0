// A made-up fleet for the benchmarks of the store: what each scan of it finds follows from the
// number of the VM and of the scan alone, so that every run measures the same rows.
//
// 16 VMs a host and 16 hosts a cluster. 5 % of the VMs are off, 15 % are not Linux; of the Linux
// guests 60 % are idle (figures move by a page here and there, nothing was ever reclaimed), 40 %
// busy (every figure of the account moves by some percent, and counters of reclaim and pressure
// grow from scan to scan). 3 % balloon, a few permille leak. A VM moves to another host once in
// 500 scans, and boots once in 2,000.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/inventory.h"
#include "model/judged_guest.h"

namespace ballast::bench {

class Fleet {
 public:
  // `read_percent` of the Linux guests that are on are read in each scan.
  Fleet(int vms, int read_percent) : vms_(vms), read_percent_(read_percent) {}

  [[nodiscard]] int vms() const { return vms_; }
  [[nodiscard]] static model::VcenterAbout about();
  [[nodiscard]] std::vector<model::Host> hosts(int scan) const;
  [[nodiscard]] std::vector<model::ResourcePool> pools() const;
  // VM `number` from 0 on.
  [[nodiscard]] model::JudgedGuest result(int number, int scan, UtcTime started_at) const;

 private:
  [[nodiscard]] int host_count() const { return (vms_ + 15) / 16; }

  int vms_;
  int read_percent_;
};

}  // namespace ballast::bench
