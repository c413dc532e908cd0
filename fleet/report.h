// The fleet's latest verdicts, counted and picked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "fleet/changes.h"
#include "fleet/fleet_scans.h"
#include "fleet/report_query.h"
#include "fleet/retries.h"
#include "model/cause.h"
#include "model/verdict.h"
#include "storage/queries.h"

namespace ballast::fleet {

// All guests of one verdict.
struct VerdictCount {
  std::int64_t guests = 0;
  std::int64_t listed = 0;            // of them, chosen by verdict and size (the limit aside)
  std::int64_t ballooned = 0;         // guests with a balloon above 0
  std::int64_t balloon_kib = 0;       // Σ shown_balloon_kib()
  std::int64_t difference_kib = 0;    // Σ where known
  std::int64_t missing_kib = 0;       // Σ differences of an excess that is more than a leak
  std::int64_t leaking = 0;           // guests with a leak, and
  std::int64_t leak_kib_per_day = 0;  // Σ of it
};

// All VMs of one cluster, whatever is listed.
struct ClusterTotals {
  std::string vcenter;
  std::string cluster;  // "": hosts that are in none
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;
  std::int64_t ballooned = 0;  // VMs with a balloon above 0
  std::int64_t balloon_kib = 0;
  std::int64_t unaccounted_kib = 0;  // of the guests that were read
  std::int64_t excess_kib = 0;  // Σ differences of verdict kExcess where it is more than a leak
  std::int64_t leaking = 0;     // VMs with a leak, and
  std::int64_t leak_kib_per_day = 0;  // Σ of it
};

// VMs that the newest scan of their vCenter does not tell of: shown as an earlier one saw them.
struct EarlierReadings {
  std::string vcenter;
  UtcTime started_at{};  // of that scan
  std::int64_t vms = 0;
};

struct Report {
  UtcTime now{};
  ReportQuery query;
  std::vector<FleetScan> scans;          // those that the query is about
  std::vector<EarlierReadings> earlier;  // in the order of `scans`, the newest first
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;
  std::array<VerdictCount, 5> counts;  // by model::Verdict
  std::map<model::UnknownReason, std::int64_t> reasons;
  std::map<model::UnknownReason, std::int64_t> unlisted_reasons;  // of guests that are not listed
  WaitingGuests waiting;
  std::vector<model::LoginSetback> logins;  // those that are suspended, for guests of any vCenter
  std::vector<model::JudgedGuest> rows;     // sorted, at most query.limit
  std::int64_t listed = 0;                  // rows before the limit
  std::vector<ClusterTotals> clusters;      // the largest balloons first
  std::optional<Changes> changes;           // where they were asked for
  // False if its store goes once this is told: nobody can look any further into it.
  bool is_kept = true;

  [[nodiscard]] const VerdictCount& of(model::Verdict verdict) const {
    return counts[static_cast<std::size_t>(verdict)];
  }
};

// Usage: add() every row of every usable scan in any order, then finish() once. With a limit it
// never holds more than about twice as many rows.
class ReportBuilder {
 public:
  ReportBuilder(ReportQuery query, std::vector<FleetScan> scans, UtcTime now);

  // Returns the scans whose rows are wanted.
  [[nodiscard]] const std::vector<FleetScan>& scans() const { return report_.scans; }
  // Tells whether add() lists it; only then what surrounds it matters.
  [[nodiscard]] bool lists(const model::JudgedGuest& row) const;
  // Counts the VM and, if it is listed, keeps it with its causes.
  void add(const model::JudgedGuest& row, const model::VmSurroundings& around = {});
  // Says of how many VMs, which add() was given, an earlier scan had the last reading.
  void add_earlier(EarlierReadings readings);
  [[nodiscard]] Report finish();

 private:
  void add_to_cluster(const model::JudgedGuest& row);
  void trim_rows();

  Report report_;
  std::map<std::pair<std::string, std::string>, ClusterTotals> clusters_;  // vCenter, cluster
};

}  // namespace ballast::fleet
