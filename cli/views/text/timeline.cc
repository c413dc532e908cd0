#include "cli/views/text/timeline.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/words.h"
#include "fleet/report.h"
#include "fleet/vm_history.h"
#include "output/plot.h"

namespace ballast::cli {

using fleet::events_of;
using fleet::VmEvent;
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

Plot plot_of(const std::vector<model::JudgedGuest>& history, const std::vector<VmEvent>& events) {
  Plot plot;
  plot.area_title = "balloon";
  plot.line_title = "unaccounted";
  plot.letters = {{kRebootLetter, "reboot"}, {kMigrationLetter, "migration"}};
  plot.several.meaning = "both";
  for (const auto& row : history) {
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

}  // namespace

void print_timeline(const std::vector<model::JudgedGuest>& history, Page& page) {
  if (history.size() < kLeastScans) return;
  const bool has_figures = std::any_of(history.begin(), history.end(), [](const auto& row) {
    return row.guest || row.shown_balloon_kib().value_or(0) > 0;
  });
  if (!has_figures) return;
  const auto events = events_of(history);
  const auto width = page.traits().width == 0 ? kPipedWidth : page.traits().width;
  const auto lines =
      plot_lines(plot_of(history, events), page.traits(), width - std::min(width, kIndent));
  if (lines.empty()) return;
  page.heading("Balloon and unaccounted memory over time (UTC)");
  for (const auto& line : lines) page.line(line, kIndent);
  print_events(events, page);
}

}  // namespace ballast::cli
