#include "output/plot.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "output/plot_axes.h"

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

// Absurd times (a damaged file has some) would stretch the axis until nothing else is to be seen.
std::vector<PlotPoint> usable_points(const std::vector<PlotPoint>& points) {
  std::vector<PlotPoint> usable;
  for (const auto& point : points) {
    if (!is_plausible(point.at)) continue;
    usable.push_back({point.at, clamped(point.area_kib, 0), clamped(point.line_kib, -kMostKib)});
  }
  std::stable_sort(usable.begin(), usable.end(),
                   [](const PlotPoint& a, const PlotPoint& b) { return a.at < b.at; });
  return usable;
}

SizeAxis size_axis(const std::vector<PlotPoint>& points) {
  std::int64_t least = 0;
  std::int64_t most = 0;
  for (const auto& point : points) {
    for (const auto& kib : {point.area_kib, point.line_kib}) {
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
    for (auto& one : legend_lines(legend(), traits_, margin_ + 1, width_)) {
      all.push_back(std::move(one));
    }
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
      if (bin.area && level >= sizes_.zero_level()) {
        // Full up to the least value of the column, hatched from there up to the largest.
        dots.area[at] = level < sizes_.level(bin.area->low_kib) ||
                        (level % 2 == 0 && level < sizes_.level(bin.area->high_kib));
      }
      if (bin.line) {
        dots.line[at] =
            level >= sizes_.level(bin.line->low_kib) && level <= sizes_.level(bin.line->high_kib);
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

  // The letter of each column, '\0' where there is none.
  [[nodiscard]] std::vector<char> marks() const {
    std::vector<char> letters(times_.columns());
    for (const auto& mark : plot_.marks) {
      if (!is_plausible(mark.at)) continue;
      char& at = letters[times_.column(mark.at)];
      at = at == '\0' || at == mark.letter ? mark.letter : plot_.several.letter;
    }
    return letters;
  }

  [[nodiscard]] std::vector<LegendEntry> legend() const {
    std::vector<LegendEntry> entries = {
        {std::string(signs_.area), kAreaStyle, plot_.area_title},
        {std::string(signs_.line), Style::kPlain, plot_.line_title}};
    const auto drawn = marks();
    const auto explain = [&](const PlotLetter& one) {
      const bool is_drawn = std::find(drawn.begin(), drawn.end(), one.letter) != drawn.end();
      if (is_drawn) entries.push_back({std::string(1, one.letter), kMarkStyle, one.meaning});
    };
    for (const auto& letter : plot_.letters) explain(letter);
    explain(plot_.several);
    return entries;
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
  const bool has_values = std::any_of(points.begin(), points.end(), [](const PlotPoint& point) {
    return point.area_kib.has_value() || point.line_kib.has_value();
  });
  if (width < kLeastWidth || !has_values) return {};
  return Drawing(plot, points, traits, width).lines();
}

}  // namespace ballast::output
