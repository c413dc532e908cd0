// The points of a plot sorted into its columns. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "output/plot.h"

namespace ballast::output {

struct PlotRange {
  std::int64_t low_kib = 0;
  std::int64_t high_kib = 0;
};

// Of one column; empty where there is nothing to show.
struct PlotBin {
  std::optional<PlotRange> balloon;
  std::optional<PlotRange> unaccounted;
};

// One bin for each column. `points` are sorted by time and not empty. A column without a point of
// its own takes the nearest one, as far as that speaks for it: 3/4 of the usual interval.
[[nodiscard]] std::vector<PlotBin> bins_of(const std::vector<PlotPoint>& points,
                                           const TimeAxis& axis);

}  // namespace ballast::output
