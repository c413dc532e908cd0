#include "fleet/report.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "fleet/causes.h"
#include "fleet/sentences.h"

namespace ballast::fleet {

namespace {

using model::JudgedGuest;

constexpr std::int64_t kMissingLast = std::numeric_limits<std::int64_t>::min();

bool is_large_enough(const ReportQuery& query, const model::JudgedGuest& row) {
  if (!query.min_size_kib) return true;
  const auto unaccounted = row.guest ? row.guest->account.unaccounted_kib : 0;
  return std::max(row.shown_balloon_kib().value_or(0), unaccounted) >= *query.min_size_kib;
}

std::optional<std::int64_t> size_to_sort_by(const JudgedGuest& row, ReportSort sort) {
  switch (sort) {
    case ReportSort::kUnaccounted:
      return row.guest ? std::optional(row.guest->account.unaccounted_kib) : std::nullopt;
    case ReportSort::kDifference:
      return row.difference_kib();
    case ReportSort::kMemory:
      return row.memory_kib();
    case ReportSort::kConsumed:
      return row.vm.stats.consumed_kib;
    case ReportSort::kLeak:
      return row.judgement.leak ? std::optional(row.judgement.leak->kib_per_day) : std::nullopt;
    default:
      return row.shown_balloon_kib();
  }
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// A total order, so that the same store always gives the same list.
bool comes_before(const JudgedGuest& a, const JudgedGuest& b, ReportSort sort) {
  const auto identity = [](const JudgedGuest& row) {
    return std::make_tuple(lower(row.vm.name), std::tie(row.vm.name, row.vcenter, row.vm.moref));
  };
  if (sort == ReportSort::kName) return identity(a) < identity(b);
  if (sort == ReportSort::kHost || sort == ReportSort::kCluster) {
    const auto place = sort == ReportSort::kHost ? &JudgedGuest::host : &JudgedGuest::cluster;
    const auto place_a = lower(a.*place);
    const auto place_b = lower(b.*place);
    return place_a != place_b ? place_a < place_b : identity(a) < identity(b);
  }
  const auto size_a = size_to_sort_by(a, sort).value_or(kMissingLast);
  const auto size_b = size_to_sort_by(b, sort).value_or(kMissingLast);
  return size_a != size_b ? size_a > size_b : identity(a) < identity(b);
}

// What is missing beyond balloon and baseline, where that is what makes it an excess.
std::int64_t missing_kib(const model::Judgement& judgement) {
  const bool is_missing =
      judgement.verdict == model::Verdict::kExcess && !model::is_leak_only(judgement);
  return is_missing ? judgement.difference_kib : 0;
}

// For VerdictCount and ClusterTotals.
void add_leak(const model::Judgement& judgement, auto& totals) {
  if (!judgement.leak) return;
  ++totals.leaking;
  totals.leak_kib_per_day += judgement.leak->kib_per_day;
}

void count(const model::JudgedGuest& row, bool listed, Report& report) {
  const auto& judgement = row.judgement;
  const std::int64_t balloon = row.shown_balloon_kib().value_or(0);
  auto& of_verdict = report.counts[static_cast<std::size_t>(judgement.verdict)];
  ++report.vms;
  if (row.guest) ++report.guests_read;
  ++of_verdict.guests;
  if (listed) ++of_verdict.listed;
  if (balloon > 0) ++of_verdict.ballooned;
  of_verdict.balloon_kib += balloon;
  of_verdict.difference_kib += row.difference_kib().value_or(0);
  of_verdict.missing_kib += missing_kib(judgement);
  add_leak(judgement, of_verdict);
  if (judgement.verdict != model::Verdict::kUnknown) return;
  ++report.reasons[judgement.reason];
  if (!listed) ++report.unlisted_reasons[judgement.reason];
}

}  // namespace

ReportBuilder::ReportBuilder(ReportQuery query, std::vector<FleetScan> scans, UtcTime now) {
  report_.now = now;
  for (auto& scan : scans) {
    if (query.is_about_vcenter(scan.vcenter)) report_.scans.push_back(std::move(scan));
  }
  report_.query = std::move(query);
}

bool ReportBuilder::lists(const model::JudgedGuest& row) const {
  const ReportQuery& query = report_.query;
  const bool chosen =
      query.lists(row.judgement.verdict) || (query.every_balloon && row.has_balloon());
  return chosen && is_large_enough(query, row) && query.is_about(row);
}

void ReportBuilder::add(const model::JudgedGuest& row, const model::VmSurroundings& around) {
  const ReportQuery& query = report_.query;
  if (!query.is_about(row)) return;
  add_to_cluster(row);
  const bool listed = lists(row);
  count(row, listed, report_);
  if (is_left_alone(row, report_.now)) add_waiting(*row.setback, report_.waiting);
  if (!listed) return;
  ++report_.listed;
  report_.rows.push_back(row);
  report_.rows.back().causes = causes_of(row, around);
  if (query.limit > 0 && report_.rows.size() >= 2 * query.limit + 64) trim_rows();
}

void ReportBuilder::add_earlier(EarlierReadings readings) {
  if (readings.vms > 0) report_.earlier.push_back(std::move(readings));
}

void ReportBuilder::add_to_cluster(const model::JudgedGuest& row) {
  auto& totals = clusters_[{row.vcenter, row.cluster}];
  const auto balloon = row.shown_balloon_kib().value_or(0);
  ++totals.vms;
  if (balloon > 0) ++totals.ballooned;
  totals.balloon_kib += balloon;
  if (!row.guest) return;
  ++totals.guests_read;
  totals.unaccounted_kib += row.guest->account.unaccounted_kib;
  totals.excess_kib += missing_kib(row.judgement);
  add_leak(row.judgement, totals);
}

void ReportBuilder::trim_rows() {
  auto& rows = report_.rows;
  const auto sort = report_.query.sort;
  const auto before = [sort](const JudgedGuest& a, const JudgedGuest& b) {
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
