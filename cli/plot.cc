#include "cli/plot.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/plot_axes.h"
#include "cli/plot_bins.h"
#include "cli/plot_cells.h"
#include "cli/style.h"

namespace ballast::cli {

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

}  // namespace ballast::cli
