#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/report_output.h"
#include "cli/report_tables.h"

namespace ballast::cli {

namespace {

// Good news is what gives memory back.
Style style_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kNewBalloon:
    case ChangeKind::kGrownBalloon:
      return Style::kFinding;
    case ChangeKind::kNewExcess:
      return Style::kBad;
    case ChangeKind::kReleasedBalloon:
    case ChangeKind::kShrunkBalloon:
    case ChangeKind::kGoneExcess:
      return Style::kGood;
    default:
      return Style::kPlain;
  }
}

Table change_table(const Report& report, const Page& page) {
  const bool with_vcenter = report.scans.size() > 1;
  std::vector<Column> columns = {
      {"CHANGE", "", "", Align::kLeft, 0, 0},  {"NAME", "", "", Align::kLeft, 14, 0},
      {"HOST", "", "", Align::kLeft, 10, 2},   {"BEFORE", "", "MiB", Align::kRight, 0, 0},
      {"NOW", "", "MiB", Align::kRight, 0, 0}, {"VERDICT", "", "", Align::kLeft, 0, 3}};
  if (with_vcenter) columns.insert(columns.begin() + 2, {"VCENTER", "", "", Align::kLeft, 7, 1});
  Table table(std::move(columns));
  for (const auto& change : report.changes->rows) {
    const auto verdict = change.now ? model::to_string(change.now->verdict) : "-";
    std::vector<Cell> cells = {
        {std::string(title_of(change.kind)), style_of(change.kind)},
        {page.safe(change.name), Style::kStrong},
        {change.host.empty() ? "-" : page.safe(change.host)},
        {or_dash(change.size_before(), whole_mib)},
        {or_dash(change.size_now(), whole_mib)},
        {std::string(verdict), change.now ? cli::style_of(change.now->verdict) : Style::kPlain}};
    if (with_vcenter) cells.insert(cells.begin() + 2, {page.safe(change.vcenter)});
    table.add_row(std::move(cells));
  }
  return table;
}

}  // namespace

std::string comparison_note(const ScanComparison& scans, UtcTime since) {
  const std::string vcenter = "vCenter " + printable(scans.vcenter);
  if (scans.is_newest) {
    return fmt::format("{}: no scan since {}; nothing to compare.", vcenter, format_when(since));
  }
  if (scans.before) {
    return fmt::format("{}: compared with the scan of {}.", vcenter,
                       format_when(scans.before->started_at));
  }
  return fmt::format("{}: no scan so early, its data begin at {}; nothing to compare.", vcenter,
                     format_when(scans.data_since.value_or(since)));
}

std::string changes_headline(const Changes& changes) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kChangeKinds; ++i) {
    const auto kind = static_cast<ChangeKind>(i);
    const bool is_excess = kind == ChangeKind::kNewExcess || kind == ChangeKind::kGoneExcess;
    const auto count = changes.count(kind);
    if (count == 0) continue;
    parts.push_back(is_excess ? fmt::format("{} {}", grouped(count), title_of(kind))
                              : counted(count, title_of(kind)));
  }
  const auto when = format_when(changes.since);
  if (parts.empty()) return fmt::format("Since {}: no change worth a line.", when);
  return fmt::format("Since {}: {}.", when, fmt::join(parts, ", "));
}

void print_changes(const Report& report, Page& page) {
  const auto& changes = *report.changes;
  for (const auto& scans : changes.scans) {
    page.paragraph(page.safe(comparison_note(scans, changes.since)),
                   scans.is_compared() ? Style::kFaint : Style::kNotice);
  }
  page.gap();
  page.paragraph(changes_headline(changes), Style::kStrong);
  if (changes.rows.empty()) return;
  page.gap();
  page.table(change_table(report, page));
  page.gap();
  std::int64_t all = 0;
  for (const auto count : changes.counts) all += count;
  const auto hidden = all - static_cast<std::int64_t>(changes.rows.size());
  if (hidden > 0) {
    page.paragraph(
        fmt::format("{} more are cut off by --limit {}.", grouped(hidden), report.query.limit));
  }
  page.paragraph(
      "Before and now are the balloon; of an excess, what is missing beyond balloon and baseline.",
      Style::kFaint);
  page.paragraph("One guest in full: ballast vm NAME", Style::kFaint);
}

}  // namespace ballast::cli
