// What changed in the fleet: from one day to another, or from one scan to another. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "fleet/report_query.h"
#include "model/verdict.h"
#include "storage/queries.h"

namespace ballast::fleet {

enum class ChangeKind {
  kNewBalloon,
  kReleasedBalloon,
  kGrownBalloon,  // by 64 MiB and a tenth of the larger size at least, like kShrunkBalloon
  kShrunkBalloon,
  kNewExcess,   // a leak or another consumer, as far as the verdict tells
  kGoneExcess,  // the guest was read, and it is no excess any more
  kNewVm,
  kGoneVm,
};
inline constexpr std::size_t kChangeKinds = 8;

[[nodiscard]] std::string_view to_string(ChangeKind kind);  // "new_balloon", "released_balloon", …
[[nodiscard]] std::string_view title_of(ChangeKind kind);  // "new balloon", "released balloon", …

// What counts of one VM when two scans, or two days, are compared.
struct VmMoment {
  std::optional<std::int64_t> balloon_kib;  // 0 where the VM is off; empty where nobody told
  std::optional<std::int64_t> difference_kib;
  std::optional<std::int64_t> leak_kib_per_day;
  // Empty of a day with other verdicts than excess and unknown: it does not keep which.
  std::optional<model::Verdict> verdict = model::Verdict::kUnknown;
  bool is_leak_only = false;  // model::is_leak_only(); of a day, of more than half of its excess
};

// Returns what a day says: means, and the verdict of more than half of its readings.
[[nodiscard]] VmMoment moment_of(const storage::DayOfVm& day);

// One VM may have several. Names as stored.
struct Change {
  ChangeKind kind = ChangeKind::kNewBalloon;
  std::string vcenter;
  std::string cluster;
  std::string host;
  std::string name;
  std::string moref;
  std::string instance_uuid;
  std::optional<VmMoment> before;  // empty for a new VM
  std::optional<VmMoment> now;     // empty for a VM that is gone

  // Tells whether the excess that is new or gone is only a leak.
  [[nodiscard]] bool is_leak() const;
  // Returns what happened, in two words: "new balloon", "new excess", "gone leak", ….
  [[nodiscard]] std::string_view title() const;
  // Return the size that the change is about: the balloon, of an excess the difference; empty for a
  // leak.
  [[nodiscard]] std::optional<std::int64_t> size_before() const { return size_in(before); }
  [[nodiscard]] std::optional<std::int64_t> size_now() const { return size_in(now); }
  // Returns what a leak takes in a day, of others the larger size; 0 if not known.
  [[nodiscard]] std::int64_t largest_kib() const;

 private:
  [[nodiscard]] std::optional<std::int64_t> size_in(const std::optional<VmMoment>& figures) const;
};

// 24 hours that were compared.
struct ComparedDay {
  UtcTime from{};
  UtcTime to{};
  bool is_of_calendar = false;  // see storage::DayFigures
};

// What was compared of one vCenter: two days, or two scans.
struct ScanComparison {
  std::string vcenter;
  std::optional<storage::ScanRow> before;  // the scan, or the last one before the earlier day's end
  std::optional<UtcTime> data_since;       // where there is nothing: from when on there is data
  bool is_newest = false;                  // `before` is the newest scan: nothing can have changed
  std::string limited_to = {};             // of the newest scan; see ScanRow
  std::optional<ComparedDay> day_before = {};
  std::optional<ComparedDay> day_now = {};

  [[nodiscard]] bool has_before() const { return before || day_before; }
  [[nodiscard]] bool is_compared() const { return has_before() && !is_newest; }
};

struct Changes {
  UtcTime since{};
  std::vector<ScanComparison> scans;
  std::array<std::int64_t, kChangeKinds> counts{};  // by kind, before the limit
  std::int64_t new_leaks = 0;                       // of new excess, those that are only a leak
  std::int64_t gone_leaks = 0;                      // of gone excess
  std::vector<Change> rows;                         // by kind, the largest first

  // Returns the comparison of that vCenter; nullptr if there is none.
  [[nodiscard]] const ScanComparison* find(const std::string& vcenter) const;
  [[nodiscard]] std::int64_t count(ChangeKind kind) const {
    return counts[static_cast<std::size_t>(kind)];
  }
};

// Finds what changed. Usage, for each vCenter: begin(); remember() each VM of the earlier scan or day;
// compare() each VM as it is now; if has_gone(), add_gone() each VM of the earlier one again. At the
// end finish(). Holds 80 bytes for each VM of the earlier one.
//
// The query's patterns choose VMs by where they are now, those that are gone by where they were.
// Its least size chooses changes by largest_kib().
class ChangeFinder {
 public:
  ChangeFinder(ReportQuery query, UtcTime since);

  // Begins with a vCenter. A scan that is not whole, because it was cut short or is limited to other
  // places, tells nothing of VMs that it does not have.
  void begin(ScanComparison scans, bool before_is_whole, bool now_is_whole);
  void remember(const model::JudgedGuest& row);
  void remember(const storage::DayOfVm& day);
  // With `day`, its figures count in place of the row's.
  void compare(const model::JudgedGuest& row, const storage::DayOfVm* day = nullptr);
  [[nodiscard]] bool has_gone() const;
  void add_gone(const model::JudgedGuest& row);
  void add_gone(const storage::DayOfVm& day, const std::string& vcenter);
  [[nodiscard]] Changes finish();

 private:
  struct Known {
    std::int64_t vm_id = 0;
    VmMoment figures;
    bool seen = false;
  };

  void remember(std::int64_t vm_id, VmMoment figures);
  Known* find(std::int64_t vm_id);
  void add(ChangeKind kind, const model::JudgedGuest& row, std::optional<VmMoment> before,
           std::optional<VmMoment> now);

  ReportQuery query_;
  Changes changes_;
  std::vector<Known> known_;
  bool sorted_ = true;
  bool before_is_whole_ = true;
  bool now_is_whole_ = true;
};

}  // namespace ballast::fleet
