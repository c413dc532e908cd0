#include "model/history/lockstep.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/units.h"
#include "model/history/leak.h"
#include "model/history/series.h"

namespace ballast::model {

namespace {

// vCenter gives the balloon in whole MiB.
constexpr double kRounding = kKibPerMib;
constexpr int kLeastLevels = 5;
constexpr double kLeastRange = 32.0 * kKibPerMib;
// How many errors of a reading the balloon has to range over.
constexpr double kRangeInErrors = 4;
// How much of all movement has to go up, and how much down. Memory that only grows beside a balloon
// that only grows proves nothing.
constexpr double kLeastEachWay = 0.2;
constexpr double kTight = 0.2;  // width of the interval

// Returns what grows in an epoch beside its balloon; 0 unless it certainly grows.
double drift_per_day(const Series& series) {
  const auto slope = growth(series);
  return slope && slope->low > 0 ? slope->middle : 0;
}

// All changes of the balloon, over all epochs.
struct Movement {
  std::vector<PairSlope> slopes;
  std::vector<double> sizes;
  std::vector<double> errors;
  double up_kib = 0;
  double down_kib = 0;
  double range_kib = 0;
  std::optional<UtcTime> since;

  void add(const Series& series);
  [[nodiscard]] int levels() const;
  [[nodiscard]] bool is_enough() const;
  [[nodiscard]] double mean_change() const;  // weighted by size, as middle_slope() weighs them
};

void Movement::add(const Series& series) {
  const auto changes = changes_of(series);
  if (changes.empty()) return;
  const auto drift = drift_per_day(series);
  for (const auto& change : changes) {
    if (change.balloon_kib == 0) continue;
    const auto weight = std::abs(change.balloon_kib);
    slopes.push_back({(change.unaccounted_kib - drift * change.days) / change.balloon_kib, weight});
    (change.balloon_kib > 0 ? up_kib : down_kib) += weight;
  }
  for (const auto& point : series) {
    sizes.push_back(point.balloon_kib);
    errors.push_back(point.error_kib);
  }
  const auto [least, most] = std::minmax_element(
      series.begin(), series.end(),
      [](const auto& a, const auto& b) { return a.balloon_kib < b.balloon_kib; });
  range_kib = std::max(range_kib, most->balloon_kib - least->balloon_kib);
  since = since ? std::min(*since, series.front().at) : series.front().at;
}

int Movement::levels() const {
  auto sorted = sizes;
  std::sort(sorted.begin(), sorted.end());
  int count = 0;
  double level = 0;
  for (const auto size : sorted) {
    if (count > 0 && size - level <= kSameBalloon) continue;
    level = size;
    ++count;
  }
  return count;
}

bool Movement::is_enough() const {
  const auto least = std::max(kLeastRange, kRangeInErrors * (median(errors) + kRounding));
  const auto each_way = kLeastEachWay * (up_kib + down_kib);
  return range_kib >= least && levels() >= kLeastLevels && std::min(up_kib, down_kib) >= each_way;
}

double Movement::mean_change() const {
  double squares = 0;
  for (const auto& slope : slopes) squares += slope.weight * slope.weight;
  return squares / (up_kib + down_kib);
}

// Adding 0 turns -0 into 0, which a person would wonder at.
double to_four_places(double value) { return std::round(value * 10'000) / 10'000 + 0.0; }

std::optional<Lockstep> find_lockstep(const std::vector<Series>& epochs) {
  Movement movement;
  for (const auto& series : epochs) movement.add(series);
  if (!movement.since || !movement.is_enough()) return std::nullopt;
  const auto slope = middle_slope(movement.slopes);
  if (!slope) return std::nullopt;
  // A slope cannot be known better than the changes that it is taken from.
  const auto reach = kRounding / movement.mean_change();
  Lockstep found;
  found.slope = to_four_places(slope->middle);
  found.low = to_four_places(std::min(slope->low, slope->middle - reach));
  found.high = to_four_places(std::max(slope->high, slope->middle + reach));
  found.levels = movement.levels();
  found.changes = static_cast<int>(movement.slopes.size());
  found.range_kib = std::llround(movement.range_kib);
  found.since = *movement.since;
  return found;
}

SeriesAnalysis analyse(const std::vector<Series>& epochs) {
  if (epochs.empty()) return {};
  return {find_lockstep(epochs), find_leak(epochs.back())};
}

}  // namespace

// Of each sentence only the part before a colon or bracket counts: figures that follow may differ
// from reading to reading.
std::string guest_epoch(std::string_view boot_id, std::string_view kernel_release,
                        std::int64_t mem_total_kib, const std::vector<std::string>& missing) {
  std::string epoch;
  epoch.append(boot_id).append("\n").append(kernel_release).append("\n");
  epoch.append(std::to_string(mem_total_kib));
  for (const auto& sentence : missing) {
    epoch.append("\n").append(std::string_view(sentence).substr(0, sentence.find_first_of(":(")));
  }
  return epoch;
}

bool is_lockstep(const Lockstep& lockstep) {
  return lockstep.low <= 1 && lockstep.high >= 1 && lockstep.high - lockstep.low <= kTight;
}

SeriesAnalysis analyse_series(std::span<const HistoryPoint> points) {
  return analyse(series_by_epoch(points, nullptr));
}

SeriesAnalysis analyse_series(std::span<const HistoryPoint> earlier, const HistoryPoint& newest) {
  return analyse(series_by_epoch(earlier, &newest));
}

}  // namespace ballast::model
