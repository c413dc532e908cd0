#include "fleet/changes.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "base/units.h"
#include "fleet/report.h"
#include "fleet/sentences.h"

namespace ballast::fleet {

namespace {

using model::Verdict;

constexpr std::int64_t kNotableKib = kib_from_mib(64);
constexpr std::int64_t kNotableShare = 10;  // 1/10

constexpr std::array<std::pair<std::string_view, std::string_view>, kChangeKinds> kWords = {{
    {"new_balloon", "new balloon"},
    {"released_balloon", "released balloon"},
    {"grown_balloon", "grown balloon"},
    {"shrunk_balloon", "shrunk balloon"},
    {"new_excess", "new excess"},
    {"gone_excess", "gone excess"},
    {"new_vm", "new VM"},
    {"gone_vm", "gone VM"},
}};

// What a damaged file may hold must not overflow.
std::optional<std::int64_t> plausible(const std::optional<std::int64_t>& kib) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  return kib && -kMost <= *kib && *kib <= kMost ? kib : std::nullopt;
}

VmMoment figures_of(const model::JudgedGuest& row) {
  VmMoment figures{plausible(row.shown_balloon_kib()),
                   plausible(row.difference_kib()),
                   {},
                   row.judgement.verdict,
                   model::is_leak_only(row.judgement)};
  if (const auto& leak = row.judgement.leak)
    figures.leak_kib_per_day = plausible(leak->kib_per_day);
  const bool is_off = row.vm.power == model::PowerState::kPoweredOff;
  if (is_off) figures.balloon_kib = 0;
  return figures;
}

// Whether more than half of so many.
bool most(std::int64_t some, std::int64_t all) { return some > all - some; }

std::optional<ChangeKind> balloon_change(const VmMoment& before, const VmMoment& now) {
  if (!before.balloon_kib || !now.balloon_kib) return std::nullopt;
  const std::int64_t was = std::max<std::int64_t>(*before.balloon_kib, 0);
  const std::int64_t is = std::max<std::int64_t>(*now.balloon_kib, 0);
  if (was == 0 || is == 0) {
    if (was == is) return std::nullopt;
    return was == 0 ? ChangeKind::kNewBalloon : ChangeKind::kReleasedBalloon;
  }
  if (std::abs(is - was) < std::max(kNotableKib, std::max(is, was) / kNotableShare)) {
    return std::nullopt;
  }
  return is > was ? ChangeKind::kGrownBalloon : ChangeKind::kShrunkBalloon;
}

std::optional<ChangeKind> excess_change(const VmMoment& before, const VmMoment& now) {
  const bool was = before.verdict == Verdict::kExcess;
  const bool is = now.verdict == Verdict::kExcess;
  if (is && !was) return ChangeKind::kNewExcess;
  if (was && !is && now.verdict != Verdict::kUnknown) return ChangeKind::kGoneExcess;
  return std::nullopt;
}

std::int64_t moved_by(const Change& change) {
  return change.size_now().value_or(0) - change.size_before().value_or(0);
}

bool comes_before(const Change& a, const Change& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  const auto by_a = std::abs(moved_by(a));
  const auto by_b = std::abs(moved_by(b));
  if (by_a != by_b) return by_a > by_b;
  if (a.is_leak() && b.is_leak() && a.largest_kib() != b.largest_kib()) {
    return a.largest_kib() > b.largest_kib();
  }
  return std::tie(a.name, a.vcenter, a.moref) < std::tie(b.name, b.vcenter, b.moref);
}

}  // namespace

VmMoment moment_of(const storage::DayOfVm& day) {
  VmMoment moment{plausible(day.balloon_mean_kib), plausible(day.difference_mean_kib),
                  plausible(day.leak_kib_per_day), std::nullopt,
                  day.excess_samples > 0 && most(day.leak_only_samples, day.excess_samples)};
  if (day.guests_read == 0) moment.verdict = Verdict::kUnknown;
  if (day.guests_read > 0 && most(day.excess_samples, day.guests_read)) {
    moment.verdict = Verdict::kExcess;
  }
  return moment;
}

std::string_view to_string(ChangeKind kind) { return kWords[static_cast<std::size_t>(kind)].first; }

std::string_view title_of(ChangeKind kind) { return kWords[static_cast<std::size_t>(kind)].second; }

bool Change::is_leak() const {
  if (kind == ChangeKind::kNewExcess) return now && now->is_leak_only;
  return kind == ChangeKind::kGoneExcess && before && before->is_leak_only;
}

std::string_view Change::title() const {
  if (is_leak()) return kind == ChangeKind::kNewExcess ? "new leak" : "gone leak";
  return title_of(kind);
}

std::int64_t Change::largest_kib() const {
  if (!is_leak()) return std::max(size_before().value_or(0), size_now().value_or(0));
  return (kind == ChangeKind::kNewExcess ? now : before)->leak_kib_per_day.value_or(0);
}

