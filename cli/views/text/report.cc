#include "cli/views/text/report.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "base/words.h"
#include "cli/views/formats.h"
#include "cli/views/text/evidence.h"
#include "fleet/remedies.h"
#include "fleet/sentences.h"
#include "output/page.h"

namespace ballast::cli {

using fleet::ClusterTotals;
using fleet::FleetScan;
using fleet::headline;
using fleet::Report;
using fleet::ReportQuery;
using fleet::suspended_logins;
using fleet::VerdictCount;
using fleet::waiting_words;
using fleet::warning_about;
using output::Align;
using output::Cell;
using output::Column;
using output::Page;
using output::Style;
using output::Table;

namespace {

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
    if (!usable.limited_to.empty()) {
      page.paragraph("Limited to " + page.safe(usable.limited_to) + ".", Style::kFaint);
    }
  }
  const std::string warning = warning_about(scan, now);
  if (!warning.empty()) page.paragraph("Warning: " + page.safe(warning) + ".", Style::kNotice);
}

void print_earlier(const Report& report, const std::string& vcenter, Page& page) {
  for (const auto& readings : report.earlier) {
    if (readings.vcenter != vcenter) continue;
    page.paragraph(
        fmt::format("{} that it does not tell of {} shown as the scan of {} ({}) saw {}.",
                    counted(readings.vms, "VM"), readings.vms == 1 ? "is" : "are",
                    format_when(readings.started_at), format_age(readings.started_at, report.now),
                    readings.vms == 1 ? "it" : "them"),
        Style::kNotice);
  }
}

void print_guests(const Report& report, Page& page) {
  page.gap();
  page.table(guest_table(report, page));
  if (report.guests_read > 0 || report.is_kept) page.gap();
  const auto rows = static_cast<std::int64_t>(report.rows.size());
  if (rows < report.listed) {
    page.paragraph(fmt::format("{} more like these are cut off by --limit {}.",
                               grouped(report.listed - rows), report.query.limit));
  }
  if (report.guests_read > 0) {
    page.paragraph(fmt::format("Difference = unaccounted {0} the guest's baseline {0} balloon.",
                               page.signs().minus),
                   Style::kFaint);
  }
  if (report.is_kept) page.paragraph("One guest in full: ballast vm NAME", Style::kFaint);
}

// What would give the memory of the listed guests back, where no command can tell it of each.
void print_remedies(const Report& report, Page& page) {
  const auto remedies = fleet::remedies_for(report.rows);
  if (report.is_kept || remedies.empty()) return;
  page.heading("What would give it back");
  for (const auto& remedy : remedies) {
    page.entry({{fmt::format("{:>7}", grouped(remedy.guests))},
                {fmt::format("{:>9}", format_size(remedy.balloon_kib))}},
               page.safe(fleet::remedy_sentence(remedy)));
  }
}

// How to see more than a scan whose store is gone could show.
void print_next_steps(const Report& report, Page& page) {
  if (report.is_kept) return;
  page.gap();
  if (report.reasons.contains(model::UnknownReason::kNoCredentials)) {
    page.paragraph("To read the guests: --guest-username USER", Style::kFaint);
  }
  page.paragraph(
      "Nothing of this was kept; with --db FILE it is, for ballast report and ballast vm.",
      Style::kFaint);
}

// "8 powered off, 4 VMware Tools not running", the most frequent first.
std::string reasons_of(const Report& report) {
  std::vector<std::pair<std::int64_t, std::string_view>> sorted;
  for (const auto& [reason, guests] : report.unlisted_reasons) {
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
  if (report.waiting.empty() || !report.is_kept || !report.query.lists(Verdict::kUnknown)) return;
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
  if (!any || !report.is_kept) return;
  const std::string some =
      worth_a_look.empty() ? "" : fmt::format(" or --verdict {}", fmt::join(worth_a_look, ","));
  page.paragraph("To list them: ballast report --all" + some, Style::kFaint);
}

}  // namespace

void print_clusters(const Report& report, Page& page) {
  constexpr std::size_t kMost = 20;
  const auto& clusters = report.clusters;
  if (clusters.size() < 2) return;
  page.heading("All VMs by cluster");
  const bool with_vcenter = report.scans.size() > 1;
  std::vector<Column> columns = {{"CLUSTER", "", "", Align::kLeft, 10, 0},
                                 {"VMs", "", "", Align::kRight, 0, 4},
                                 {"BALLOONED", "", "", Align::kRight, 0, 5},
                                 {"BALLOON", "", "MiB", Align::kRight, 0, 0}};
  const bool any_read = report.guests_read > 0;
  if (any_read) {
    columns.push_back({"UNACCOUNTED", "UNACC.", "MiB", Align::kRight, 0, 1});
    columns.push_back({"EXCESS", "", "MiB", Align::kRight, 0, 2});
  }
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
                               {whole_mib(one.balloon_kib)}};
    if (any_read) {
      cells.push_back({mib(one.unaccounted_kib)});
      cells.push_back({mib(one.excess_kib)});
    }
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
  for (const auto& scan : report.scans) {
    print_scan(scan, report.now, page);
    print_earlier(report, scan.vcenter, page);
  }
  if (report.changes) return print_changes(report, page);
  if (!report.rows.empty()) print_guests(report, page);
  print_remedies(report, page);
  print_waiting(report, page);
  print_clusters(report, page);
  print_others(report, page);
  print_next_steps(report, page);
}

}  // namespace ballast::cli
