#include "model/verdict.h"

#include <algorithm>

#include "base/units.h"

namespace ballast::model {

namespace {

// vCenter reports the balloon in whole MiB, and does not say which way it rounds.
constexpr std::int64_t kHostRounding = kKibPerMib;
// The driver moves in steps of 2 MiB, and it is read seconds after the hypervisor's figure.
constexpr std::int64_t kAgreement = 2 * kKibPerMib;
// vmstat is read milliseconds after meminfo. By then a moving balloon was seen 10 MiB further.
constexpr std::int64_t kVmstatLag = 16 * kKibPerMib;

constexpr std::string_view kUnreadTerm = "unread";

void add_term(Judgement& judgement, std::string_view name, std::int64_t kib) {
  if (kib <= 0) return;
  judgement.tolerance.push_back({name, kib});
  judgement.tolerance_kib += kib;
}

// What was not read decides nothing about a balloon of which it can be but a small part: one in so
// many.
constexpr std::int64_t kUnreadShare = 4;

// How unaccounted memory beyond the baseline compares with a balloon of some size. kUndecided: equal
// if what was not read holds the difference, more if it does not.
enum class Fit { kLess, kEqual, kUndecided, kMore };

// Applies the rules of docs/VERDICTS.md to one reading; run() has them in their order.
class Judge {
 public:
  Judge(const MemoryAccount& account, const Baseline& baseline,
        std::optional<std::int64_t> hypervisor_kib, std::int64_t skew_kib)
      : account_(account), hypervisor_kib_(hypervisor_kib), skew_kib_(skew_kib) {
    judgement_.baseline = baseline;
    extra_kib_ = account.unaccounted_kib - baseline.kib;
    driver_kib_ = account.driver_kib       ? account.driver_kib
                  : account.call_sites_kib ? account.call_sites_kib
                  : account.vmstat_kib     ? account.vmstat_kib
                                           : account.kpageflags_kib;
  }

  Judgement run();

 private:
  void set_tolerance();
  void forget_skew();
  Fit fit(std::int64_t balloon_kib) const;
  [[nodiscard]] Fit fit_of_the_moment(std::int64_t balloon_kib) const;
  [[nodiscard]] Fit fit_within(std::int64_t balloon_kib, std::int64_t less_kib) const;
  bool is_little_unread(std::int64_t balloon_kib) const;
  bool is_little_more(std::int64_t balloon_kib) const;
  bool holds_without_unread(std::int64_t balloon_kib) const;
  bool driver_agrees(std::int64_t balloon_kib) const;
  bool driver_may_deny(std::int64_t balloon_kib) const;
  bool follow_driver(std::int64_t hypervisor_kib) const;
  Judgement conclude(Verdict verdict, std::int64_t reference_kib);
  Judgement conclude_unknown(UnknownReason reason, std::int64_t reference_kib);
  Judgement conclude_excess(std::int64_t reference_kib);
  Judgement without_balloon(std::int64_t reference_kib);
  Judgement against(std::int64_t balloon_kib);

