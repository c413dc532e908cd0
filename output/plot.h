// Draws two series of sizes over time as lines of text, both on one scale: a striped area and a
// line, which can be told apart without colour. What they are called, and what the marks on the
// time axis mean, comes from the caller. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "output/terminal.h"

namespace ballast::output {

// Both series at one point in time. A value is empty where it is not known.
struct PlotPoint {
  UtcTime at{};
  std::optional<std::int64_t> area_kib;  // shown as 0 if it is below
  std::optional<std::int64_t> line_kib;  // may be below 0
};

// Something that happened between two points.
struct PlotMark {
  UtcTime at{};  // when the first point after it was taken
  char letter = '?';
};

struct PlotLetter {
  char letter = '?';
  std::string meaning;
};

// Titles and meanings went through safe_text(), or are the program's own words.
struct Plot {
  std::string area_title;
  std::string line_title;
  // The letters of the marks, in the order of the legend. Only letters that are drawn are
  // explained.
  std::vector<PlotLetter> letters;
  // Stands where marks with different letters fall into one column.
  PlotLetter several = {'*', "several"};
  std::vector<PlotPoint> points;  // in any order
  std::vector<PlotMark> marks;
};

// How the letters of marks are painted, for text that explains them further.
inline constexpr Style kMarkStyle = Style::kNotice;

// Returns the plot line by line, without "\n" or trailing spaces, each at most `width` columns
// wide: twelve rows (more where the line goes below 0), the time axis with the marks, dates in UTC
// (none for a span of less than a minute), and the legend. Where there are more points than
// columns, a column shows the least and the largest of its points. Where two points are further
// apart than one and a half of the usual interval, the plot has a gap. Points and marks before 1970
// or after 2199 are left out; sizes are cut to 2^53 KiB. Returns nothing if no point has a value,
// or if `width` is below 20.
[[nodiscard]] std::vector<std::string> plot_lines(const Plot& plot, const StreamTraits& traits,
                                                  std::size_t width);

}  // namespace ballast::output
