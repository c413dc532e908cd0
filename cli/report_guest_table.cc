#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "cli/causes.h"
#include "cli/report_tables.h"
#include "cli/suspects_output.h"

namespace ballast::cli {

namespace {

using model::Verdict;

// What a row ends with: the proof, who may hold an excess, or why there is no verdict.
std::string last_words(const ReportRow& row) {
  if (row.verdict == Verdict::kExcess) {
    const auto suspect = largest_suspect(row.suspects);
    return suspect.empty() && row.leak_kib_per_day ? "leak" : suspect;
  }
  return std::string(row.verdict == Verdict::kUnknown ? model::describe(row.reason)
                                                      : model::to_string(row.proof));
}

std::string or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

class GuestTable {
 public:
  GuestTable(const Report& report, const Page& page) : report_(report), page_(page) {}

  Table build() {
    add_names();
    add_sizes();
    add_words();
    std::vector<Column> columns;
    for (const auto& [column, cell] : columns_) columns.push_back(column);
    Table table(std::move(columns));
    for (const auto& row : report_.rows) {
      std::vector<Cell> cells;
      for (const auto& [column, cell] : columns_) cells.push_back(cell(row));
      table.add_row(std::move(cells));
    }
    return table;
  }

 private:
  using CellOf = std::function<Cell(const ReportRow&)>;

  // In the order in which columns go where the room is short: first what is the same in each row or
  // seldom asked, last what was found, how much it is and what to do about it. The column that
  // gives the order stays.
  enum DropOrder {
    kNever,
    kSameVerdict,
    kMemory,
    kVcenter,
    kHost,
    kCauseOfExcess,
    kProof,
    kLeak,
    kDifference,
    kCause,
    kBalloon,
    kVerdict,
    kUnaccounted,
    kReason
  };

  [[nodiscard]] DropOrder unless_sorted_by(ReportSort sort, DropOrder order) const {
    return report_.query.sort == sort ? kNever : order;
  }

  void add(Column column, CellOf cell) {
    columns_.emplace_back(std::move(column), std::move(cell));
  }

  void add_text(const char* title, std::size_t min_width, DropOrder order,
                std::string ReportRow::*text) {
    add({title, "", "", Align::kLeft, min_width, order},
        [this, text](const ReportRow& row) { return Cell{or_dash(page_.safe(row.*text))}; });
  }
  void add_size(const char* title, const char* short_title, const char* unit, DropOrder order,
                std::optional<std::int64_t> ReportRow::*kib, std::string (*format)(std::int64_t)) {
    add({title, short_title, unit, Align::kRight, 0, order},
        [kib, format](const ReportRow& row) { return Cell{cli::or_dash(row.*kib, format)}; });
  }

  [[nodiscard]] bool any(bool (*has)(const ReportRow&)) const {
    return std::any_of(report_.rows.begin(), report_.rows.end(), has);
  }

  void add_names() {
    add({"NAME", "", "", Align::kLeft, 14, kNever}, [this](const ReportRow& row) {
      return Cell{page_.safe(row.name), Style::kStrong};
    });
    if (report_.scans.size() > 1) add_text("VCENTER", 7, kVcenter, &ReportRow::vcenter);
    if (report_.query.sort == ReportSort::kCluster) {
      add_text("CLUSTER", 8, kNever, &ReportRow::cluster);
    }
    add_text("HOST", 10, unless_sorted_by(ReportSort::kHost, kHost), &ReportRow::host);
  }

  void add_sizes() {
    add_size("MEMORY", "", "MiB", unless_sorted_by(ReportSort::kMemory, kMemory),
             &ReportRow::memory_kib, whole_mib);
    if (report_.query.sort == ReportSort::kConsumed) {
      add_size("CONSUMED", "", "MiB", kNever, &ReportRow::consumed_kib, whole_mib);
    }
    add_size("BALLOON", "", "MiB", kBalloon, &ReportRow::balloon_kib, whole_mib);
    add_size("UNACCOUNTED", "UNACC.", "MiB", kUnaccounted, &ReportRow::unaccounted_kib, mib);
    add_size("DIFFERENCE", "DIFF.", "MiB", unless_sorted_by(ReportSort::kDifference, kDifference),
             &ReportRow::difference_kib, signed_mib);
    if (any([](const ReportRow& row) { return row.leak_kib_per_day.has_value(); })) {
      add_size("LEAK", "", "MiB/day", unless_sorted_by(ReportSort::kLeak, kLeak),
               &ReportRow::leak_kib_per_day, signed_mib);
    }
  }

