#include "cli/views/text/report.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "base/words.h"
#include "cli/views/formats.h"
#include "cli/views/text/evidence.h"
#include "fleet/causes.h"
#include "fleet/sentences.h"
#include "model/figures.h"
#include "output/page.h"

namespace ballast::cli {

using fleet::cause_title;
using fleet::ClusterTotals;
using fleet::FleetScan;
using fleet::headline;
using fleet::Report;
using fleet::ReportQuery;
using fleet::ReportSort;
using fleet::suspended_logins;
using fleet::VerdictCount;
using fleet::waiting_words;
using fleet::warning_about;
using model::JudgedGuest;
using output::Align;
using output::Cell;
using output::Column;
using output::Page;
using output::Style;
using output::Table;

namespace {

using model::Verdict;

// What a row ends with: the proof, who may hold an excess, or why there is no verdict.
std::string last_words(const JudgedGuest& row) {
  const auto& judgement = row.judgement;
  if (judgement.verdict == Verdict::kExcess) {
    const auto suspect = row.guest ? largest_suspect(row.guest->suspects) : "";
    return suspect.empty() && judgement.leak ? "leak" : suspect;
  }
  return std::string(judgement.verdict == Verdict::kUnknown ? model::describe(judgement.reason)
                                                            : model::to_string(judgement.proof));
}

std::string word_or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

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
  using CellOf = std::function<Cell(const JudgedGuest&)>;

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
                std::string JudgedGuest::*text) {
    add({title, "", "", Align::kLeft, min_width, order},
        [this, text](const JudgedGuest& row) { return Cell{word_or_dash(page_.safe(row.*text))}; });
  }
  void add_size(const char* title, const char* short_title, const char* unit, DropOrder order,
                std::string_view key, std::string (*format)(std::int64_t)) {
    add({title, short_title, unit, Align::kRight, 0, order},
        [&figure = model::figure(key), format](const JudgedGuest& row) {
          const auto value = figure.get(row);
          const auto* kib = std::get_if<std::int64_t>(&value);
          return Cell{kib == nullptr ? "-" : format(*kib)};
        });
  }

  [[nodiscard]] bool any(bool (*has)(const JudgedGuest&)) const {
    return std::any_of(report_.rows.begin(), report_.rows.end(), has);
  }

  void add_names() {
    add({"NAME", "", "", Align::kLeft, 14, kNever}, [this](const JudgedGuest& row) {
      return Cell{page_.safe(row.vm.name), Style::kStrong};
    });
    if (report_.scans.size() > 1) add_text("VCENTER", 7, kVcenter, &JudgedGuest::vcenter);
    if (report_.query.sort == ReportSort::kCluster) {
      add_text("CLUSTER", 8, kNever, &JudgedGuest::cluster);
    }
    add_text("HOST", 10, unless_sorted_by(ReportSort::kHost, kHost), &JudgedGuest::host);
  }

  void add_sizes() {
    add_size("MEMORY", "", "MiB", unless_sorted_by(ReportSort::kMemory, kMemory), "memory_kib",
             whole_mib);
    if (report_.query.sort == ReportSort::kConsumed) {
      add_size("CONSUMED", "", "MiB", kNever, "consumed_kib", whole_mib);
    }
    add_size("BALLOON", "", "MiB", kBalloon, "shown_balloon_kib", whole_mib);
    add_size("UNACCOUNTED", "UNACC.", "MiB", kUnaccounted, "unaccounted_kib", mib);
    add_size("DIFFERENCE", "DIFF.", "MiB", unless_sorted_by(ReportSort::kDifference, kDifference),
             "difference_kib", signed_mib);
    if (any([](const JudgedGuest& row) { return row.judgement.leak.has_value(); })) {
      add_size("LEAK", "", "MiB/day", unless_sorted_by(ReportSort::kLeak, kLeak),
               "leak_kib_per_day", signed_mib);
    }
  }

