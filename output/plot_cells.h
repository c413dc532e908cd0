// Private to output/: the pieces that a plot is drawn of. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace ballast::output
