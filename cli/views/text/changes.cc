#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "base/words.h"
#include "cli/views/text/evidence.h"
#include "cli/views/text/report.h"
#include "fleet/sentences.h"

namespace ballast::cli {

using fleet::Change;
using fleet::ChangeKind;
using fleet::changes_headline;
using fleet::comparison_note;
using fleet::Report;
using output::Align;
using output::Cell;
using output::Column;
using output::Page;
using output::Style;
using output::Table;

namespace {

// Good news is what gives memory back.
Style style_of_change(ChangeKind kind) {
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

Cell verdict_cell(const Change& change) {
  if (!change.now || !change.now->verdict) return {"-"};
  return {std::string(model::to_string(*change.now->verdict)), style_of(*change.now->verdict)};
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
    std::vector<Cell> cells = {{std::string(change.title()), style_of_change(change.kind)},
                               {page.safe(change.name), Style::kStrong},
                               {change.host.empty() ? "-" : page.safe(change.host)},
                               {or_dash(change.size_before(), whole_mib)},
                               {or_dash(change.size_now(), whole_mib)},
                               verdict_cell(change)};
    if (with_vcenter) cells.insert(cells.begin() + 2, {page.safe(change.vcenter)});
    if (with_leaks) {
      cells.insert(cells.end() - 1, {or_dash(leak_of(change), signed_mib)});
    }
    table.add_row(std::move(cells));
  }
  return table;
}

}  // namespace

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
