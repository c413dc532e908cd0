#include "cli/views/text/db.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "cli/views/formats.h"
#include "model/history/judge_history.h"
#include "model/verdict.h"
#include "output/page.h"
#include "output/table.h"

namespace ballast::cli {

using output::Align;
using output::Page;
using output::StreamTraits;
using output::Style;
using output::Table;

namespace {

std::string span_of(const storage::StoreExtent& extent) {
  if (!extent.oldest || !extent.newest) return "none";
  return fmt::format("{} to {}", format_iso8601(*extent.oldest), format_iso8601(*extent.newest));
}

}  // namespace

void TextOutput::extent(const std::string& path, const storage::StoreExtent& extent) {
  Page page(traits_, out_);
  page.field("Database", page.safe(path));
  page.field("Schema", fmt::format("version {}", extent.schema_version));
  page.field("Size", format_size(extent.file_bytes / 1024));
  page.field("vCenters", std::to_string(extent.vcenters));
  page.field("VMs", std::to_string(extent.vms));
  page.field("Scans", std::to_string(extent.scans));
  page.field("Samples", span_of(extent));
  page.field("Rolled up",
             fmt::format("{}, {}", counted(extent.hours, "hour"), counted(extent.days, "day")));
}

void print_done(std::string_view verb, const storage::StoreExtent& more,
                const storage::StoreExtent& less, const StreamTraits& traits, std::ostream& out) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::int64_t count, std::string_view noun) {
    if (count > 0) parts.push_back(counted(count, noun));
  };
  add(more.scans - less.scans, "scan");
  add(more.hours - less.hours, "hour");
  add(more.days - less.days, "day");
  Page page(traits, out);
  page.paragraph(parts.empty() ? "Nothing to do."
                               : fmt::format("{} {}.", verb, fmt::join(parts, ", ")));
}

void print_health(const std::string& path, const storage::HealthReport& report,
                  const StreamTraits& traits, std::ostream& out) {
  Page page(traits, out);
  if (report.ok) {
    page.paragraph(fmt::format("{} is sound: schema version {}, {}, {}.", page.safe(path),
                               report.schema_version, format_size(report.file_bytes / 1024),
                               counted(report.scans, "scan")));
    return;
  }
  page.paragraph(page.safe(path) + " is not sound:", Style::kBad);
  for (const auto& problem : report.problems) page.paragraph(page.safe(problem), Style::kBad);
  page.paragraph("try: " + page.safe(report.hint));
}

void print_backed_up(const std::string& path, const std::string& target, const StreamTraits& traits,
                     std::ostream& out) {
  Page page(traits, out);
  page.paragraph(fmt::format("{} is copied to {}.", page.safe(path), page.safe(target)));
}

void print_rejudged(const storage::RejudgeReport& report, bool dry_run, const StreamTraits& traits,
                    std::ostream& out) {
  Page page(traits, out);
  page.paragraph(fmt::format("Judged {} of {} again: {} {}.", counted(report.judged, "sample"),
                             counted(report.scans, "scan"), counted(report.changed, "judgement"),
                             dry_run ? "would change" : "changed"));
  if (report.verdicts.empty()) return;
  Table table({{"FROM"}, {"TO"}, {"SAMPLES", "", "", Align::kRight}});
  for (const auto& [change, count] : report.verdicts) {
    table.add_row({{change.first}, {change.second}, {std::to_string(count)}});
  }
  page.gap();
  page.table(table, 2);
}

std::optional<UtcTime> whole_history_since(const storage::StoreExtent& extent) {
  if (!extent.oldest) return std::nullopt;
  return *extent.oldest + model::kHistoryWindow;
}

void print_lost_history(const storage::StoreExtent& extent, const StreamTraits& traits,
                        std::ostream& out) {
  const auto since = whole_history_since(extent);
  if (!since) return;
  Page page(traits, out);
  page.gap();
  page.paragraph(
      fmt::format("Samples before {} may have been judged with older ones that are not kept any "
                  "more; judged again, baseline, lockstep and leak are of what is left.",
                  format_when(*since)),
      Style::kNotice);
  if (*since > *extent.newest) return;
  const auto whole_seconds = std::chrono::ceil<std::chrono::seconds>(*since);
  page.paragraph(fmt::format("To leave these as they are: ballast db rejudge --since {}",
                             format_iso8601(whole_seconds)),
                 Style::kFaint);
}

}  // namespace ballast::cli
