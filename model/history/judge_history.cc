#include "model/history/judge_history.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/units.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

// Two weeks at two hours: enough ups and downs for a narrow interval.
constexpr std::size_t kHistoryOfBallooned = 168;
constexpr std::size_t kHistoryOfOthers = 48;

// Of one or two readings nobody can say how far apart readings are.
constexpr std::size_t kLeastSamples = 3;
constexpr std::size_t kMostSamples = 64;
constexpr int kFew = 6;
// A reading that is so much less exact than others of the guest was made while memory moved, as
// under reclaim: nothing is learned from it.
constexpr std::int64_t kBlurred = 4 * kKibPerMib;
// If unaccounted memory moves by less than half of the balloon's movement, it is not the balloon.
constexpr double kFollowsNot = 0.5;

bool had_no_balloon(const HistoryPoint& point) {
  return point.balloon_kib == 0 && point.driver_kib.value_or(0) <= 0;
}

// Keeps what is older than `at`, wherever it stands: one reading of a clock that was ahead must not
// hide those after it. What a guest reported on its own tells only of its reports.
std::vector<HistoryPoint> before(const Evidence& evidence, std::span<const HistoryPoint> history) {
  std::vector<HistoryPoint> earlier;
  std::copy_if(history.begin(), history.end(), std::back_inserter(earlier),
               [&evidence](const HistoryPoint& point) {
                 return point.read_at < evidence.read_at &&
                        (evidence.is_report || !point.is_report);
               });
  return earlier;
}

// Returns the error of the most exact reading of this epoch.
std::int64_t least_error(const std::string& epoch, std::span<const HistoryPoint> history) {
  std::int64_t least = kMaxNumber;
  for (const auto& point : history) {
    if (point.epoch == epoch) least = std::min(least, point.error_kib);
  }
  return least;
}

// Returns what this guest left unaccounted without a balloon, newest first. What is above all that
// the prior admits is held by somebody, even if it has been so for weeks: it is an excess, and must
// not be learned.
std::vector<std::int64_t> samples_without_balloon(const Evidence& evidence,
                                                  std::span<const HistoryPoint> history) {
  const auto& account = evidence.account;
  const auto most = evidence.prior.kib + evidence.prior.spread_kib + account.counter_error_kib +
                    account.unread_fixed_kib + account.unread_varying_kib + account.estimate_kib +
                    account.reading_kib;
  const auto admitted = least_error(evidence.epoch, history) + kBlurred;
  std::vector<std::int64_t> samples;
  std::optional<UtcTime> last;  // a report may have been read by several scans
  for (auto point = history.rbegin(); point != history.rend(); ++point) {
    if (samples.size() == kMostSamples) break;
    if (point->epoch != evidence.epoch || !had_no_balloon(*point)) continue;
    if (point->error_kib > admitted) continue;
    if (point->unaccounted_kib < -most || point->unaccounted_kib > most) continue;
    if (std::exchange(last, point->read_at) == point->read_at) continue;
    samples.push_back(point->unaccounted_kib);
  }
  return samples;
}

