#include "model/history/series.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>

#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

// Two weeks of scans every two hours, half a year of daily ones.
constexpr std::size_t kMostReadings = 192;

bool plausible(std::int64_t kib) { return kib >= -kMaxNumber && kib <= kMaxNumber; }

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
  // As many pairs of equal weight would tell as much.
  const auto pairs = sum * sum / squares;
  // The quantiles of a binomial distribution by the normal one, corrected for continuity.
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

namespace {

constexpr std::size_t kLeastReadings = 12;
constexpr double kLeastDays = 0.125;
// Growth below this, beyond what the readings may be wrong by, is a server that warms up.
constexpr double kLeastGrowth = 8.0 * kKibPerMib;
constexpr double kOtherPace = 0.25;
constexpr std::size_t kMostParts = 8;
constexpr std::size_t kLeastInPart = 3;
// Student's t for 95 %, by the number of steps between parts.
constexpr double kStudent[kMostParts] = {0, 0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447};

struct Part {
  double days = 0;
  double kib = 0;
};

// The medians of parts with as many readings each: one that is off does not show.
std::vector<Part> parts_of(SeriesView series) {
  const double share = holds_balloon(changes_of(series)) ? 1 : 0;
  const auto count = std::min(kMostParts, series.size() / kLeastInPart);
  std::vector<Part> parts;
  std::vector<double> days;
  std::vector<double> values;
  for (std::size_t part = 0; part < count; ++part) {
    days.clear();
    values.clear();
    for (auto i = series.size() * part / count; i < series.size() * (part + 1) / count; ++i) {
      days.push_back(series[i].days);
      values.push_back(series[i].unaccounted_kib - share * series[i].held_kib);
    }
    parts.push_back({median(days), median(values)});
  }
  return parts;
}

std::int64_t rounded(double kib) {
  constexpr auto kMost = static_cast<double>(kMaxNumber);
  return std::llround(std::clamp(kib, -kMost, kMost));
}

}  // namespace

// The steps from part to part are taken as independent. What grows in bursts then has a wide
// interval, and what was taken once, or is taken and given back, one that holds 0.
std::optional<SlopeInterval> growth(SeriesView series) {
  if (series.size() < kLeastReadings) return std::nullopt;
  const auto parts = parts_of(series);
  const auto days = parts.back().days - parts.front().days;
  if (days <= 0) return std::nullopt;
  const auto rate = (parts.back().kib - parts.front().kib) / days;
  double squares = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto expected = rate * (parts[i].days - parts[i - 1].days);
    const auto beside = parts[i].kib - parts[i - 1].kib - expected;
    squares += beside * beside;
  }
  const auto steps = parts.size() - 1;
  const auto deviation =
      std::sqrt(squares * static_cast<double>(steps) / static_cast<double>(steps - 1));
  const auto reach = kStudent[steps] * deviation / days;
  return SlopeInterval{rate, rate - reach, rate + reach};
}

namespace {

// Whether what is newer certainly grows at another pace than the whole, by a quarter at least.
bool is_another(const SlopeInterval& newer, const SlopeInterval& whole) {
  const auto known = whole.low > 0 ? whole.middle : 0;
  return newer.low > known * (1 + kOtherPace) || newer.high < whole.middle * (1 - kOtherPace);
}

}  // namespace

// A leak may have begun, ended or changed its pace within the window: then its newest half, or
// quarter, is what counts.
std::optional<Leak> find_leak(SeriesView series) {
  auto window = series;
  auto slope = growth(window);
  if (!slope) return std::nullopt;
  for (const std::size_t part : {std::size_t{2}, std::size_t{4}}) {
    const auto newest = series.last(series.size() / part);
    const auto newer = growth(newest);
    if (!newer || !is_another(*newer, *slope)) continue;
    window = newest;
    slope = newer;
  }
  if (slope->low <= 0) return std::nullopt;
  const auto days = window.back().days - window.front().days;
  std::vector<double> errors;
  for (const auto& point : window) errors.push_back(point.error_kib);
  const auto least = kLeastGrowth + median(std::move(errors));
  if (days < kLeastDays || slope->middle * days < least) return std::nullopt;
  return Leak{rounded(slope->middle), rounded(slope->low), rounded(slope->high), window.front().at};
}

}  // namespace ballast::model
