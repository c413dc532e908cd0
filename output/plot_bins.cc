#include "output/plot_bins.h"

#include <algorithm>
#include <chrono>

namespace ballast::output {

namespace {

using std::chrono::milliseconds;

milliseconds usual_interval(const std::vector<PlotPoint>& points) {
  std::vector<milliseconds> intervals;
  for (std::size_t i = 1; i < points.size(); ++i) {
    intervals.push_back(points[i].at - points[i - 1].at);
  }
  if (intervals.empty()) return milliseconds(0);
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return *middle;
}

void extend(std::optional<PlotRange>& range, const std::optional<std::int64_t>& kib) {
  if (!kib) return;
  if (!range) range = PlotRange{*kib, *kib};
  range->low_kib = std::min(range->low_kib, *kib);
  range->high_kib = std::max(range->high_kib, *kib);
}

void extend(PlotBin& bin, const PlotPoint& point) {
  extend(bin.balloon, point.balloon_kib);
  extend(bin.unaccounted, point.unaccounted_kib);
}

const PlotPoint& nearest(const std::vector<PlotPoint>& points, UtcTime time) {
  const auto after =
      std::lower_bound(points.begin(), points.end(), time,
                       [](const PlotPoint& point, UtcTime when) { return point.at < when; });
  if (after == points.begin()) return *after;
  const auto before = after - 1;
  if (after == points.end()) return *before;
  return time - before->at <= after->at - time ? *before : *after;
}

}  // namespace

std::vector<PlotBin> bins_of(const std::vector<PlotPoint>& points, const TimeAxis& axis) {
  std::vector<PlotBin> bins(axis.columns());
  std::vector<bool> has_points(axis.columns());
  for (const auto& point : points) {
    const auto column = axis.column(point.at);
    has_points[column] = true;
    extend(bins[column], point);
  }
  const auto reach = usual_interval(points) * 3 / 4;
  for (std::size_t column = 0; column < bins.size(); ++column) {
    if (has_points[column]) continue;
    const auto time = axis.time(column);
    const auto& point = nearest(points, time);
    if (std::chrono::abs(point.at - time) < reach) extend(bins[column], point);
  }
  return bins;
}

}  // namespace ballast::output
