#include "model/history/leak.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kLeastReadings = 12;
constexpr double kLeastDays = 0.125;
// A server that warms up grows by so much, beyond what readings may be wrong by.
constexpr double kLeastGrowth = 8.0 * kKibPerMib;
constexpr double kOtherPace = 0.25;  // by how much two rates of growth have to differ
constexpr std::size_t kMostParts = 8;
constexpr std::size_t kLeastInPart = 3;
// Student's t for 95 %, by the number of steps between parts.
constexpr double kStudent[kMostParts] = {0, 0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447};

struct Part {
  double days = 0;
  double kib = 0;
};

// Cuts a series into parts with as many readings each and returns their medians, in which a reading
// that is off does not show.
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

// Tells whether what is newer certainly grows at another pace than the whole: by a quarter at
// least.
bool is_another(const SlopeInterval& newer, const SlopeInterval& whole) {
  const auto known = whole.low > 0 ? whole.middle : 0;
  return newer.low > known * (1 + kOtherPace) || newer.high < whole.middle * (1 - kOtherPace);
}

}  // namespace

// The interval takes the steps from part to part as independent. So what grows in bursts has a wide
// interval; and what was taken once, or is taken and given back, has one that holds 0.
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

// A leak may have begun, ended or changed its pace within the window. Then only the newest half or
// quarter counts.
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
