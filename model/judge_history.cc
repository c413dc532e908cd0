#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "model/numbers.h"
#include "model/verdict.h"

namespace ballast::model {

namespace {

constexpr std::size_t kLeastSamples = 3;
constexpr std::size_t kMostSamples = 64;
// Unaccounted memory that the balloon moves by less than half of its own movement is not its.
constexpr double kFollowsNot = 0.5;

bool had_no_balloon(const HistoryPoint& point) {
  return point.balloon_kib == 0 && point.driver_kib.value_or(0) <= 0;
}

std::span<const HistoryPoint> before(UtcTime at, std::span<const HistoryPoint> history) {
  const auto end = std::find_if(history.begin(), history.end(),
                                [at](const HistoryPoint& point) { return point.read_at >= at; });
  return {history.begin(), end};
}

std::vector<std::int64_t> samples_without_balloon(const Evidence& evidence,
                                                  std::span<const HistoryPoint> history) {
  std::vector<std::int64_t> samples;
  for (auto point = history.rbegin(); point != history.rend(); ++point) {
    if (samples.size() == kMostSamples) break;
    if (point->epoch != evidence.epoch || !had_no_balloon(*point)) continue;
    if (point->unaccounted_kib < -kMaxNumber || point->unaccounted_kib > kMaxNumber) continue;
    samples.push_back(point->unaccounted_kib);
  }
  return samples;
}

// Whatever disturbs a guest without a balloon adds to what is missing: a balloon that nobody told
// of, a consumer that comes and goes, a leak. So the baseline is near the lowest quarter; what is
// further above it than the prior admits is none.
Baseline baseline_for(const Evidence& evidence, std::span<const HistoryPoint> history) {
  auto samples = samples_without_balloon(evidence, history);
  if (samples.size() < kLeastSamples) return evidence.prior;
  std::sort(samples.begin(), samples.end());
  const auto quarter = samples[samples.size() / 4];
  std::erase_if(samples, [&](std::int64_t kib) {
    return std::max(kib - quarter, quarter - kib) > evidence.prior.spread_kib;
  });
  if (samples.size() < kLeastSamples) return evidence.prior;
  auto learned = learn_baseline(std::move(samples));
  // The next one may well be outside of the few that were seen.
  learned.spread_kib += learned.spread_kib * static_cast<std::int64_t>(kLeastSamples) /
                        static_cast<std::int64_t>(learned.samples);
  learned.spread_kib = std::min(learned.spread_kib, evidence.prior.spread_kib);
  return learned;
}

std::int64_t skew_of(const Evidence& evidence) {
  if (!evidence.bracket || !evidence.balloon_kib) return 0;
  const auto low = std::clamp<std::int64_t>(evidence.bracket->low_kib, 0, kMaxNumber);
  const auto high = std::clamp<std::int64_t>(evidence.bracket->high_kib, 0, kMaxNumber);
  return std::max({high - *evidence.balloon_kib, *evidence.balloon_kib - low, std::int64_t{0}});
}

// A learned baseline beyond what the prior admits holds memory of somebody: without a balloon that
// is an excess, however long it has been there. Beside a balloon it is not the balloon's, so it
// counts as baseline, unless it is no longer there.
Judgement judge_by_baseline(const Evidence& evidence, std::span<const HistoryPoint> history) {
  const auto baseline = baseline_for(evidence, history);
  const auto skew = skew_of(evidence);
  auto judgement = judge(evidence.account, baseline, evidence.balloon_kib, skew);
  if (baseline.samples == 0) return judgement;
  auto by_prior = judge(evidence.account, evidence.prior, evidence.balloon_kib, skew);
  const bool surplus = baseline.kib > evidence.prior.kib + evidence.prior.spread_kib;
  const bool masked = judgement.verdict == Verdict::kClean && by_prior.verdict == Verdict::kExcess;
  const bool gone = judgement.verdict == Verdict::kHidden && surplus;
  return masked || gone ? by_prior : judgement;
}

HistoryPoint as_point(const Evidence& evidence) {
  const auto& account = evidence.account;
  return {evidence.read_at,        evidence.epoch,
          evidence.balloon_kib,    account.driver_kib ? account.driver_kib : account.vmstat_kib,
          account.unaccounted_kib, account.counter_error_kib + account.unread_varying_kib};
}

void conclude(Judgement& judgement, Verdict verdict, Proof proof) {
  judgement.verdict = verdict;
  judgement.proof = proof;
  judgement.reason = UnknownReason::kNone;
}

// What a moving balloon alone would hide says nothing.
bool is_small_but_fits(const Judgement& judgement, std::int64_t skew_kib) {
  return judgement.reason == UnknownReason::kBelowTolerance &&
         std::abs(judgement.difference_kib) <= judgement.tolerance_kib - skew_kib;
}

void weigh(Judgement& judgement, std::int64_t skew_kib) {
  const bool fits =
      judgement.verdict == Verdict::kBalloon || is_small_but_fits(judgement, skew_kib);
  if (judgement.leak) {
    conclude(judgement, Verdict::kExcess, Proof::kNone);
  } else if (judgement.lockstep && fits && is_lockstep(*judgement.lockstep)) {
    conclude(judgement, Verdict::kBalloon, Proof::kLockstep);
  } else if (judgement.lockstep && judgement.verdict == Verdict::kBalloon &&
             judgement.lockstep->high < kFollowsNot) {
    conclude(judgement, Verdict::kExcess, Proof::kNone);
    judgement.difference_kib += judgement.reference_kib;
    judgement.reference_kib = 0;
  }
}

}  // namespace

Judgement judge_with_history(const Evidence& evidence, std::span<const HistoryPoint> history) {
  const auto earlier = before(evidence.read_at, history);
  auto judgement = judge_by_baseline(evidence, earlier);
  judgement.bracket = evidence.bracket;
  // The sample says nothing of the balloon, whatever those before it said.
  if (judgement.reason == UnknownReason::kDriverResetting ||
      judgement.reason == UnknownReason::kBalloonFigureUnset) {
    return judgement;
  }
  const auto analysis = analyse_series(earlier, as_point(evidence));
  judgement.lockstep = analysis.lockstep;
  judgement.leak = analysis.leak;
  weigh(judgement, skew_of(evidence));
  return judgement;
}

}  // namespace ballast::model
