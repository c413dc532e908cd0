// The pieces a plot is drawn of: signs, cells of dots, lines of styled signs, the legend. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "output/terminal.h"

namespace ballast::output {

inline constexpr std::size_t kDotLevels = 4;  // of a braille character
inline constexpr Style kAreaStyle = Style::kFinding;
inline constexpr Style kMarkStyle = Style::kNotice;

// On the time axis.
inline constexpr char kRebootLetter = 'R';
inline constexpr char kMigrationLetter = 'M';
inline constexpr char kBothLetter = '*';

struct PlotSigns {
  bool braille;
  std::string_view area;
  std::string_view line;
  std::string_view edge;
  std::string_view edge_tick;
  std::string_view corner;
  std::string_view floor;
  std::string_view floor_tick;
};
[[nodiscard]] const PlotSigns& plot_signs(bool unicode);

// What is drawn in one cell, level by level from its bottom.
struct CellDots {
  std::array<bool, kDotLevels> area{};
  std::array<bool, kDotLevels> line{};

  [[nodiscard]] bool any_line() const;
};

// One column wide. In braille the area is the left half, the line both halves; in ASCII the line
// goes before the area, which has to fill half of the cell.
[[nodiscard]] std::string glyph_of(const CellDots& dots, const PlotSigns& signs);

// A line that is put together from left to right; signs of one style become one run, spaces at the
// end are dropped.
class StyledLine {
 public:
  explicit StyledLine(bool colour) : colour_(colour) {}

  void add(std::string_view sign, Style style);
  [[nodiscard]] std::string take();

 private:
  bool colour_;
  Style style_ = Style::kPlain;
  std::size_t spaces_ = 0;  // after the run
  std::string run_;
  std::string out_;
};

// What the signs mean, beginning at column `margin` where there is room.
class Legend {
 public:
  Legend(const StreamTraits& traits, const PlotSigns& signs, std::size_t margin, std::size_t width)
      : traits_(traits), signs_(signs), margin_(margin), width_(width) {}

  // `letters`: those on the time axis; others than the three above are ignored.
  [[nodiscard]] std::vector<std::string> lines(const std::vector<char>& letters);

 private:
  void add(std::string_view sign, Style style, std::string_view meaning);

  const StreamTraits& traits_;
  const PlotSigns& signs_;
  std::size_t margin_;
  std::size_t width_;
  std::size_t used_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace ballast::output
