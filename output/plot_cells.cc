#include "output/plot_cells.h"

#include <algorithm>
#include <utility>

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

std::vector<std::string> Legend::lines(const std::vector<char>& letters) {
  const auto add_letter = [&](const char& letter, std::string_view meaning) {
    const bool is_there = std::find(letters.begin(), letters.end(), letter) != letters.end();
    if (is_there) add({&letter, 1}, kMarkStyle, meaning);
  };
  add(signs_.area, kAreaStyle, "balloon");
  add(signs_.line, Style::kPlain, "unaccounted");
  add_letter(kRebootLetter, "reboot");
  add_letter(kMigrationLetter, "migration");
  add_letter(kBothLetter, "both");
  return std::move(lines_);
}

void Legend::add(std::string_view sign, Style style, std::string_view meaning) {
  constexpr std::size_t kGap = 3;
  const std::size_t needed = 2 + meaning.size();
  const bool next_line = lines_.empty() || used_ + kGap + needed > width_;
  if (next_line) {
    lines_.emplace_back();
    used_ = 0;
  }
  const std::size_t gap = next_line ? std::min(margin_, width_ - needed) : kGap;
  lines_.back().append(gap, ' ');
  lines_.back() += paint(sign, style, traits_.colour) + ' ';
  lines_.back() += meaning;
  used_ += gap + needed;
}

}  // namespace ballast::output
