#include <algorithm>
#include <cmath>

#include "model/series.h"

namespace ballast::model {

namespace {

// So many readings beside a change are taken together: one that is off does no harm.
constexpr std::ptrdiff_t kBeside = 3;

using Iterator = SeriesView::iterator;

// The middle one of three readings by each figure. Of fewer the first: the figure of the balloon
// was new then, and may be an old one in those after it.
SeriesPoint middle_of(Iterator begin, Iterator end) {
  if (end - begin < kBeside) return *begin;
  const auto middle = [&](double SeriesPoint::*value) {
    const auto one = (*begin).*value;
    const auto other = (*(begin + 2)).*value;
    return std::clamp((*(begin + 1)).*value, std::min(one, other), std::max(one, other));
  };
  SeriesPoint point;
  point.days = middle(&SeriesPoint::days);
  point.balloon_kib = middle(&SeriesPoint::balloon_kib);
  point.unaccounted_kib = middle(&SeriesPoint::unaccounted_kib);
  return point;
}

Iterator end_of_standstill(Iterator begin, Iterator end) {
  return std::find_if(begin, end, [&](const SeriesPoint& point) {
    return std::abs(point.balloon_kib - begin->balloon_kib) > kSameBalloon;
  });
}

}  // namespace

std::vector<Change> changes_of(SeriesView series) {
  std::vector<Change> changes;
  auto begin = series.begin();
  auto end = end_of_standstill(begin, series.end());
  while (end != series.end()) {
    const auto next = end_of_standstill(end, series.end());
    const auto before = middle_of(end - std::min(kBeside, end - begin), end);
    const auto after = middle_of(end, end + std::min(kBeside, next - end));
    changes.push_back({after.balloon_kib - before.balloon_kib,
                       after.unaccounted_kib - before.unaccounted_kib, after.days - before.days});
    begin = end;
    end = next;
  }
  return changes;
}

bool holds_balloon(const std::vector<Change>& changes) {
  double with = 0;
  double without = 0;
  for (const auto& change : changes) {
    with += std::abs(change.unaccounted_kib);
    without += std::abs(change.unaccounted_kib - change.balloon_kib);
  }
  return without <= with;
}

}  // namespace ballast::model