  void add_words() {
    const auto& query = report_.query;
    const bool one_verdict = query.verdicts.size() == 1;
    // The same in each row: of little use.
    add({"VERDICT", "", "", Align::kLeft, 0, one_verdict ? kSameVerdict : kVerdict},
        [](const JudgedGuest& row) {
          const auto verdict = row.judgement.verdict;
          return Cell{std::string(model::to_string(verdict)), style_of(verdict)};
        });
    if (any([](const JudgedGuest& row) { return !row.causes.empty(); })) {
      const bool only_excess = one_verdict && query.lists(Verdict::kExcess);
      add({"CAUSE", "", "", Align::kLeft, 0, only_excess ? kCauseOfExcess : kCause},
          [](const JudgedGuest& row) { return Cell{word_or_dash(cause_title(row.causes))}; });
    }
    Column last = {"PROOF", "", "", Align::kLeft, 0, kProof};
    if (query.lists(Verdict::kUnknown)) {
      last = {"PROOF OR REASON", "PROOF/REASON", "", Align::kLeft, 12, kReason};
    } else if (query.lists(Verdict::kExcess)) {
      last = {one_verdict ? "SUSPECT" : "PROOF OR SUSPECT", "", "", Align::kLeft, 12, kProof};
    }
    add(std::move(last),
        [](const JudgedGuest& row) { return Cell{word_or_dash(last_words(row))}; });
  }

  const Report& report_;
  const Page& page_;
  std::vector<std::pair<Column, CellOf>> columns_;
};

using model::Verdict;

constexpr std::array kVerdicts = {Verdict::kBalloon, Verdict::kExcess, Verdict::kHidden,
                                  Verdict::kClean, Verdict::kUnknown};

// Balloons that no guest's account confirms or refutes.
void print_unchecked(const Report& report, Page& page) {
  const auto& unknown = report.of(Verdict::kUnknown);
  if (unknown.ballooned == 0 || report.guests_read == 0) return;
  page.paragraph(
      fmt::format("Not checked: another {} that vCenter reports in {} without a verdict.",
                  format_size(unknown.balloon_kib), counted(unknown.ballooned, "guest")),
      Style::kNotice);
}

void print_query(const ReportQuery& query, Page& page) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view what, const std::string& pattern) {
    if (!pattern.empty()) parts.push_back(fmt::format("{} {}", what, page.safe(pattern)));
  };
  add("vCenter", query.vcenter);
  add("cluster", query.cluster);
  add("host", query.host);
  add("name", query.name);
  if (parts.empty()) return;
  page.paragraph(fmt::format("Only guests with {}.", fmt::join(parts, ", ")), Style::kStrong);
}

void print_scan(const FleetScan& scan, UtcTime now, Page& page) {
  if (scan.usable) {
    const auto& usable = *scan.usable;
    const std::string failed =
        usable.guests_failed == 0 ? "" : ", " + grouped(usable.guests_failed) + " failed";
    page.paragraph(
        fmt::format("vCenter {}: {}, {}; {}, {} read{}.", page.safe(scan.vcenter),
                    format_when(usable.finished_at), format_age(usable.finished_at, now),
                    counted(usable.vms, "VM"), counted(usable.guests_read, "guest"), failed),
        Style::kFaint);
  }
  const std::string warning = warning_about(scan, now);
  if (!warning.empty()) page.paragraph("Warning: " + page.safe(warning) + ".", Style::kNotice);
}

void print_guests(const Report& report, Page& page) {
  page.gap();
  page.table(guest_table(report, page));
  page.gap();
  const auto rows = static_cast<std::int64_t>(report.rows.size());
  if (rows < report.listed) {
    page.paragraph(fmt::format("{} more like these are cut off by --limit {}.",
                               grouped(report.listed - rows), report.query.limit));
  }
  page.paragraph(fmt::format("Difference = unaccounted {0} the guest's baseline {0} balloon.",
                             page.signs().minus),
                 Style::kFaint);
  page.paragraph("One guest in full: ballast vm NAME", Style::kFaint);
}