std::optional<std::int64_t> Change::size_in(const std::optional<VmMoment>& figures) const {
  if (!figures || is_leak()) return std::nullopt;
  const bool about_excess = kind == ChangeKind::kNewExcess || kind == ChangeKind::kGoneExcess;
  return about_excess ? figures->difference_kib : figures->balloon_kib;
}

const ScanComparison* Changes::find(const std::string& vcenter) const {
  const auto found = std::find_if(scans.begin(), scans.end(), [&](const ScanComparison& one) {
    return one.vcenter == vcenter;
  });
  return found == scans.end() ? nullptr : &*found;
}

ChangeFinder::ChangeFinder(ReportQuery query, UtcTime since) : query_(std::move(query)) {
  changes_.since = since;
}

void ChangeFinder::begin(ScanComparison scans, bool before_is_whole, bool now_is_whole) {
  changes_.scans.push_back(std::move(scans));
  known_.clear();
  before_is_whole_ = before_is_whole;
  now_is_whole_ = now_is_whole;
}

void ChangeFinder::remember(std::int64_t vm_id, VmMoment figures) {
  sorted_ = sorted_ && (known_.empty() || known_.back().vm_id < vm_id);
  known_.push_back({vm_id, figures, false});
}

void ChangeFinder::remember(const model::JudgedGuest& row) { remember(row.vm_id, figures_of(row)); }

void ChangeFinder::remember(const storage::DayOfVm& day) { remember(day.vm_id, moment_of(day)); }

ChangeFinder::Known* ChangeFinder::find(std::int64_t vm_id) {
  const auto by_id = [](const Known& a, const Known& b) { return a.vm_id < b.vm_id; };
  if (!std::exchange(sorted_, true)) std::sort(known_.begin(), known_.end(), by_id);
  const auto found = std::lower_bound(known_.begin(), known_.end(), Known{vm_id, {}, false}, by_id);
  return found == known_.end() || found->vm_id != vm_id ? nullptr : &*found;
}

void ChangeFinder::compare(const model::JudgedGuest& row, const storage::DayOfVm* day) {
  Known* const known = find(row.vm_id);
  if (known != nullptr) known->seen = true;
  if (!query_.is_about(row)) return;
  VmMoment now = figures_of(row);
  if (day != nullptr) {
    const auto verdict = now.verdict;
    now = moment_of(*day);
    // Of a day without an excess the newest verdict says more.
    if (!now.verdict && verdict != Verdict::kExcess) now.verdict = verdict;
  }
  if (known == nullptr && !before_is_whole_) return;
  if (known == nullptr) add(ChangeKind::kNewVm, row, std::nullopt, now);
  const auto before = known != nullptr ? std::optional(known->figures) : std::nullopt;
  // A new VM had no balloon, and nothing missing.
  const auto earlier = before.value_or(VmMoment{0, {}, {}, Verdict::kUnknown, false});
  for (const auto kind : {balloon_change(earlier, now), excess_change(earlier, now)}) {
    if (kind) add(*kind, row, before, now);
  }
}

bool ChangeFinder::has_gone() const {
  return now_is_whole_ &&
         std::any_of(known_.begin(), known_.end(), [](const Known& known) { return !known.seen; });
}

void ChangeFinder::add_gone(const model::JudgedGuest& row) {
  const Known* const known = find(row.vm_id);
  if (known == nullptr || known->seen || !query_.is_about(row)) return;
  add(ChangeKind::kGoneVm, row, known->figures, std::nullopt);
}

void ChangeFinder::add_gone(const storage::DayOfVm& day, const std::string& vcenter) {
  model::JudgedGuest row;
  row.vm_id = day.vm_id;
  row.vcenter = vcenter;
  row.datacenter = day.host.datacenter;
  row.cluster = day.host.cluster;
  row.host = day.host.name;
  row.vm.name = day.vm.name;
  row.vm.moref = day.vm.moref;
  row.vm.instance_uuid = day.vm.instance_uuid;
  add_gone(row);
}

void ChangeFinder::add(ChangeKind kind, const model::JudgedGuest& row,
                       std::optional<VmMoment> before, std::optional<VmMoment> now) {
  Change change{kind,         row.vcenter,          row.cluster, row.host, row.vm.name,
                row.vm.moref, row.vm.instance_uuid, before,      now};
  if (query_.min_size_kib && change.largest_kib() < *query_.min_size_kib) return;
  if (change.is_leak())
    ++(kind == ChangeKind::kNewExcess ? changes_.new_leaks : changes_.gone_leaks);
  ++changes_.counts[static_cast<std::size_t>(kind)];
  changes_.rows.push_back(std::move(change));
}

Changes ChangeFinder::finish() {
  auto& rows = changes_.rows;
  std::sort(rows.begin(), rows.end(), comes_before);
  if (query_.limit > 0 && rows.size() > query_.limit) {
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(query_.limit), rows.end());
  }
  return std::move(changes_);
}

}  // namespace ballast::fleet