  void add_words() {
    const auto& query = report_.query;
    const bool one_verdict = query.verdicts.size() == 1;
    // The same in each row: of little use.
    add({"VERDICT", "", "", Align::kLeft, 0, one_verdict ? kSameVerdict : kVerdict},
        [](const ReportRow& row) {
          return Cell{std::string(model::to_string(row.verdict)), style_of(row.verdict)};
        });
    if (any([](const ReportRow& row) { return !row.causes.empty(); })) {
      const bool only_excess = one_verdict && query.lists(Verdict::kExcess);
      add({"CAUSE", "", "", Align::kLeft, 0, only_excess ? kCauseOfExcess : kCause},
          [](const ReportRow& row) { return Cell{or_dash(cause_title(row.causes))}; });
    }
    Column last = {"PROOF", "", "", Align::kLeft, 0, kProof};
    if (query.lists(Verdict::kUnknown)) {
      last = {"PROOF OR REASON", "PROOF/REASON", "", Align::kLeft, 12, kReason};
    } else if (query.lists(Verdict::kExcess)) {
      last = {one_verdict ? "SUSPECT" : "PROOF OR SUSPECT", "", "", Align::kLeft, 12, kProof};
    }
    add(std::move(last), [](const ReportRow& row) { return Cell{or_dash(last_words(row))}; });
  }

  const Report& report_;
  const Page& page_;
  std::vector<std::pair<Column, CellOf>> columns_;
};

}  // namespace

Table guest_table(const Report& report, const Page& page) {
  return GuestTable(report, page).build();
}

void print_clusters(const Report& report, Page& page) {
  constexpr std::size_t kMost = 20;
  const auto& clusters = report.clusters;
  if (clusters.size() < 2) return;
  page.heading("All VMs by cluster");
  const bool with_vcenter = report.scans.size() > 1;
  std::vector<Column> columns = {{"CLUSTER", "", "", Align::kLeft, 10, 0},
                                 {"VMs", "", "", Align::kRight, 0, 4},
                                 {"BALLOONED", "", "", Align::kRight, 0, 5},
                                 {"BALLOON", "", "MiB", Align::kRight, 0, 0},
                                 {"UNACCOUNTED", "UNACC.", "MiB", Align::kRight, 0, 1},
                                 {"EXCESS", "", "MiB", Align::kRight, 0, 2}};
  const bool with_leaks = std::any_of(clusters.begin(), clusters.end(),
                                      [](const ClusterTotals& one) { return one.leaking > 0; });
  if (with_leaks) columns.push_back({"LEAK", "", "MiB/day", Align::kRight, 0, 2});
  if (with_vcenter) columns.insert(columns.begin() + 1, {"VCENTER", "", "", Align::kLeft, 7, 3});
  Table table(std::move(columns));
  for (std::size_t i = 0; i < std::min(clusters.size(), kMost); ++i) {
    const auto& one = clusters[i];
    std::vector<Cell> cells = {{one.cluster.empty() ? "(in none)" : page.safe(one.cluster)},
                               {grouped(one.vms)},
                               {grouped(one.ballooned)},
                               {whole_mib(one.balloon_kib)},
                               {mib(one.unaccounted_kib)},
                               {mib(one.excess_kib)}};
    if (with_leaks) cells.push_back({one.leaking == 0 ? "-" : signed_mib(one.leak_kib_per_day)});
    if (with_vcenter) cells.insert(cells.begin() + 1, {page.safe(one.vcenter)});
    table.add_row(std::move(cells));
  }
  page.table(table);
  if (clusters.size() > kMost) {
    const auto others = static_cast<std::int64_t>(clusters.size() - kMost);
    page.paragraph(grouped(others) + " others have less: --format json", Style::kFaint);
  }
}

}  // namespace ballast::cli