std::int64_t middle_of(std::vector<std::int64_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Drops what is far from the rest: a balloon that nobody reported, or a consumer that came and
// went. Far is five times the median distance; and 1 MiB more, for guests that hardly vary.
void drop_outliers(std::vector<std::int64_t>& samples) {
  const auto middle = middle_of(samples);
  std::vector<std::int64_t> distances;
  for (const auto sample : samples) distances.push_back(std::abs(sample - middle));
  const auto most = kKibPerMib + 5 * middle_of(std::move(distances));
  std::erase_if(samples, [&](std::int64_t kib) { return std::abs(kib - middle) > most; });
}

Baseline baseline_for(const Evidence& evidence, std::span<const HistoryPoint> history) {
  auto samples = samples_without_balloon(evidence, history);
  if (samples.size() < kLeastSamples) return evidence.prior;
  drop_outliers(samples);
  auto learned = learn_baseline(std::move(samples));
  // Few readings show less spread than there is: the next one may well be outside.
  learned.spread_kib += learned.spread_kib * kFew / learned.samples;
  learned.spread_kib = std::min(learned.spread_kib, evidence.prior.spread_kib);
  return learned;
}

// Tells whether the balloon's size at the moment of the reading is known: VMware Tools told it.
bool is_exact(const BalloonBracket& bracket) {
  return bracket.low_kib == bracket.high_kib && bracket.low_kib >= 0 &&
         bracket.low_kib <= kMaxNumber;
}

// Returns the hypervisor's figure that the guest is judged by.
std::optional<std::int64_t> figure_of(const Evidence& evidence) {
  if (evidence.bracket && is_exact(*evidence.bracket)) return evidence.bracket->low_kib;
  return evidence.balloon_kib;
}

// Returns how far the balloon may have been from that figure when the guest was read.
std::int64_t skew_of(const Evidence& evidence) {
  if (!evidence.bracket || !evidence.balloon_kib || is_exact(*evidence.bracket)) return 0;
  const auto low = std::clamp<std::int64_t>(evidence.bracket->low_kib, 0, kMaxNumber);
  const auto high = std::clamp<std::int64_t>(evidence.bracket->high_kib, 0, kMaxNumber);
  return std::max({high - *evidence.balloon_kib, *evidence.balloon_kib - low, std::int64_t{0}});
}

// Returns the part of the tolerance that is for it.
std::int64_t skew_in(const Judgement& judgement) {
  for (const auto& term : judgement.tolerance) {
    if (term.name == "skew") return term.kib;
  }
  return 0;
}

HistoryPoint as_point(const Evidence& evidence) {
  const auto& account = evidence.account;
  return {evidence.read_at,
          evidence.epoch,
          evidence.balloon_kib,
          account.driver_kib ? account.driver_kib : account.vmstat_kib,
          account.unaccounted_kib,
          account.counter_error_kib + account.unread_varying_kib + account.estimate_kib +
              account.reading_kib};
}

void conclude(Judgement& judgement, Verdict verdict, Proof proof) {
  judgement.verdict = verdict;
  judgement.proof = proof;
  judgement.reason = UnknownReason::kNone;
}

// Tells whether a balloon that one reading cannot tell, because it is too small or too much was not
// read, fits all the same. It does not count where only the skew of a moving balloon makes it fit.
bool is_unproven_but_fits(const Judgement& judgement, std::int64_t skew_kib) {
  const bool unproven = judgement.reason == UnknownReason::kBelowTolerance ||
                        judgement.reason == UnknownReason::kUnread;
  return unproven &&
         std::abs(judgement.difference_kib) <= judgement.tolerance_below_kib() - skew_kib;
}

// Judges a guest whose missing memory did not move with the balloon.
void deny_balloon(Judgement& judgement) {
  const auto extra_kib = judgement.difference_kib + judgement.reference_kib;
  if (extra_kib <= judgement.tolerance_below_kib()) {
    conclude(judgement, Verdict::kHidden, Proof::kNone);
    return;
  }
  if (extra_kib <= judgement.tolerance_kib) {
    conclude(judgement, Verdict::kUnknown, Proof::kNone);
    judgement.reason = UnknownReason::kUnread;
    return;
  }
  conclude(judgement, Verdict::kExcess, Proof::kNone);
  judgement.reference_kib = 0;
  judgement.difference_kib = extra_kib;
}

// Lets the history change what one reading alone said: growth before lockstep, lockstep only where
// the figures fit.
void weigh(Judgement& judgement, std::int64_t skew_kib) {
  const bool fits =
      judgement.verdict == Verdict::kBalloon || is_unproven_but_fits(judgement, skew_kib);
  const bool may_be_it = fits || judgement.reason == UnknownReason::kUnread;
  if (judgement.leak) {
    conclude(judgement, Verdict::kExcess, Proof::kNone);
  } else if (!judgement.lockstep) {
    return;
  } else if (fits && is_lockstep(*judgement.lockstep)) {
    conclude(judgement, Verdict::kBalloon, Proof::kLockstep);
  } else if (may_be_it && judgement.lockstep->high < kFollowsNot) {
    deny_balloon(judgement);
  }
}

void weigh_report(Judgement& judgement, const Evidence& evidence) {
  const bool may_be_moved = judgement.verdict == Verdict::kHidden ||
                            (judgement.verdict == Verdict::kExcess && !judgement.leak);
  if (judgement.verdict == Verdict::kBalloon) {
    judgement.proof = Proof::kReport;
  } else if (!evidence.bracket && may_be_moved) {
    conclude(judgement, Verdict::kUnknown, Proof::kNone);
    judgement.reason = UnknownReason::kReportOutdated;
  }
}

}  // namespace

std::size_t history_wanted(const MemoryAccount& account, std::optional<std::int64_t> balloon_kib) {
  return is_ballooned(account, balloon_kib) ? kHistoryOfBallooned : kHistoryOfOthers;
}

Judgement judge_with_history(const Evidence& evidence, std::span<const HistoryPoint> history) {
  const auto earlier = before(evidence, history);
  const auto skew = skew_of(evidence);
  auto judgement =
      judge(evidence.account, baseline_for(evidence, earlier), figure_of(evidence), skew);
  judgement.bracket = evidence.bracket;
  // This reading says nothing about the balloon, whatever earlier ones said.
  if (judgement.reason == UnknownReason::kDriverResetting ||
      judgement.reason == UnknownReason::kInconsistent ||
      judgement.reason == UnknownReason::kBalloonFigureUnset) {
    return judgement;
  }
  const auto analysis = analyse_series(earlier, as_point(evidence));
  judgement.lockstep = analysis.lockstep;
  judgement.leak = analysis.leak;
  weigh(judgement, skew_in(judgement));
  if (evidence.is_report) weigh_report(judgement, evidence);
  return judgement;
}

}  // namespace ballast::model
