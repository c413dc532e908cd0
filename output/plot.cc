#include "output/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/units.h"
#include "base/words.h"
#include "output/plot_bins.h"
#include "output/plot_cells.h"
#include "output/terminal.h"

namespace ballast::output {

namespace {

constexpr std::size_t kLeastWidth = 20;
constexpr std::int64_t kMostKib = std::int64_t{1} << 53;

std::optional<std::int64_t> clamped(const std::optional<std::int64_t>& kib, std::int64_t least) {
  return kib ? std::optional(std::clamp(*kib, least, kMostKib)) : std::nullopt;
}

bool is_plausible(UtcTime time) {
  constexpr std::chrono::years kLast{230};
  return time.time_since_epoch().count() >= 0 && time.time_since_epoch() < kLast;
}

// With times and figures that can be, sorted by time.
std::vector<PlotPoint> usable_points(const std::vector<PlotPoint>& points) {
  std::vector<PlotPoint> usable;
  for (const auto& point : points) {
    if (!is_plausible(point.at)) continue;
    usable.push_back(
        {point.at, clamped(point.balloon_kib, 0), clamped(point.unaccounted_kib, -kMostKib)});
  }
  std::stable_sort(usable.begin(), usable.end(),
                   [](const PlotPoint& a, const PlotPoint& b) { return a.at < b.at; });
  return usable;
}

SizeAxis size_axis(const std::vector<PlotPoint>& points) {
  std::int64_t least = 0;
  std::int64_t most = 0;
  for (const auto& point : points) {
    for (const auto& kib : {point.balloon_kib, point.unaccounted_kib}) {
      least = std::min(least, kib.value_or(0));
      most = std::max(most, kib.value_or(0));
    }
  }
  return {least, most};
}

std::size_t widest_label(const SizeAxis& axis) {
  std::size_t width = 0;
  for (std::int64_t row = -1; row < axis.rows(); ++row) {
    width = std::max(width, axis.label(row).size());
  }
  return width;
}

class Drawing {
 public:
  Drawing(const Plot& plot, const std::vector<PlotPoint>& points, const StreamTraits& traits,
          std::size_t width)
      : plot_(plot),
        traits_(traits),
        signs_(plot_signs(traits.unicode)),
        width_(width),
        sizes_(size_axis(points)),
        margin_(widest_label(sizes_) + 1),
        times_(points.front().at, points.back().at, columns_for(width, margin_)),
        bins_(bins_of(points, times_)) {}

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (auto row = sizes_.rows() - 1; row >= 0; --row) all.push_back(size_line(row));
    all.push_back(floor_line());
    if (auto dates = date_line(); !dates.empty()) all.push_back(std::move(dates));
    Legend legend(traits_, signs_, margin_ + 1, width_);
    for (const auto& one : legend.lines(marks())) all.push_back(one);
    return all;
  }

 private:
  static std::size_t columns_for(std::size_t width, std::size_t margin) {
    return std::max<std::size_t>(width, margin + 2) - margin - 1;
  }

  [[nodiscard]] StyledLine begin_line(std::int64_t row, std::string_view edge,
                                      std::string_view edge_tick) const {
    StyledLine line(traits_.colour);
    const auto label = sizes_.label(row);
    for (std::size_t i = label.size() + 1; i < margin_; ++i) line.add(" ", Style::kPlain);
    line.add(label, Style::kFaint);
    line.add(" ", Style::kPlain);
    line.add(label.empty() ? edge : edge_tick, Style::kFaint);
    return line;
  }

  [[nodiscard]] CellDots dots_of(const PlotBin& bin, std::int64_t row) const {
    CellDots dots;
    for (std::size_t at = 0; at < kDotLevels; ++at) {
      const auto level = row * SizeAxis::kLevelsPerRow + static_cast<std::int64_t>(at);
      if (bin.balloon && level >= sizes_.zero_level()) {
        // Up to the least it is full; up to the largest every other level.
        dots.area[at] = level < sizes_.level(bin.balloon->low_kib) ||
                        (level % 2 == 0 && level < sizes_.level(bin.balloon->high_kib));
      }
      if (bin.unaccounted) {
        dots.line[at] = level >= sizes_.level(bin.unaccounted->low_kib) &&
                        level <= sizes_.level(bin.unaccounted->high_kib);
      }
    }
    return dots;
  }

