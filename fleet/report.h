// The fleet's latest verdicts, counted and picked: what `ballast report` prints, in any format.
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

// One listed guest: only what the outputs need, so that a large fleet stays small. Names as stored.
struct ReportRow {
  std::string vcenter;
  std::string datacenter;
  std::string cluster;
  std::string host;
  std::string name;
  std::string moref;
  std::string instance_uuid;
  std::string kernel_release;
  std::optional<std::int64_t> memory_kib;           // configured, else MemTotal
  std::optional<std::int64_t> balloon_kib;          // what the verdict is about, see below
  std::optional<std::int64_t> vcenter_balloon_kib;  // as vCenter says
  std::optional<std::int64_t> consumed_kib;
  std::optional<std::int64_t> mem_total_kib;
  std::optional<std::int64_t> unaccounted_kib;
  std::optional<std::int64_t> baseline_kib;
  std::optional<std::int64_t> difference_kib;
  std::optional<std::int64_t> tolerance_kib;
  model::Verdict verdict = model::Verdict::kUnknown;
  model::Proof proof = model::Proof::kNone;
  model::UnknownReason reason = model::UnknownReason::kNone;
  std::string detail;
  std::optional<std::int64_t> leak_kib_per_day;
  std::vector<model::Cause> causes;            // of a balloon, the most telling first
  std::vector<model::ConsumerTrace> suspects;  // of an excess, the largest first
  UtcTime polled_at{};
  std::optional<UtcTime> read_at;
  std::optional<model::Setback> setback;
};

// The balloon that the judgement measured unaccounted memory against: vCenter's figure or, where
// that is missing or the guest contradicts it, the driver's. Empty if the guest was not read or
// nobody told a figure.
[[nodiscard]] std::optional<std::int64_t> judged_balloon(const storage::VmRow& row);
// Unaccounted less baseline and that balloon; empty where that is.
[[nodiscard]] std::optional<std::int64_t> known_difference(const storage::VmRow& row);
// For people: the judged balloon, else what vCenter says, if it does.
[[nodiscard]] std::optional<std::int64_t> shown_balloon(const storage::VmRow& row);

// Whether vCenter or the guest's driver tells of a balloon.
[[nodiscard]] bool has_balloon(const storage::VmRow& row);

// All guests of one verdict.
struct VerdictCount {
  std::int64_t guests = 0;
  std::int64_t listed = 0;            // of them, chosen by verdict and size (the limit aside)
  std::int64_t ballooned = 0;         // guests with a balloon above 0
  std::int64_t balloon_kib = 0;       // Σ shown_balloon
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

struct Report {
  UtcTime now{};
  ReportQuery query;
  std::vector<FleetScan> scans;  // those that the query is about
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;
  std::array<VerdictCount, 5> counts;  // by model::Verdict
  std::map<model::UnknownReason, std::int64_t> reasons;
  WaitingGuests waiting;
  std::vector<model::LoginSetback> logins;  // those that are suspended, for guests of any vCenter
  std::vector<ReportRow> rows;              // sorted, at most query.limit
  std::int64_t listed = 0;                  // rows before the limit
  std::vector<ClusterTotals> clusters;      // the largest balloons first
  std::optional<Changes> changes;           // where they were asked for

  [[nodiscard]] const VerdictCount& of(model::Verdict verdict) const {
    return counts[static_cast<std::size_t>(verdict)];
  }
};

// Usage: add() every row of every usable scan in any order, then finish() once. With a limit it
// never holds more than about twice as many rows.
class ReportBuilder {
 public:
  ReportBuilder(ReportQuery query, std::vector<FleetScan> scans, UtcTime now);

  // The scans whose rows are wanted.
  [[nodiscard]] const std::vector<FleetScan>& scans() const { return report_.scans; }
  // Whether add() lists it; only then what surrounds it matters.
  [[nodiscard]] bool lists(const storage::VmRow& row) const;
  void add(const storage::VmRow& row, const model::VmSurroundings& around = {});
  [[nodiscard]] Report finish();

 private:
  void add_to_cluster(const storage::VmRow& row);
  void trim_rows();

  Report report_;
  std::map<std::pair<std::string, std::string>, ClusterTotals> clusters_;  // vCenter, cluster
};

}  // namespace ballast::fleet