// "8 powered off, 4 VMware Tools not running", the most frequent first.
std::string reasons_of(const Report& report) {
  std::vector<std::pair<std::int64_t, std::string_view>> sorted;
  for (const auto& [reason, guests] : report.reasons) {
    sorted.emplace_back(guests, model::describe(reason));
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> words;
  for (const auto& [guests, text] : sorted) {
    words.push_back(fmt::format("{} {}", grouped(guests), text));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

// As below.
std::string excess_meaning(const VerdictCount& count) {
  if (count.listed > 0) return "memory missing beyond what balloons hold, or leaking";
  std::vector<std::string> parts;
  if (count.missing_kib > 0) {
    parts.push_back(format_size(count.missing_kib) + " missing beyond what balloons hold");
  }
  if (count.leaking > 0) {
    parts.push_back(fmt::format("{} of them leak{}, {} MiB a day", grouped(count.leaking),
                                count.leaking == 1 ? "s" : "", mib(count.leak_kib_per_day)));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string meaning_of(const Report& report, Verdict verdict) {
  const auto& count = report.of(verdict);
  // The sums are of all guests of the verdict: said only where none of these is listed.
  const auto size = [&](std::int64_t kib) {
    return count.listed > 0 ? "memory" : format_size(kib);
  };
  switch (verdict) {
    case Verdict::kBalloon:
      return size(count.balloon_kib) + " held by balloons, matched in the guest";
    case Verdict::kExcess:
      return excess_meaning(count);
    case Verdict::kHidden:
      return size(count.balloon_kib) + " in balloons by vCenter, not missing in the guest";
    case Verdict::kClean:
      return "no balloon, nothing unusual is missing";
    case Verdict::kUnknown:
      return reasons_of(report);
  }
  return {};
}

// When those that are listed and left alone are tried again.
void print_waiting(const Report& report, Page& page) {
  if (report.waiting.empty() || !report.query.lists(Verdict::kUnknown)) return;
  page.heading("Left alone after failures");
  for (const auto& [reason, waiting] : report.waiting) {
    page.entry({{fmt::format("{:>7}", grouped(waiting.guests))}}, waiting_words(reason, waiting));
  }
  page.paragraph("To try them now: ballast scan --retry", Style::kFaint);
}

void print_others(const Report& report, Page& page) {
  std::vector<std::string_view> worth_a_look;
  bool any = false;
  for (const Verdict verdict : kVerdicts) {
    const auto& count = report.of(verdict);
    if (count.guests == count.listed) continue;
    if (!any) page.heading("Not listed");
    any = true;
    const bool suspicious = verdict == Verdict::kExcess || verdict == Verdict::kHidden;
    if (suspicious) worth_a_look.push_back(model::to_string(verdict));
    page.entry({{fmt::format("{:>7}", grouped(count.guests - count.listed))},
                {fmt::format("{:<7}", model::to_string(verdict)), style_of(verdict)}},
               meaning_of(report, verdict));
  }
  if (!any) return;
  const std::string some =
      worth_a_look.empty() ? "" : fmt::format(" or --verdict {}", fmt::join(worth_a_look, ","));
  page.paragraph("To list them: ballast report --all" + some, Style::kFaint);
}

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

void TextOutput::report(const Report& report) {
  Page page(traits_, out_);
  const bool found = report.of(Verdict::kBalloon).guests > 0;
  page.paragraph(headline(report), found ? Style::kFinding : Style::kStrong);
  const std::string logins = suspended_logins(report);
  if (!logins.empty()) page.paragraph(page.safe(logins), Style::kNotice);
  print_unchecked(report, page);
  print_query(report.query, page);
  for (const auto& scan : report.scans) print_scan(scan, report.now, page);
  if (report.changes) return print_changes(report, page);
  if (!report.rows.empty()) print_guests(report, page);
  print_waiting(report, page);
  print_clusters(report, page);
  print_others(report, page);
}

}  // namespace ballast::cli
