// Histories made by hand, an hour from reading to reading.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"
#include "model/history/lockstep.h"

namespace ballast::test {

inline constexpr UtcTime kFirstReading{std::chrono::hours{490'000}};

// With a counter error of 1 MiB, as the guests of the tests have.
inline model::HistoryPoint point_at(int hour, double balloon_mib, double unaccounted_mib,
                                    const std::string& epoch = "boot 1") {
  const auto kib = [](double mib) { return static_cast<std::int64_t>(mib * 1024); };
  return {kFirstReading + std::chrono::hours{hour},
          epoch,
          kib(balloon_mib),
          std::nullopt,
          kib(unaccounted_mib),
          1024};
}

// A balloon that goes up in steps and down again, eight levels from 0 to 490 MiB.
inline double wave_mib(int hour) {
  const int step = hour % 14;
  return 70.0 * (step <= 7 ? step : 14 - step);
}

// Hours of it, with `share` of the balloon and `leak_mib` an hour missing beside 10 MiB.
inline std::vector<model::HistoryPoint> wave(int hours, double share, double leak_mib = 0) {
  std::vector<model::HistoryPoint> points;
  for (int hour = 0; hour < hours; ++hour) {
    const auto balloon = wave_mib(hour);
    points.push_back(point_at(hour, balloon, 10 + share * balloon + leak_mib * hour));
  }
  return points;
}

}  // namespace ballast::test
