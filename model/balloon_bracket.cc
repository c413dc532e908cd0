#include "model/balloon_bracket.h"

#include <algorithm>
#include <chrono>

#include "base/units.h"
#include "model/numbers.h"

namespace ballast::model {

namespace {

using std::chrono::milliseconds;

// How long an interval of the realtime counters is.
constexpr milliseconds kInterval{20'000};
// With fewer samples than this around a moment nothing is known of it.
constexpr int kMostMissing = 3;
// A balloon this close to its target has arrived: the driver moves in steps of 2 MiB.
constexpr std::int64_t kStep = 2 * kKibPerMib;

bool plausible(const CounterSample& sample) { return sample.kib >= 0 && sample.kib <= kMaxNumber; }

// How many intervals without a sample there are between two moments, counting one that has begun.
std::int64_t intervals(UtcTime from, UtcTime until) {
  return until <= from ? 0 : (until - from + kInterval - milliseconds{1}) / kInterval;
}

}  // namespace

std::string_view to_string(BalloonTrend trend) {
  switch (trend) {
    case BalloonTrend::kSteady:
      return "steady";
    case BalloonTrend::kInflating:
      return "inflating";
    case BalloonTrend::kDeflating:
      break;
  }
  return "deflating";
}

// A sample is the mean of its interval: from the one that ends before the poll to the one that ends
// after the reading, so that what happened inside an interval is between two of them.
std::optional<BalloonBracket> bracket_between(const BalloonCounters& counters, UtcTime polled_at,
                                              UtcTime read_at) {
  std::vector<CounterSample> samples;
  std::copy_if(counters.balloon.begin(), counters.balloon.end(), std::back_inserter(samples),
               plausible);
  if (samples.empty() || read_at < polled_at) return std::nullopt;
  const auto after = [](UtcTime at, const CounterSample& sample) { return at < sample.at; };
  const auto before = [](const CounterSample& sample, UtcTime at) { return sample.at < at; };
  auto first = std::upper_bound(samples.begin(), samples.end(), polled_at, after);
  if (first != samples.begin()) --first;
  auto last = std::lower_bound(first, samples.end(), read_at, before);
  if (last == samples.end()) --last;

  const auto missing = std::max(intervals(last->at, read_at), intervals(polled_at, first->at));
  if (missing > kMostMissing || intervals(first->at, polled_at) > kMostMissing) return std::nullopt;
  const auto [low, high] = std::minmax_element(
      first, last + 1,
      [](const CounterSample& a, const CounterSample& b) { return a.kib < b.kib; });
  const auto step = samples.size() < 2        ? 0
                    : last == samples.begin() ? (last + 1)->kib - last->kib
                                              : last->kib - (last - 1)->kib;
  const auto reach = std::abs(step) * missing;
  return BalloonBracket{std::max<std::int64_t>(low->kib - reach, 0), high->kib + reach,
                        counters.target_kib};
}

std::optional<BalloonTrend> trend(const BalloonBracket& bracket) {
  if (!bracket.target_kib) return std::nullopt;
  const auto target = std::clamp<std::int64_t>(*bracket.target_kib, 0, kMaxNumber);
  if (target > bracket.high_kib + kStep) return BalloonTrend::kInflating;
  if (target < bracket.low_kib - kStep) return BalloonTrend::kDeflating;
  return BalloonTrend::kSteady;
}

}  // namespace ballast::model
