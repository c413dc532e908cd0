#include "output/plot_cells.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

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

}  // namespace ballast::output
