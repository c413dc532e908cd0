// Private to storage/: builds one period of one vCenter, step by step.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/result.h"
#include "model/judged_guest.h"
#include "storage/read/vm_row.h"
#include "storage/rollup/host_hours.h"
#include "storage/rollup/period.h"
#include "storage/rollup/rollup_figures.h"
#include "storage/sqlite/connection.h"
#include "storage/write/batch_insert.h"

namespace ballast::storage {

class PeriodBuilder {
 public:
  // Throws SQLite::Exception, as every call does; use it inside Connection::attempt.
  PeriodBuilder(Connection& connection, const Period& period);

  // Builds one range of VMs, or after the last one the hosts and the mark. Call it inside a
  // transaction of its own that holds the write lock. Returns false when there is nothing more to
  // do: the period is marked, by this process or another one, or a scan of it ended meanwhile and
  // it has to be built again. Errors: kStorage for a damaged sample.
  Result<bool> step();

 private:
  // The VMs of a range are held in memory with every figure of the period.
  static constexpr std::int64_t kVmsInRange = 256;

  struct Scan {
    std::int64_t id = 0;
    bool is_whole = true;  // not limited, so that the sums of its VMs are those of the hosts
    friend bool operator==(const Scan&, const Scan&) = default;
  };
  struct VmSamples {
    std::int64_t vm_state_id = 0;  // of the last sample
    VmPeriod period;
    std::array<std::vector<std::int64_t>, kVmSpreads.size()> told;
    Int128 difference_kib = 0;  // sum
  };

  [[nodiscard]] bool counts_hosts() const { return period_.kind == &kHour; }
  [[nodiscard]] bool is_marked();
  [[nodiscard]] std::vector<Scan> scans_in_period();
  // Returns the last VM of the next range; empty if there are no more VMs.
  [[nodiscard]] std::optional<std::int64_t> end_of_range();
  Status build_range(std::int64_t last_vm);
  // Reads the samples in the range of one scan, which is given by its place in scans_.
  Status read_samples(std::size_t scan, std::int64_t last_vm);
  void add_sample(std::size_t scan, const model::JudgedGuest& row, const SampleRefs& refs);
  void write_vms(std::int64_t last_vm);
  void write_hosts();
  void mark();

  Connection& connection_;
  Period period_;
  std::vector<Scan> scans_;  // oldest first
  std::int64_t done_ = 0;    // VMs up to this one are built
  std::int64_t built_ = 0;   // rows of VMs written
  std::map<std::int64_t, VmSamples> vms_;
  HostHours hosts_;
  RowCursor select_samples_;
  VmRowReader reader_;
  model::JudgedGuest row_;
  SQLite::Statement find_range_;
  SQLite::Statement delete_vms_;
  BatchInsert insert_vm_;
};

}  // namespace ballast::storage
