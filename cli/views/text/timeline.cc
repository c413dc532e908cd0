#include "cli/views/text/timeline.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/words.h"
#include "fleet/report.h"
#include "fleet/vm_history.h"
#include "output/plot.h"

namespace ballast::cli {

using fleet::events_of;
using fleet::VmEvent;
using fleet::VmReport;
using output::kMarkStyle;
using output::Page;
using output::Plot;
using output::plot_lines;
using output::Style;

namespace {

constexpr std::size_t kPipedWidth = 80;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kMostEvents = 5;
constexpr std::size_t kLeastScans = 3;  // of fewer, the table says all
constexpr char kRebootLetter = 'R';
constexpr char kMigrationLetter = 'M';

char letter_of(const VmEvent& event) {
  return event.kind == VmEvent::Kind::kReboot ? kRebootLetter : kMigrationLetter;
}

std::optional<std::int64_t> mean_of(const std::optional<storage::Spread>& spread) {
  return spread ? std::optional(spread->mean_kib) : std::nullopt;
}

void add_means(const std::vector<storage::VmPeriodPoint>& periods, std::chrono::minutes half,
               Plot& plot) {
  for (const auto& [start, period] : periods) {
    plot.points.push_back(
        {start + half, mean_of(period.figures.balloon), mean_of(period.figures.unaccounted)});
  }
}

Plot plot_of(const VmReport& report, const std::vector<VmEvent>& events) {
  Plot plot;
  plot.area_title = "balloon";
  plot.line_title = "unaccounted";
  plot.letters = {{kRebootLetter, "reboot"}, {kMigrationLetter, "migration"}};
  plot.several.meaning = "both";
  add_means(report.days, std::chrono::hours(12), plot);
  add_means(report.hours, std::chrono::minutes(30), plot);
  for (const auto& row : report.history) {
    const auto unaccounted =
        row.guest ? std::optional(row.guest->account.unaccounted_kib) : std::nullopt;
    plot.points.push_back({row.vm.polled_at, row.shown_balloon_kib(), unaccounted});
  }
  for (const auto& event : events) plot.marks.push_back({event.at, letter_of(event)});
  return plot;
}

std::string sentence_of(const VmEvent& event, const Page& page) {
  if (event.kind == VmEvent::Kind::kReboot) return "rebooted";
  return fmt::format("from {} to {}", page.safe(event.from), page.safe(event.to));
}

void print_events(const std::vector<VmEvent>& events, Page& page) {
  const auto shown = std::min(events.size(), kMostEvents);
  for (auto event = events.end() - static_cast<std::ptrdiff_t>(shown); event != events.end();
       ++event) {
    const std::string letter(1, letter_of(*event));
    page.entry({{"  " + letter, kMarkStyle}, {"by " + format_when(event->at)}},
               sentence_of(*event, page));
  }
  if (shown < events.size()) {
    const auto earlier = static_cast<std::int64_t>(events.size() - shown);
    page.paragraph(grouped(earlier) + " earlier: --format json", Style::kFaint, kIndent);
  }
}

// What the plot is made of where single scans are pruned.
void print_resolution(const VmReport& report, Page& page) {
  std::vector<std::string> parts;
  const auto hours_from = report.hours.empty() ? UtcTime{} : report.hours.front().start;
  const auto scans_from = report.history.empty() ? UtcTime{} : report.history.front().vm.polled_at;
  if (!report.days.empty()) parts.emplace_back("means of days");
  if (!report.hours.empty()) parts.push_back("means of hours since " + format_when(hours_from));
  if (parts.empty()) return;
  if (!report.history.empty()) parts.push_back("single scans since " + format_when(scans_from));
  page.paragraph(fmt::format("Made of {}.", fmt::join(parts, ", ")), Style::kFaint, kIndent);
}

}  // namespace

void print_timeline(const VmReport& report, Page& page) {
  if (report.history.size() + report.hours.size() + report.days.size() < kLeastScans) return;
  const auto events = events_of(report.history);
  const Plot plot = plot_of(report, events);
  const bool has_figures = std::any_of(
      plot.points.begin(), plot.points.end(),
      [](const auto& point) { return point.line_kib || point.area_kib.value_or(0) > 0; });
  if (!has_figures) return;
  const auto width = page.traits().width == 0 ? kPipedWidth : page.traits().width;
  const auto lines = plot_lines(plot, page.traits(), width - std::min(width, kIndent));
  if (lines.empty()) return;
  page.heading("Balloon and unaccounted memory over time (UTC)");
  for (const auto& line : lines) page.line(line, kIndent);
  print_resolution(report, page);
  print_events(events, page);
}

}  // namespace ballast::cli
