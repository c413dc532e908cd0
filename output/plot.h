// Balloon and unaccounted memory over time as lines of text, both on one scale: the balloon is a
// striped area, unaccounted memory a line, so that they can be told apart without colour. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "output/plot_cells.h"
#include "output/terminal.h"

namespace ballast::output {

struct PlotPoint {
  UtcTime at{};
  std::optional<std::int64_t> balloon_kib;      // empty: not told
  std::optional<std::int64_t> unaccounted_kib;  // empty: not read; may be below 0
};

struct PlotMark {
  enum class Kind { kReboot, kMigration };
  UtcTime at{};  // of the first point after it
  Kind kind = Kind::kReboot;
};

struct Plot {
  std::vector<PlotPoint> points;
  std::vector<PlotMark> marks;
};

// Lines without "\n" or trailing spaces, each at most `width` columns wide: twelve rows (more where
// memory is below 0), the time axis with the marks, its dates in UTC (none of less than a minute),
// and a legend. Where there are more points than columns, each column shows the least and the
// largest of its points. Where points are missing (further apart than one and a half of the usual
// interval) the plot has a gap. Empty if no point has a figure or `width` is below 20.
[[nodiscard]] std::vector<std::string> plot_lines(const Plot& plot, const StreamTraits& traits,
                                                  std::size_t width);

// Scales of a plot: which sizes and times get a label, and where they are. Pure.

// Sizes from below 0, where there are such, to the largest, in steps of a power of two.
class SizeAxis {
 public:
  static constexpr std::int64_t kRowsAboveZero = 12;
  static constexpr std::int64_t kLevelsPerRow = kDotLevels;

  // For figures from `least_kib` (which may be below 0) to `most_kib`, each at most 2^53 from 0.
  SizeAxis(std::int64_t least_kib, std::int64_t most_kib);

  [[nodiscard]] std::int64_t rows() const { return kRowsAboveZero + rows_below_; }
  // How many levels above the bottom, rounded down and cut to 0 … rows() * kLevelsPerRow - 1.
  [[nodiscard]] std::int64_t level(std::int64_t kib) const;
  [[nodiscard]] std::int64_t zero_level() const { return rows_below_ * kLevelsPerRow; }
  // Of the upper edge of a row, 0 being the lowest, or -1 the axis below it: "512 MiB", or "".
  [[nodiscard]] std::string label(std::int64_t row) const;

 private:
  std::int64_t step_kib_ = 1;       // between labels
  std::int64_t rows_per_step_ = 1;  // divides kRowsAboveZero
  std::int64_t rows_below_ = 0;     // below 0
};

struct TimeTick {
  std::size_t column = 0;
  std::string label;
};

// From one point in time to another, over `columns` columns (at least 1).
class TimeAxis {
 public:
  // Times of the years 1970 to 2200; from <= to.
  TimeAxis(UtcTime from, UtcTime to, std::size_t columns)
      : from_(from), to_(to), columns_(columns) {}

  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t column(UtcTime time) const;
  [[nodiscard]] UtcTime time(std::size_t column) const;
  // Round times in UTC, as many as have room for labels centred below them, two columns apart.
  [[nodiscard]] std::vector<TimeTick> ticks() const;

 private:
  [[nodiscard]] std::vector<TimeTick> ticks_every(std::chrono::seconds step) const;

  UtcTime from_;
  UtcTime to_;
  std::size_t columns_;
};

}  // namespace ballast::output
