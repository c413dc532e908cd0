// The readings of one guest as the statistics of lockstep and leak take them. Private to model/.
#pragma once

#include <span>
#include <vector>

#include "model/history/lockstep.h"

namespace ballast::model {

struct SeriesPoint {
  UtcTime at{};
  double days = 0;  // since the Unix epoch
  double balloon_kib = 0;
  double held_kib = 0;  // the same, or the driver's figure if that is more: no leak, whoever tells
  double unaccounted_kib = 0;
  double error_kib = 0;
};

// The points of one epoch, oldest first, times ascending.
using Series = std::vector<SeriesPoint>;
using SeriesView = std::span<const SeriesPoint>;

// The newest of `points` and `newest`, if any, by epoch; the epoch of the last one comes last.
// Points without a figure of the balloon, with absurd ones (a damaged file), or that are no newer
// than the one before are left out.
[[nodiscard]] std::vector<Series> series_by_epoch(std::span<const HistoryPoint> points,
                                                  const HistoryPoint* newest);

// Sizes of the balloon no further apart than a step of the driver are one.
inline constexpr double kSameBalloon = 2048;

// What a change of the balloon did, from one standstill to the next. A balloon that is always on
// the move stands still at each reading.
struct Change {
  double balloon_kib = 0;
  double unaccounted_kib = 0;
  double days = 0;
};
[[nodiscard]] std::vector<Change> changes_of(SeriesView series);

// Whether unaccounted memory moves less when the balloon is taken out of it than when it is not:
// kernels that take a balloon out of MemTotal do not have it there.
[[nodiscard]] bool holds_balloon(const std::vector<Change>& changes);

// The middle one; 0 for none.
[[nodiscard]] double median(std::vector<double> values);

// A slope as one pair of readings has it, and how much it counts.
struct PairSlope {
  double value = 0;
  double weight = 0;  // above 0
};

struct SlopeInterval {
  double middle = 0;
  double low = 0;
  double high = 0;
};

// The weighted median, and its 95 % interval by the sign test: no assumption about how errors are
// distributed, and as many wrong pairs as the interval leaves out do no harm. Empty if there are
// too few, or a few outweigh the rest.
[[nodiscard]] std::optional<SlopeInterval> middle_slope(std::vector<PairSlope> slopes);

// How fast unaccounted memory grows in KiB a day, the balloon taken out if it is inside, with its
// 95 % interval. Empty if there are too few readings.
[[nodiscard]] std::optional<SlopeInterval> growth(SeriesView series);

// What grows in `series`, if it certainly does, and by more than readings differ.
[[nodiscard]] std::optional<Leak> find_leak(SeriesView series);

}  // namespace ballast::model