  const MemoryAccount& account_;
  std::optional<std::int64_t> hypervisor_kib_;
  std::int64_t skew_kib_;
  std::optional<std::int64_t> driver_kib_;
  std::int64_t extra_kib_ = 0;
  std::int64_t unread_kib_ = 0;
  Judgement judgement_;
};

void Judge::set_tolerance() {
  const bool learned = judgement_.baseline.samples > 0;
  add_term(judgement_, "counters", account_.counter_error_kib);
  add_term(judgement_, "baseline", judgement_.baseline.spread_kib);
  unread_kib_ = account_.unread_varying_kib + (learned ? 0 : account_.unread_fixed_kib);
  add_term(judgement_, kUnreadTerm, unread_kib_ + account_.unread_seldom_kib);
  add_term(judgement_, "estimate", account_.estimate_kib);
  add_term(judgement_, "reading", account_.reading_kib);
  if (hypervisor_kib_) add_term(judgement_, "host_rounding", kHostRounding);
  add_term(judgement_, "skew", skew_kib_);
}

Fit Judge::fit(std::int64_t balloon_kib) const { return fit_within(balloon_kib, 0); }

// For a balloon that the hypervisor's figure is not of: what that may have done since is no excuse.
Fit Judge::fit_of_the_moment(std::int64_t balloon_kib) const {
  return fit_within(balloon_kib, skew_kib_);
}

Fit Judge::fit_within(std::int64_t balloon_kib, std::int64_t less_kib) const {
  const auto difference = extra_kib_ - balloon_kib;
  const auto both_ways = judgement_.tolerance_below_kib() - less_kib;
  if (difference > judgement_.tolerance_kib - less_kib) return Fit::kMore;
  if (difference > both_ways) return Fit::kUndecided;
  return difference < -both_ways ? Fit::kLess : Fit::kEqual;
}

bool Judge::is_little_unread(std::int64_t balloon_kib) const {
  return unread_kib_ <= balloon_kib / kUnreadShare;
}

// Tells whether what was not read may hold what is missing beyond the balloon, and is but little.
bool Judge::is_little_more(std::int64_t balloon_kib) const {
  const auto difference = extra_kib_ - balloon_kib;
  return is_little_unread(balloon_kib) &&
         difference <= judgement_.tolerance_below_kib() + unread_kib_;
}

// Tells whether the balloon is still what is missing if all that was not read holds memory.
bool Judge::holds_without_unread(std::int64_t balloon_kib) const {
  const auto difference = extra_kib_ - unread_kib_ - balloon_kib;
  return difference >= -judgement_.tolerance_below_kib() || is_little_unread(balloon_kib);
}

bool Judge::driver_agrees(std::int64_t balloon_kib) const {
  if (!driver_kib_ || *driver_kib_ <= 0) return false;
  const auto apart = *driver_kib_ - balloon_kib;
  return apart <= kAgreement && apart >= -kAgreement;
}

// Tells whether the driver holds less than this balloon, and what was not read may be the rest. (If
// it could not be, follow_driver() has taken the driver's figure.)
bool Judge::driver_may_deny(std::int64_t balloon_kib) const {
  const bool counts_all = account_.driver_kib || account_.call_sites_kib;
  if (!counts_all && !account_.vmstat_kib) return false;
  const auto held = *driver_kib_ + (counts_all ? kAgreement : kVmstatLag);
  return held < balloon_kib && fit(held) == Fit::kUndecided;
}

// Tells whether unaccounted memory has to be compared with the driver's figure instead of the
// hypervisor's, where the two differ.
bool Judge::follow_driver(std::int64_t hypervisor_kib) const {
  if (!driver_kib_ || driver_agrees(hypervisor_kib)) return false;
  // The balloon grew after the hypervisor was asked, so the driver knows better how much of what is
  // missing is its own.
  if (*driver_kib_ > hypervisor_kib) {
    return fit(*driver_kib_) != Fit::kLess && fit_of_the_moment(hypervisor_kib) > Fit::kEqual;
  }
  // The driver holds less than is missing, so the rest is somebody else's, even if the sum happens
  // to equal the hypervisor's figure. The counters of vmstat drift, but only upwards (what a failed
  // migration took from the balloon is not counted as given back), so they can be believed here.
  // Marked pages cannot: some may lack their mark.
  if (account_.driver_kib || account_.call_sites_kib) return fit(*driver_kib_) == Fit::kMore;
  return account_.vmstat_kib && fit(*driver_kib_ + kVmstatLag) == Fit::kMore;
}

Judgement Judge::conclude(Verdict verdict, std::int64_t reference_kib) {
  judgement_.verdict = verdict;
  judgement_.reference_kib = reference_kib;
  judgement_.difference_kib = extra_kib_ - reference_kib;
  return judgement_;
}

Judgement Judge::conclude_unknown(UnknownReason reason, std::int64_t reference_kib) {
  judgement_.reason = reason;
  return conclude(Verdict::kUnknown, reference_kib);
}

// While allocations stall, what is missing may only be on its way from one list to another.
Judgement Judge::conclude_excess(std::int64_t reference_kib) {
  if (account_.reclaiming) return conclude_unknown(UnknownReason::kReclaiming, reference_kib);
  return conclude(Verdict::kExcess, reference_kib);
}

// Concludes where nobody reports a balloon. Less than the baseline is clean too: nothing is
// missing.
Judgement Judge::without_balloon(std::int64_t reference_kib) {
  switch (fit(reference_kib)) {
    case Fit::kMore:
      return conclude_excess(reference_kib);
    case Fit::kUndecided:
      return conclude_unknown(UnknownReason::kUnread, reference_kib);
    case Fit::kLess:
    case Fit::kEqual:
      break;
  }
  // More is missing than a guest without a balloon would miss, but there may have been one.
  if (fit_of_the_moment(reference_kib) == Fit::kMore) {
    return conclude_unknown(UnknownReason::kBelowTolerance, reference_kib);
  }
  return conclude(Verdict::kClean, reference_kib);
}

// Concludes where somebody reports a balloon of this size.
Judgement Judge::against(std::int64_t balloon_kib) {
  switch (fit(balloon_kib)) {
    case Fit::kMore:
      return conclude_excess(balloon_kib);
    case Fit::kLess:
      return conclude(Verdict::kHidden, balloon_kib);
    case Fit::kUndecided:
      if (is_little_more(balloon_kib)) break;
      return conclude_unknown(UnknownReason::kUnread, balloon_kib);
    case Fit::kEqual:
      break;
  }
  // What VMware's driver holds is always missing, so its figure is proof whatever was not read.
  if (driver_agrees(hypervisor_kib_.value_or(balloon_kib))) {
    judgement_.proof = Proof::kDriver;
    return conclude(Verdict::kBalloon, balloon_kib);
  }
  // A guest without any balloon would look the same.
  if (fit(0) == Fit::kEqual) return conclude_unknown(UnknownReason::kBelowTolerance, balloon_kib);
  const bool all_unread = extra_kib_ <= judgement_.tolerance_below_kib() + unread_kib_;
  const bool by_chance =
      all_unread || !holds_without_unread(balloon_kib) || driver_may_deny(balloon_kib);
  if (by_chance && !account_.driver_at_work) {
    return conclude_unknown(UnknownReason::kUnread, balloon_kib);
  }
  judgement_.proof = Proof::kPoint;
  return conclude(Verdict::kBalloon, balloon_kib);
}

// The driver's figure is of the reading's own moment.
void Judge::forget_skew() {
  judgement_.tolerance_kib -= skew_kib_;
  skew_kib_ = 0;
  std::erase_if(judgement_.tolerance,
                [](const ToleranceTerm& term) { return term.name == "skew"; });
}

Judgement Judge::run() {
  set_tolerance();
  const auto reference = hypervisor_kib_ ? *hypervisor_kib_ : driver_kib_.value_or(0);
  if (!account_.contradiction.empty()) {
    return conclude_unknown(UnknownReason::kInconsistent, reference);
  }
  if (account_.resetting) return conclude_unknown(UnknownReason::kDriverResetting, reference);
  if (!hypervisor_kib_ && !driver_kib_) {
    return conclude_unknown(UnknownReason::kBalloonFigureUnset, 0);
  }
  auto balloon = reference;
  if (follow_driver(reference)) {
    balloon = *driver_kib_;
    forget_skew();
  }
  return balloon > 0 ? against(balloon) : without_balloon(balloon);
}

}  // namespace

bool is_upwards_only(const ToleranceTerm& term) { return term.name == kUnreadTerm; }

std::int64_t Judgement::tolerance_below_kib() const {
  std::int64_t kib = tolerance_kib;
  for (const auto& term : tolerance) {
    if (is_upwards_only(term)) kib -= term.kib;
  }
  return kib;
}

Judgement judge(const MemoryAccount& account, const Baseline& baseline,
                std::optional<std::int64_t> balloon_kib, std::int64_t skew_kib) {
  return Judge(account, baseline, balloon_kib, skew_kib).run();
}

bool is_ballooned(const MemoryAccount& account, std::optional<std::int64_t> balloon_kib) {
  return balloon_kib.value_or(0) > 0 || account.driver_kib.value_or(0) > 0 ||
         account.vmstat_kib.value_or(0) > 0;
}

Judgement unknown(UnknownReason reason) {
  Judgement judgement;
  judgement.reason = reason;
  return judgement;
}

std::string_view proof_or_reason(const Judgement& judgement) {
  if (judgement.verdict == Verdict::kUnknown) return describe(judgement.reason);
  return judgement.leak ? "leak" : to_string(judgement.proof);
}

}  // namespace ballast::model
