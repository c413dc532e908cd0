#include "output/page.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace ballast::output {

namespace {

// Each line gets its own colour: a pager that shows one line alone shows it right.
std::string paint_lines(const std::string& text, Style style, bool colour) {
  std::string out;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    out += paint(text.substr(start, end - start), style, colour);
    if (end < text.size()) out += '\n';
    start = end + 1;
  }
  return out;
}

}  // namespace

void Page::paragraph(const std::string& text, Style style, std::size_t indent) {
  out_ << std::string(indent, ' ')
       << paint_lines(fold(text, traits_.width, indent), style, traits_.colour) << '\n';
}

void Page::heading(const std::string& text) {
  out_ << '\n' << paint(text, Style::kStrong, traits_.colour) << '\n';
}

void Page::entry(const std::vector<Cell>& labels, const std::string& text, Style style) {
  std::size_t column = 0;
  for (const Cell& label : labels) {
    out_ << paint(label.text, label.style, traits_.colour) << "  ";
    column += display_width(label.text) + 2;
  }
  out_ << paint_lines(fold(text, traits_.width, column), style, traits_.colour) << '\n';
}

void Page::field(std::string_view label, const std::string& value, Style style) {
  if (!value.empty()) entry({{fmt::format("  {:<10}", label), Style::kFaint}}, value, style);
}

}  // namespace ballast::output
