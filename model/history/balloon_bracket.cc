#include "model/history/balloon_bracket.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

using std::chrono::milliseconds;

// The length of an interval of the realtime counters; fixed by vSphere.
constexpr milliseconds kInterval{20'000};
// Where more samples than this are missing around a moment, nothing is known of it.
constexpr int kMostMissing = 3;
// A balloon this close to its target has arrived: the driver moves in steps of 2 MiB.
constexpr std::int64_t kStep = 2 * kKibPerMib;

bool plausible_sample(const CounterSample& sample) {
  return sample.kib >= 0 && sample.kib <= kMaxNumber;
}

// Returns how many intervals lie between two moments, counting one that has only begun.
std::int64_t intervals(UtcTime from, UtcTime until) {
  return until <= from ? 0 : (until - from + kInterval - milliseconds{1}) / kInterval;
}

// Returns the last sample that had ended by then, else the first one.
std::vector<CounterSample>::const_iterator newest_before(const std::vector<CounterSample>& samples,
                                                         UtcTime at) {
  const auto after = std::find_if(samples.begin(), samples.end(),
                                  [at](const CounterSample& sample) { return sample.at > at; });
  return after == samples.begin() ? after : after - 1;
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

// A sample is the mean of its interval, so the balloon may have been elsewhere inside one. That is
// why the bracket goes from the sample that ends before the poll to the one that ends after the
// reading.
std::optional<BalloonBracket> bracket_between(const BalloonCounters& counters, UtcTime polled_at,
                                              UtcTime read_at) {
  const auto& samples = counters.balloon;
  if (read_at < polled_at || !std::all_of(samples.begin(), samples.end(), plausible_sample)) {
    return std::nullopt;
  }
  const auto first = newest_before(samples, polled_at);
  const auto last = std::find_if(first, samples.end(),
                                 [&](const CounterSample& sample) { return sample.at >= read_at; });
  const auto end = last == samples.end() ? last : last + 1;
  if (first == end || intervals(first->at, polled_at) > kMostMissing) return std::nullopt;
  const auto newest = end - 1;
  const auto missing = std::max(intervals(newest->at, read_at), intervals(polled_at, first->at));
  if (missing > kMostMissing) return std::nullopt;
  const auto [low, high] = std::minmax_element(
      first, end, [](const CounterSample& a, const CounterSample& b) { return a.kib < b.kib; });
  const auto before = newest == samples.begin() ? newest : newest - 1;
  const auto reach = missing * std::abs(newest->kib - before->kib);
  return BalloonBracket{std::max<std::int64_t>(low->kib - reach, 0), high->kib + reach,
                        counters.target_kib};
}

std::optional<BalloonTrend> trend(const BalloonBracket& bracket) {
  if (!bracket.target_kib) return std::nullopt;
  const auto target = std::clamp<std::int64_t>(*bracket.target_kib, 0, kMaxNumber);
  if (target - kStep > bracket.high_kib) return BalloonTrend::kInflating;
  if (target + kStep < bracket.low_kib) return BalloonTrend::kDeflating;
  return BalloonTrend::kSteady;
}

}  // namespace ballast::model
