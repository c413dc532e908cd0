// Private to output/: the pieces that a plot is drawn of, where sizes and times stand in it, and
// which points fall into one column. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "output/plot.h"
#include "output/terminal.h"

namespace ballast::output {

inline constexpr std::size_t kDotLevels = 4;  // rows of dots in a braille character
inline constexpr Style kAreaStyle = Style::kFinding;

// The signs of a plot, each one column wide.
struct PlotSigns {
  bool braille;  // cells are drawn with braille dots; `area` and `line` stand in the legend only
  std::string_view area;
  std::string_view line;
  std::string_view edge;  // the axis of sizes
  std::string_view edge_tick;
  std::string_view corner;
  std::string_view floor;  // the axis of times
  std::string_view floor_tick;
};
[[nodiscard]] const PlotSigns& plot_signs(bool unicode);

// What is drawn in one cell, level by level from its bottom.
struct CellDots {
  std::array<bool, kDotLevels> area{};
  std::array<bool, kDotLevels> line{};

  [[nodiscard]] bool any_line() const;
};

// Returns the character for one cell. In braille the area takes the left half and the line both
// halves. In ASCII the line hides the area, and an area that fills less than half of the cell is
// not shown.
[[nodiscard]] std::string glyph_of(const CellDots& dots, const PlotSigns& signs);

// Puts a line together from left to right. Neighbours of one style share one escape sequence;
// spaces at the end are dropped.
class StyledLine {
 public:
  explicit StyledLine(bool colour) : colour_(colour) {}

  void add(std::string_view sign, Style style);
  // Returns the line. Nothing may be added afterwards.
  [[nodiscard]] std::string take();

 private:
  bool colour_;
  Style style_ = Style::kPlain;
  std::size_t spaces_ = 0;  // after the run
  std::string run_;
  std::string out_;
};

// One sign of a plot and what it means.
struct LegendEntry {
  std::string sign;  // one column wide
  Style style = Style::kPlain;
  std::string meaning;
};

// Returns the entries side by side, in lines of at most `width` columns (at least 4) that begin at
// column `margin` where there is room.
[[nodiscard]] std::vector<std::string> legend_lines(const std::vector<LegendEntry>& entries,
                                                    const StreamTraits& traits, std::size_t margin,
                                                    std::size_t width);

// The scale of sizes: rows of equal height, labelled in steps of a power of two MiB. A row has
// kLevelsPerRow levels, which count from the bottom of the lowest row.
class SizeAxis {
 public:
  static constexpr std::int64_t kRowsAboveZero = 12;
  static constexpr std::int64_t kLevelsPerRow = kDotLevels;

  // Makes room for sizes from `least_kib` (which may be below 0) to `most_kib`, each at most 2^53
  // from 0.
  SizeAxis(std::int64_t least_kib, std::int64_t most_kib);

  [[nodiscard]] std::int64_t rows() const { return kRowsAboveZero + rows_below_; }
  // Returns the level at which a size stands, rounded down; a size beyond the scale stands at its
  // end.
  [[nodiscard]] std::int64_t level(std::int64_t kib) const;
  [[nodiscard]] std::int64_t zero_level() const { return rows_below_ * kLevelsPerRow; }
  // Returns the label at the upper edge of a row ("512 MiB"), "" where that edge has none. Row 0 is
  // the lowest; row -1 stands for the time axis below it.
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

// The scale of times: `from` is the first column, `to` the last.
class TimeAxis {
 public:
  // Takes times of the years 1970 to 2200, `from` <= `to`, and at least one column.
  TimeAxis(UtcTime from, UtcTime to, std::size_t columns)
      : from_(from), to_(to), columns_(columns) {}

  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t column(UtcTime time) const;
  [[nodiscard]] UtcTime time(std::size_t column) const;
  // Returns round times in UTC: as many as have room for their labels, which are centred below
  // them, two columns apart.
  [[nodiscard]] std::vector<TimeTick> ticks() const;

 private:
  [[nodiscard]] std::vector<TimeTick> ticks_every(std::chrono::seconds step) const;

  UtcTime from_;
  UtcTime to_;
  std::size_t columns_;
};

struct PlotRange {
  std::int64_t low_kib = 0;
  std::int64_t high_kib = 0;
};

// What one column shows of each series; empty where it shows nothing.
struct PlotBin {
  std::optional<PlotRange> area;
  std::optional<PlotRange> line;
};

// Returns a bin for each column of `axis`. `points` are sorted by time and not empty. A column
// without a point of its own shows the nearest one, if that is less than 3/4 of the usual interval
// away.
[[nodiscard]] std::vector<PlotBin> bins_of(const std::vector<PlotPoint>& points,
                                           const TimeAxis& axis);

}  // namespace ballast::output
