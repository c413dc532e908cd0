#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "cli/page.h"
#include "cli/report_output.h"
#include "cli/report_tables.h"
#include "cli/wording.h"

namespace ballast::cli {

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

void print_report_table(const Report& report, const StreamTraits& traits, std::ostream& out) {
  Page page(traits, out);
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
