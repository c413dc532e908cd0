// The statistics of leaks: memory that grows beside the balloon. Private to model/history.
#pragma once

#include <optional>

#include "model/history/lockstep.h"
#include "model/history/series.h"

namespace ballast::model {

// Returns how fast unaccounted memory grows in KiB a day, with its 95 % interval; the balloon is
// taken out of it, if it is inside. Empty if there are too few readings.
[[nodiscard]] std::optional<SlopeInterval> growth(SeriesView series);

// Returns the leak in `series`. Empty unless memory certainly grows, and by more than readings
// differ from each other.
[[nodiscard]] std::optional<Leak> find_leak(SeriesView series);

}  // namespace ballast::model
