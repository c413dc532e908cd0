// The fleet's latest verdicts, counted and picked: what `ballast report` prints, in any format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/fleet_scans.h"
#include "model/verdict.h"
#include "storage/queries.h"

namespace ballast::cli {

enum class ReportSort { kBalloon, kUnaccounted, kDifference, kName, kMemory, kHost };

// Which guests. The place and name patterns (shell patterns, ignoring case; "" = any) say which
// guests the report is about and are counted; verdicts and size only choose what is listed.
struct ReportQuery {
  std::string vcenter;
  std::string cluster;
  std::string host;
  std::string name;
  std::vector<model::Verdict> verdicts = {model::Verdict::kBalloon};
  std::optional<std::int64_t> min_size_kib;  // balloon or unaccounted, whichever is more
  ReportSort sort = ReportSort::kBalloon;    // sizes descending, names ascending
  std::size_t limit = 0;                     // 0: all

  [[nodiscard]] bool has_place() const;
  [[nodiscard]] bool lists(model::Verdict verdict) const;
};

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
  std::optional<std::int64_t> mem_total_kib;
  std::optional<std::int64_t> unaccounted_kib;
  std::optional<std::int64_t> baseline_kib;
  std::optional<std::int64_t> difference_kib;
  std::optional<std::int64_t> tolerance_kib;
  model::Verdict verdict = model::Verdict::kUnknown;
  model::Proof proof = model::Proof::kNone;
  model::UnknownReason reason = model::UnknownReason::kNone;
  std::string detail;
  std::vector<model::ConsumerTrace> suspects;  // of an excess, the largest first
  UtcTime polled_at{};
  std::optional<UtcTime> read_at;
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
  std::int64_t listed = 0;          // of them, chosen by verdict and size (the limit aside)
  std::int64_t ballooned = 0;       // guests with a balloon above 0
  std::int64_t balloon_kib = 0;     // Σ shown_balloon
  std::int64_t difference_kib = 0;  // Σ where known
};

struct Report {
  UtcTime now{};
  ReportQuery query;
  std::vector<FleetScan> scans;  // those that the query is about
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;
  std::array<VerdictCount, 5> counts;  // by model::Verdict
  std::map<model::UnknownReason, std::int64_t> reasons;
  std::vector<ReportRow> rows;  // sorted, at most query.limit
  std::int64_t listed = 0;      // rows before the limit

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
  void add(const storage::VmRow& row);
  [[nodiscard]] Report finish();

 private:
  void trim_rows();

  Report report_;
};

}  // namespace ballast::cli
