// Scales of a plot: which sizes and times get a label, and where they are. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/plot_cells.h"

namespace ballast::cli {

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

}  // namespace ballast::cli
