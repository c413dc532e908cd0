#include "fleet/report.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "fleet/causes.h"
#include "fleet/sentences.h"

namespace ballast::fleet {

namespace {

constexpr std::int64_t kMissingLast = std::numeric_limits<std::int64_t>::min();

bool is_large_enough(const ReportQuery& query, const storage::VmRow& row) {
  if (!query.min_size_kib) return true;
  const auto unaccounted = row.guest ? row.guest->unaccounted_kib : 0;
  return std::max(shown_balloon(row).value_or(0), unaccounted) >= *query.min_size_kib;
}

std::optional<std::int64_t> size_to_sort_by(const ReportRow& row, ReportSort sort) {
  switch (sort) {
    case ReportSort::kUnaccounted:
      return row.unaccounted_kib;
    case ReportSort::kDifference:
      return row.difference_kib;
    case ReportSort::kMemory:
      return row.memory_kib;
    case ReportSort::kConsumed:
      return row.consumed_kib;
    case ReportSort::kLeak:
      return row.leak_kib_per_day;
    default:
      return row.balloon_kib;
  }
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// A total order, so that the same store always gives the same list.
bool comes_before(const ReportRow& a, const ReportRow& b, ReportSort sort) {
  const auto identity = [](const ReportRow& row) {
    return std::make_tuple(lower(row.name), std::tie(row.name, row.vcenter, row.moref));
  };
  if (sort == ReportSort::kName) return identity(a) < identity(b);
  if (sort == ReportSort::kHost || sort == ReportSort::kCluster) {
    const auto place = sort == ReportSort::kHost ? &ReportRow::host : &ReportRow::cluster;
    const auto place_a = lower(a.*place);
    const auto place_b = lower(b.*place);
    return place_a != place_b ? place_a < place_b : identity(a) < identity(b);
  }
  const auto size_a = size_to_sort_by(a, sort).value_or(kMissingLast);
  const auto size_b = size_to_sort_by(b, sort).value_or(kMissingLast);
  return size_a != size_b ? size_a > size_b : identity(a) < identity(b);
}

void describe_guest(const storage::GuestRow& guest, const model::Judgement& judgement,
                    ReportRow& row) {
  row.kernel_release = guest.kernel_release;
  row.mem_total_kib = guest.mem_total_kib;
  row.unaccounted_kib = guest.unaccounted_kib;
  row.baseline_kib = judgement.baseline.kib;
  row.tolerance_kib = judgement.tolerance_kib;
  row.read_at = guest.read_at;
  row.suspects = guest.suspects;
  if (!row.memory_kib) row.memory_kib = guest.mem_total_kib;
}

ReportRow to_row(const storage::VmRow& source, const model::VmSurroundings& around) {
  ReportRow row;
  row.vcenter = source.vcenter;
  row.datacenter = source.datacenter;
  row.cluster = source.cluster;
  row.host = source.host;
  row.name = source.vm.name;
  row.moref = source.vm.moref;
  row.instance_uuid = source.vm.instance_uuid;
  row.memory_kib = source.vm.configured_kib;
  row.balloon_kib = shown_balloon(source);
  row.vcenter_balloon_kib = source.vm.stats.balloon_kib;
  row.consumed_kib = source.vm.stats.consumed_kib;
  row.difference_kib = known_difference(source);
  row.verdict = source.judgement.verdict;
  row.proof = source.judgement.proof;
  row.reason = source.judgement.reason;
  row.detail = source.detail;
  if (const auto& leak = source.judgement.leak) row.leak_kib_per_day = leak->kib_per_day;
  row.causes = causes_of(source, around);
  row.polled_at = source.vm.polled_at;
  row.setback = source.setback;
  if (source.guest) describe_guest(*source.guest, source.judgement, row);
  return row;
}

// What is missing beyond balloon and baseline, where that is what makes it an excess.
std::int64_t missing_kib(const model::Judgement& judgement) {
  const bool is_missing = judgement.verdict == model::Verdict::kExcess && !is_leak_only(judgement);
  return is_missing ? judgement.difference_kib : 0;
}

// For VerdictCount and ClusterTotals.
void add_leak(const model::Judgement& judgement, auto& totals) {
  if (!judgement.leak) return;
  ++totals.leaking;
  totals.leak_kib_per_day += judgement.leak->kib_per_day;
}

void count(const storage::VmRow& row, bool listed, Report& report) {
  const auto& judgement = row.judgement;
  const std::int64_t balloon = shown_balloon(row).value_or(0);
  auto& of_verdict = report.counts[static_cast<std::size_t>(judgement.verdict)];
  ++report.vms;
  if (row.guest) ++report.guests_read;
  ++of_verdict.guests;
  if (listed) ++of_verdict.listed;
  if (balloon > 0) ++of_verdict.ballooned;
  of_verdict.balloon_kib += balloon;
  of_verdict.difference_kib += known_difference(row).value_or(0);
  of_verdict.missing_kib += missing_kib(judgement);
  add_leak(judgement, of_verdict);
  if (judgement.verdict == model::Verdict::kUnknown) ++report.reasons[judgement.reason];
}

}  // namespace

std::optional<std::int64_t> judged_balloon(const storage::VmRow& row) {
  const auto difference = known_difference(row);
  if (!difference) return std::nullopt;
  return row.guest->unaccounted_kib - row.judgement.baseline.kib - *difference;
}

std::optional<std::int64_t> known_difference(const storage::VmRow& row) {
  if (!row.guest || row.judgement.reason == model::UnknownReason::kBalloonFigureUnset) {
    return std::nullopt;
  }
  return row.judgement.difference_kib;
}

std::optional<std::int64_t> shown_balloon(const storage::VmRow& row) {
  const auto judged = judged_balloon(row);
  return judged ? judged : row.vm.stats.balloon_kib;
}

bool has_balloon(const storage::VmRow& row) {
  return row.vm.stats.balloon_kib.value_or(0) > 0 || shown_balloon(row).value_or(0) > 0;
}

ReportBuilder::ReportBuilder(ReportQuery query, std::vector<FleetScan> scans, UtcTime now) {
  report_.now = now;
  for (auto& scan : scans) {
    if (query.is_about_vcenter(scan.vcenter)) report_.scans.push_back(std::move(scan));
  }
  report_.query = std::move(query);
}

bool ReportBuilder::lists(const storage::VmRow& row) const {
  const ReportQuery& query = report_.query;
  return query.lists(row.judgement.verdict) && is_large_enough(query, row) && query.is_about(row);
}

void ReportBuilder::add(const storage::VmRow& row, const model::VmSurroundings& around) {
  const ReportQuery& query = report_.query;
  if (!query.is_about(row)) return;
  add_to_cluster(row);
  const bool listed = lists(row);
  count(row, listed, report_);
  if (is_left_alone(row, report_.now)) add_waiting(*row.setback, report_.waiting);
  if (!listed) return;
  ++report_.listed;
  report_.rows.push_back(to_row(row, around));
  if (query.limit > 0 && report_.rows.size() >= 2 * query.limit + 64) trim_rows();
}

void ReportBuilder::add_to_cluster(const storage::VmRow& row) {
  auto& totals = clusters_[{row.vcenter, row.cluster}];
  const auto balloon = shown_balloon(row).value_or(0);
  ++totals.vms;
  if (balloon > 0) ++totals.ballooned;
  totals.balloon_kib += balloon;
  if (!row.guest) return;
  ++totals.guests_read;
  totals.unaccounted_kib += row.guest->unaccounted_kib;
  totals.excess_kib += missing_kib(row.judgement);
  add_leak(row.judgement, totals);
}

void ReportBuilder::trim_rows() {
  auto& rows = report_.rows;
  const auto sort = report_.query.sort;
  const auto before = [sort](const ReportRow& a, const ReportRow& b) {
    return comes_before(a, b, sort);
  };
  std::sort(rows.begin(), rows.end(), before);
  const std::size_t limit = report_.query.limit;
  if (limit > 0 && rows.size() > limit) rows.resize(limit);
}

Report ReportBuilder::finish() {
  trim_rows();
  for (auto& [place, totals] : clusters_) {
    std::tie(totals.vcenter, totals.cluster) = place;
    report_.clusters.push_back(std::move(totals));
  }
  std::stable_sort(report_.clusters.begin(), report_.clusters.end(),
                   [](const auto& a, const auto& b) { return a.balloon_kib > b.balloon_kib; });
  return std::move(report_);
}

}  // namespace ballast::fleet
