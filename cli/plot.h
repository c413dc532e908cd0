// Balloon and unaccounted memory over time as lines of text, both on one scale: the balloon is a
// striped area, unaccounted memory a line, so that they can be told apart without colour. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/terminal.h"

namespace ballast::cli {

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

}  // namespace ballast::cli