  [[nodiscard]] std::string size_line(std::int64_t row) const {
    auto line = begin_line(row, signs_.edge, signs_.edge_tick);
    for (const auto& bin : bins_) {
      const auto dots = dots_of(bin, row);
      line.add(glyph_of(dots, signs_), dots.any_line() ? Style::kPlain : kAreaStyle);
    }
    return line.take();
  }

  // '\0' where there is none.
  [[nodiscard]] std::vector<char> marks() const {
    std::vector<char> letters(times_.columns());
    for (const auto& mark : plot_.marks) {
      if (!is_plausible(mark.at)) continue;
      const bool reboot = mark.kind == PlotMark::Kind::kReboot;
      const char letter = reboot ? kRebootLetter : kMigrationLetter;
      char& at = letters[times_.column(mark.at)];
      at = at == '\0' || at == letter ? letter : kBothLetter;
    }
    return letters;
  }

  [[nodiscard]] std::string floor_line() const {
    auto line = begin_line(-1, signs_.corner, signs_.corner);
    std::vector<bool> has_tick(times_.columns());
    for (const auto& tick : times_.ticks()) has_tick[tick.column] = true;
    const auto letters = marks();
    for (std::size_t column = 0; column < times_.columns(); ++column) {
      if (letters[column] != '\0') {
        line.add({&letters[column], 1}, kMarkStyle);
      } else {
        line.add(has_tick[column] ? signs_.floor_tick : signs_.floor, Style::kFaint);
      }
    }
    return line.take();
  }

  [[nodiscard]] std::string date_line() const {
    std::string line;
    for (const auto& tick : times_.ticks()) {
      const std::size_t centre = margin_ + 1 + tick.column;
      const std::size_t half = tick.label.size() / 2;
      if (centre < half + line.size() || centre - half + tick.label.size() > width_) continue;
      line.append(centre - half - line.size(), ' ');
      line += tick.label;
    }
    return paint(line, Style::kFaint, traits_.colour);
  }

  const Plot& plot_;
  const StreamTraits& traits_;
  const PlotSigns& signs_;
  std::size_t width_;
  SizeAxis sizes_;
  std::size_t margin_;  // left of the size axis
  TimeAxis times_;
  std::vector<PlotBin> bins_;
};

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Noise of the counters should not look like an event.
constexpr std::int64_t kLeastStep = 4 * kKibPerMib;
constexpr std::int64_t kMostSteps = 4;

constexpr hours kDay{24};
constexpr std::size_t kLabelGap = 2;

std::int64_t divide_up(std::int64_t part, std::int64_t whole) { return (part + whole - 1) / whole; }

std::string size_label(std::int64_t kib, std::int64_t step) {
  struct Unit {
    std::int64_t kib;
    std::string_view name;
  };
  constexpr std::array<Unit, 2> kUnits = {{{kKibPerGib * 1024, "TiB"}, {kKibPerGib, "GiB"}}};
  if (kib == 0) return "0";
  for (const auto& unit : kUnits) {
    if (step >= unit.kib) return fmt::format("{} {}", grouped(kib / unit.kib), unit.name);
  }
  return fmt::format("{} MiB", grouped(kib / kKibPerMib));
}

std::string time_label(seconds since_epoch, seconds step, bool with_year) {
  const auto time = fmt::gmtime(static_cast<std::time_t>(since_epoch.count()));
  if (step < kDay && since_epoch % kDay != seconds(0)) return fmt::format("{:%H:%M}", time);
  return with_year ? fmt::format("{:%Y-%m-%d}", time) : fmt::format("{:%m-%d}", time);
}

}  // namespace

std::vector<std::string> plot_lines(const Plot& plot, const StreamTraits& traits,
                                    std::size_t width) {
  const auto points = usable_points(plot.points);
  const bool has_figures = std::any_of(points.begin(), points.end(), [](const PlotPoint& point) {
    return point.balloon_kib.has_value() || point.unaccounted_kib.has_value();
  });
  if (width < kLeastWidth || !has_figures) return {};
  return Drawing(plot, points, traits, width).lines();
}

