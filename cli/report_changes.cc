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

// Of an excess: what it leaks, or of one that is gone, leaked.
std::optional<std::int64_t> leak_of(const Change& change) {
  if (change.kind == ChangeKind::kNewExcess) return change.now->leak_kib_per_day;
  if (change.kind == ChangeKind::kGoneExcess) return change.before->leak_kib_per_day;
  return std::nullopt;
}

Table change_table(const Report& report, const Page& page) {
  const bool with_vcenter = report.scans.size() > 1;
  const auto& rows = report.changes->rows;
  const bool with_leaks = std::any_of(
      rows.begin(), rows.end(), [](const Change& change) { return leak_of(change).has_value(); });
  std::vector<Column> columns = {
      {"CHANGE", "", "", Align::kLeft, 0, 0},  {"NAME", "", "", Align::kLeft, 14, 0},
      {"HOST", "", "", Align::kLeft, 10, 2},   {"BEFORE", "", "MiB", Align::kRight, 0, 0},
      {"NOW", "", "MiB", Align::kRight, 0, 0}, {"VERDICT", "", "", Align::kLeft, 0, 3}};
  if (with_vcenter) columns.insert(columns.begin() + 2, {"VCENTER", "", "", Align::kLeft, 7, 1});
  if (with_leaks) {
    columns.insert(columns.end() - 1, {"LEAK", "", "MiB/day", Align::kRight, 0, 0});
  }
  Table table(std::move(columns));
  for (const auto& change : rows) {
    const auto verdict = change.now ? model::to_string(change.now->verdict) : "-";
    std::vector<Cell> cells = {
        {std::string(change.title()), style_of(change.kind)},
        {page.safe(change.name), Style::kStrong},
        {change.host.empty() ? "-" : page.safe(change.host)},
        {or_dash(change.size_before(), whole_mib)},
        {or_dash(change.size_now(), whole_mib)},
        {std::string(verdict), change.now ? cli::style_of(change.now->verdict) : Style::kPlain}};
    if (with_vcenter) cells.insert(cells.begin() + 2, {page.safe(change.vcenter)});
    if (with_leaks) {
      cells.insert(cells.end() - 1, {or_dash(leak_of(change), signed_mib)});
    }
    table.add_row(std::move(cells));
  }
  return table;
}

void add_excess(std::int64_t count, std::int64_t leaks, std::string_view when,
                std::vector<std::string>& parts) {
  if (count > leaks) parts.push_back(fmt::format("{} {} excess", grouped(count - leaks), when));
  if (leaks > 0) parts.push_back(counted(leaks, fmt::format("{} leak", when)));
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
  const auto when = format_when(changes.since);
  if (std::none_of(changes.scans.begin(), changes.scans.end(),
                   [](const ScanComparison& scans) { return scans.is_compared(); })) {
    return fmt::format("Since {}: nothing to compare.", when);
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kChangeKinds; ++i) {
    const auto kind = static_cast<ChangeKind>(i);
    const auto count = changes.count(kind);
    if (kind == ChangeKind::kNewExcess) {
      add_excess(count, changes.new_leaks, "new", parts);
    } else if (kind == ChangeKind::kGoneExcess) {
      add_excess(count, changes.gone_leaks, "gone", parts);
    } else if (count > 0) {
      parts.push_back(counted(count, title_of(kind)));
    }
  }
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
  const bool has_leak = std::any_of(changes.rows.begin(), changes.rows.end(),
                                    [](const Change& change) { return change.is_leak(); });
  page.paragraph(fmt::format("Before and now are the balloon; of an excess, what is missing beyond "
                             "balloon and baseline{}.",
                             has_leak ? "; a leak has its rate instead" : ""),
                 Style::kFaint);
  page.paragraph("One guest in full: ballast vm NAME", Style::kFaint);
}

}  // namespace ballast::cli
