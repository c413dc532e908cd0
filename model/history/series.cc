#include "model/history/series.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>

#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

// Two weeks of scans every two hours, or half a year of daily ones.
constexpr std::size_t kMostReadings = 192;

bool plausible(std::int64_t kib) { return kib >= -kMaxNumber && kib <= kMaxNumber; }

// Sorts points into epochs in the order in which they come.
class Builder {
 public:
  void add(const HistoryPoint& point) {
    const auto& balloon = point.balloon_kib ? point.balloon_kib : point.driver_kib;
    if (!balloon || !plausible(*balloon) || !plausible(point.unaccounted_kib) ||
        !plausible(point.error_kib)) {
      return;
    }
    if (started_ && point.read_at <= newest_) return;
    started_ = true;
    newest_ = point.read_at;
    const auto days =
        std::chrono::duration<double, std::ratio<86'400>>(point.read_at.time_since_epoch());
    const bool told = point.driver_kib && plausible(*point.driver_kib);
    const auto held = told ? std::max(*balloon, *point.driver_kib) : *balloon;
    series_of(point.epoch)
        .push_back({point.read_at, days.count(), static_cast<double>(*balloon),
                    static_cast<double>(held), static_cast<double>(point.unaccounted_kib),
                    static_cast<double>(point.error_kib)});
  }

  std::vector<Series> take() {
    if (!all_.empty()) std::swap(all_[current_], all_.back());
    return std::move(all_);
  }

 private:
  Series& series_of(std::string_view epoch) {
    const auto found = std::find(epochs_.begin(), epochs_.end(), epoch);
    current_ = static_cast<std::size_t>(found - epochs_.begin());
    if (found == epochs_.end()) {
      epochs_.push_back(epoch);
      all_.emplace_back();
    }
    return all_[current_];
  }

  std::vector<std::string_view> epochs_;
  std::vector<Series> all_;
  std::size_t current_ = 0;
  bool started_ = false;
  UtcTime newest_{};
};

// So many readings on each side of a change are taken together, so that one that is off does no
// harm.
constexpr std::ptrdiff_t kBeside = 3;

using Iterator = SeriesView::iterator;

// Returns the middle one of three readings, by each figure. Of fewer it takes the first, where the
// figure of the balloon was new; in later ones it may be an old one.
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

// Returns the first reading with another size of the balloon than `begin`.
Iterator end_of_standstill(Iterator begin, Iterator end) {
  return std::find_if(begin, end, [&](const SeriesPoint& point) {
    return std::abs(point.balloon_kib - begin->balloon_kib) > kSameBalloon;
  });
}

}  // namespace

std::vector<Series> series_by_epoch(std::span<const HistoryPoint> points,
                                    const HistoryPoint* newest) {
  Builder builder;
  const auto skip = points.size() - std::min(points.size(), kMostReadings);
  for (const auto& point : points.subspan(skip)) builder.add(point);
  if (newest != nullptr) builder.add(*newest);
  return builder.take();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::optional<SlopeInterval> middle_slope(std::vector<PairSlope> slopes) {
  double sum = 0;
  double squares = 0;
  for (const auto& slope : slopes) {
    sum += slope.weight;
    squares += slope.weight * slope.weight;
  }
  if (sum <= 0) return std::nullopt;
  // So many pairs of equal weight would tell as much (Kish's effective sample size).
  const auto pairs = sum * sum / squares;
  // The sign test's quantiles: a binomial distribution, taken as a normal one (1.96 / 2 standard
  // deviations of 1 / sqrt(n)), corrected for continuity.
  const auto reach = 0.98 / std::sqrt(pairs) + 0.5 / pairs;
  if (reach >= 0.5) return std::nullopt;
  std::sort(slopes.begin(), slopes.end(),
            [](const PairSlope& a, const PairSlope& b) { return a.value < b.value; });
  const auto quantile = [&](double share) {
    double seen = 0;
    for (const auto& slope : slopes) {
      seen += slope.weight;
      if (seen > share * sum) return slope.value;
    }
    return slopes.back().value;
  };
  return SlopeInterval{quantile(0.5), quantile(0.5 - reach), quantile(0.5 + reach)};
}

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
