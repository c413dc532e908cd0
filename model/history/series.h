// The readings of one guest as numbers, and the statistics that lockstep and leak have in common.
// Private to model/history.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/history/lockstep.h"

namespace ballast::model {

struct SeriesPoint {
  UtcTime at{};
  double days = 0;  // since the Unix epoch
  double balloon_kib = 0;
  // The balloon, or the driver's figure if that is larger: what either of them holds is no leak.
  double held_kib = 0;
  double unaccounted_kib = 0;
  double error_kib = 0;
};

// The points of one epoch, oldest first; no two have the same time.
using Series = std::vector<SeriesPoint>;
using SeriesView = std::span<const SeriesPoint>;

// Sorts the newest of `points`, and `newest` if it is not null, into epochs. The epoch of the last
// point comes last. Left out are points without a figure of the balloon, with an absurd figure (a
// damaged file), or no newer than the one before.
[[nodiscard]] std::vector<Series> series_by_epoch(std::span<const HistoryPoint> points,
                                                  const HistoryPoint* newest);

// Sizes of the balloon no further apart than a step of the driver (2 MiB) are the same size.
inline constexpr double kSameBalloon = 2048;

// What one change of the balloon did, from one standstill to the next. A balloon that always moves
// stands still at each reading.
struct Change {
  double balloon_kib = 0;
  double unaccounted_kib = 0;
  double days = 0;
};
[[nodiscard]] std::vector<Change> changes_of(SeriesView series);

// Tells whether the balloon's pages are in unaccounted memory: whether that moves less when the
// balloon is taken out of it. Kernels that take a balloon out of MemTotal do not have it there.
[[nodiscard]] bool holds_balloon(const std::vector<Change>& changes);

// Returns the middle value; 0 if there is none.
[[nodiscard]] double median(std::vector<double> values);

// The slope between one pair of readings, and how much it counts.
struct PairSlope {
  double value = 0;
  double weight = 0;  // above 0
};

struct SlopeInterval {
  double middle = 0;
  double low = 0;
  double high = 0;
};

// Returns the weighted median of the slopes with its 95 % interval by the sign test. It assumes
// nothing about how errors are distributed, and wrong pairs do no harm, up to as many as the
// interval leaves out. Empty if there are too few pairs, or a few outweigh the rest.
[[nodiscard]] std::optional<SlopeInterval> middle_slope(std::vector<PairSlope> slopes);

}  // namespace ballast::model
