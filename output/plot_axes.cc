#include "output/plot_axes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "base/words.h"

namespace ballast::output {
namespace {

constexpr PlotSigns kUnicode = {true, "⡇", "⠒", "│", "┤", "└", "─", "┬"};
constexpr PlotSigns kAscii = {false, ":", "o", "|", "+", "+", "-", "+"};

std::string braille(const CellDots& dots) {
  constexpr std::array<unsigned, kDotLevels> kLeft = {0x40, 0x04, 0x02, 0x01};
  constexpr std::array<unsigned, kDotLevels> kRight = {0x80, 0x20, 0x10, 0x08};
  unsigned bits = 0;
  for (std::size_t i = 0; i < kDotLevels; ++i) {
    if (dots.area[i] || dots.line[i]) bits |= kLeft[i];
    if (dots.line[i]) bits |= kRight[i];
  }
  if (bits == 0) return " ";
  // U+2800 + bits as UTF-8.
  return {'\xE2', static_cast<char>(0xA0 | bits >> 6), static_cast<char>(0x80 | (bits & 0x3F))};
}

}  // namespace

const PlotSigns& plot_signs(bool unicode) { return unicode ? kUnicode : kAscii; }

bool CellDots::any_line() const { return std::find(line.begin(), line.end(), true) != line.end(); }

std::string glyph_of(const CellDots& dots, const PlotSigns& signs) {
  if (signs.braille) return braille(dots);
  if (dots.any_line()) return std::string(signs.line);
  return dots.area[1] || dots.area[2] ? std::string(signs.area) : " ";
}

void StyledLine::add(std::string_view sign, Style style) {
  if (sign.empty()) return;
  if (sign == " ") {
    ++spaces_;
    return;
  }
  if (style != style_ || spaces_ > 0) {
    out_ += paint(std::exchange(run_, ""), style_, colour_);
    out_.append(std::exchange(spaces_, 0), ' ');
  }
  style_ = style;
  run_ += sign;
}

std::string StyledLine::take() {
  out_ += paint(std::exchange(run_, ""), style_, colour_);
  return std::move(out_);
}

std::vector<std::string> legend_lines(const std::vector<LegendEntry>& entries,
                                      const StreamTraits& traits, std::size_t margin,
                                      std::size_t width) {
  constexpr std::size_t kGap = 3;
  constexpr std::size_t kSignWidth = 2;
  std::vector<std::string> lines;
  std::size_t used = 0;
  for (const auto& entry : entries) {
    const std::string meaning = elide_for(entry.meaning, width - kSignWidth, traits.unicode);
    const std::size_t needed = kSignWidth + display_width(meaning);
    const bool next_line = lines.empty() || used + kGap + needed > width;
    if (next_line) {
      lines.emplace_back();
      used = 0;
    }
    const std::size_t gap = next_line ? std::min(margin, width - needed) : kGap;
    lines.back().append(gap, ' ');
    lines.back() += paint(entry.sign, entry.style, traits.colour) + ' ' + meaning;
    used += gap + needed;
  }
  return lines;
}

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A change of a MiB should not fill the whole height and look like an event.
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

milliseconds usual_interval(const std::vector<PlotPoint>& points) {
  std::vector<milliseconds> intervals;
  for (std::size_t i = 1; i < points.size(); ++i) {
    intervals.push_back(points[i].at - points[i - 1].at);
  }
  if (intervals.empty()) return milliseconds(0);
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return *middle;
}

void extend(std::optional<PlotRange>& range, const std::optional<std::int64_t>& kib) {
  if (!kib) return;
  if (!range) range = PlotRange{*kib, *kib};
  range->low_kib = std::min(range->low_kib, *kib);
  range->high_kib = std::max(range->high_kib, *kib);
}

void extend(PlotBin& bin, const PlotPoint& point) {
  extend(bin.area, point.area_kib);
  extend(bin.line, point.line_kib);
}

const PlotPoint& nearest(const std::vector<PlotPoint>& points, UtcTime time) {
  const auto after =
      std::lower_bound(points.begin(), points.end(), time,
                       [](const PlotPoint& point, UtcTime when) { return point.at < when; });
  if (after == points.begin()) return *after;
  const auto before = after - 1;
  if (after == points.end()) return *before;
  return time - before->at <= after->at - time ? *before : *after;
}

}  // namespace

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
  return from_ + milliseconds(since);
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

std::vector<PlotBin> bins_of(const std::vector<PlotPoint>& points, const TimeAxis& axis) {
  std::vector<PlotBin> bins(axis.columns());
  std::vector<bool> has_points(axis.columns());
  for (const auto& point : points) {
    const auto column = axis.column(point.at);
    has_points[column] = true;
    extend(bins[column], point);
  }
  const auto reach = usual_interval(points) * 3 / 4;
  for (std::size_t column = 0; column < bins.size(); ++column) {
    if (has_points[column]) continue;
    const auto time = axis.time(column);
    const auto& point = nearest(points, time);
    if (std::chrono::abs(point.at - time) < reach) extend(bins[column], point);
  }
  return bins;
}

}  // namespace ballast::output