SizeAxis::SizeAxis(std::int64_t least_kib, std::int64_t most_kib) {
  const std::int64_t farthest_kib = std::max(most_kib, -least_kib);
  step_kib_ = kLeastStep;
  while (divide_up(farthest_kib, step_kib_) > kMostSteps) step_kib_ *= 2;
  const auto steps = std::clamp<std::int64_t>(divide_up(farthest_kib, step_kib_), 2, kMostSteps);
  rows_per_step_ = kRowsAboveZero / steps;
  if (least_kib >= 0) return;
  // A little below 0 is shown on the lowest line above it.
  const std::int64_t row_kib = step_kib_ / rows_per_step_;
  const bool is_a_level = -least_kib >= row_kib / kLevelsPerRow;
  if (is_a_level) rows_below_ = std::min(divide_up(-least_kib, row_kib), kRowsAboveZero);
}

std::int64_t SizeAxis::level(std::int64_t kib) const {
  const double row_kib = static_cast<double>(step_kib_) / static_cast<double>(rows_per_step_);
  const double levels = std::floor(static_cast<double>(kib) * kLevelsPerRow / row_kib);
  const double most = static_cast<double>(rows() * kLevelsPerRow - 1);
  return static_cast<std::int64_t>(
      std::clamp(levels + static_cast<double>(zero_level()), 0.0, most));
}

std::string SizeAxis::label(std::int64_t row) const {
  const std::int64_t above_zero = row + 1 - rows_below_;
  if (above_zero % rows_per_step_ != 0) return {};
  return size_label(above_zero / rows_per_step_ * step_kib_, step_kib_);
}

std::size_t TimeAxis::column(UtcTime time) const {
  if (to_ == from_) return 0;
  const double share =
      static_cast<double>((time - from_).count()) / static_cast<double>((to_ - from_).count());
  return static_cast<std::size_t>(
      std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(columns_ - 1)));
}

UtcTime TimeAxis::time(std::size_t column) const {
  if (columns_ < 2) return from_;
  const double share = static_cast<double>(column) / static_cast<double>(columns_ - 1);
  const auto since = std::llround(share * static_cast<double>((to_ - from_).count()));
  return from_ + std::chrono::milliseconds(since);
}

std::vector<TimeTick> TimeAxis::ticks_every(seconds step) const {
  constexpr int kYearFromDays = 300;
  // Weeks begin on Monday; 1970-01-01 was a Thursday.
  const seconds offset = step % (7 * kDay) == seconds(0) ? seconds(4 * kDay) : seconds(0);
  const bool with_year = to_ - from_ > kYearFromDays * kDay;
  std::vector<TimeTick> ticks;
  const auto first = std::chrono::floor<seconds>(from_.time_since_epoch()) - offset;
  for (auto at = first - first % step + offset; UtcTime(at) <= to_; at += step) {
    if (UtcTime(at) < from_) continue;
    ticks.push_back({column(UtcTime(at)), time_label(at, step, with_year)});
  }
  return ticks;
}

std::vector<TimeTick> TimeAxis::ticks() const {
  constexpr std::array kSteps =
      std::to_array<seconds>({minutes(1), minutes(5), minutes(15), minutes(30), hours(1), hours(2),
                              hours(3), hours(6), hours(12), kDay, 2 * kDay, 7 * kDay, 14 * kDay,
                              28 * kDay, 84 * kDay, 168 * kDay, 336 * kDay, 672 * kDay});
  const auto has_room = [](const std::vector<TimeTick>& ticks) {
    return std::adjacent_find(ticks.begin(), ticks.end(), [](const auto& a, const auto& b) {
             return b.column - a.column < std::max(a.label.size(), b.label.size()) + kLabelGap;
           }) == ticks.end();
  };
  for (auto step : kSteps) {
    // Far too many are not even written out.
    if ((to_ - from_) / step > static_cast<std::int64_t>(columns_)) continue;
    auto ticks = ticks_every(step);
    if (has_room(ticks)) return ticks;
  }
  return {};
}

}  // namespace ballast::output
