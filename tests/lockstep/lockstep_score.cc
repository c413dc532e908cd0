#include "tests/lockstep/lockstep_score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>

#include <fmt/format.h>

#include "base/units.h"

namespace ballast::test {

namespace {

using model::Judgement;
using model::Proof;
using model::UnknownReason;
using model::Verdict;

// A balloon smaller than this may be too small to tell.
constexpr std::int64_t kSmall = kib_from_mib(64);
constexpr std::int64_t kSame = kib_from_mib(2);
constexpr double kRateError = 0.25;

Verdict true_verdict(const Truth& truth) {
  if (truth.leak_kib_per_day || truth.other_kib > 0) return Verdict::kExcess;
  if (truth.balloon_kib == 0) return Verdict::kClean;
  return truth.shows ? Verdict::kBalloon : Verdict::kHidden;
}

bool is_right_verdict(const Truth& truth, const Judgement& judgement) {
  if (judgement.verdict == true_verdict(truth)) return true;
  if (truth.balloon_kib < kSame && true_verdict(truth) == Verdict::kBalloon) {
    return judgement.verdict == Verdict::kClean;
  }
  // What was not read (up to 24 MiB here) may hold as much as somebody else does.
  if (judgement.reason == UnknownReason::kUnread) {
    return std::max(truth.balloon_kib, truth.other_kib) < kSmall;
  }
  if (true_verdict(truth) == Verdict::kExcess) return false;
  // `hidden` says that the hypervisor's figure is not there, and it is not.
  if (truth.figure_kib > truth.balloon_kib + kSame && judgement.verdict == Verdict::kHidden) {
    return true;
  }
  return judgement.reason == UnknownReason::kBelowTolerance && truth.balloon_kib < kSmall;
}

bool is_right_proof(const Truth& truth, const Judgement& judgement) {
  if (judgement.proof == Proof::kLockstep) return truth.moved != Moved::kNotEnough;
  if (truth.moved == Moved::kPlenty) return false;
  const auto apart = std::abs(truth.balloon_kib - truth.figure_kib);
  if (judgement.proof == Proof::kDriver) return truth.driver_told && apart <= kSame;
  return !truth.driver_told || apart >= kSame - kKibPerMib;
}

bool holds(const model::Leak& leak, double rate) {
  return static_cast<double>(leak.low_kib_per_day) <= rate &&
         static_cast<double>(leak.high_kib_per_day) >= rate;
}

bool is_right_rate(double rate, const model::Leak& leak) {
  const auto apart = std::abs(static_cast<double>(leak.kib_per_day) - rate);
  return apart <= kRateError * rate || holds(leak, rate);
}

std::string row(const std::string& name, const KindScore& score) {
  return fmt::format("| {} | {} | {:.2f} % | {} | {} | {} | {} | {} | {} |\n", name, score.guests,
                     percent_right(score), score.mistakes[1], score.mistakes[2], score.mistakes[3],
                     score.mistakes[4], score.mistakes[5], score.lockstep);
}

}  // namespace

std::string_view to_string(Mistake mistake) {
  constexpr std::string_view kNames[] = {"none",        "verdict",       "proof",
                                         "leak missed", "leak invented", "leak rate"};
  return kNames[static_cast<std::size_t>(mistake)];
}

Mistake find_mistake(const Truth& truth, const Judgement& judgement) {
  if (!is_right_verdict(truth, judgement)) return Mistake::kVerdict;
  if (judgement.verdict == Verdict::kBalloon && !is_right_proof(truth, judgement)) {
    return Mistake::kProof;
  }
  if (!truth.leak_kib_per_day) return judgement.leak ? Mistake::kLeakInvented : Mistake::kNone;
  if (!judgement.leak) return Mistake::kLeakMissed;
  return is_right_rate(*truth.leak_kib_per_day, *judgement.leak) ? Mistake::kNone
                                                                 : Mistake::kLeakRate;
}

double percent_right(const KindScore& score) {
  return 100.0 * score.right() / std::max(score.guests, 1);
}

KindScore Score::all() const {
  KindScore sum;
  for (const auto& kind : kinds) {
    sum.guests += kind.guests;
    sum.lockstep += kind.lockstep;
    sum.rates += kind.rates;
    sum.rates_inside += kind.rates_inside;
    for (std::size_t i = 0; i < sum.mistakes.size(); ++i) sum.mistakes[i] += kind.mistakes[i];
  }
  return sum;
}

GuestKind Score::worst() const {
  const auto found = std::min_element(kinds.begin(), kinds.end(), [](const auto& a, const auto& b) {
    return percent_right(a) < percent_right(b);
  });
  return static_cast<GuestKind>(found - kinds.begin());
}

Score score_guests(int guests, std::uint64_t seed) {
  Score score;
  for (int i = 0; i < guests; ++i) {
    const auto guest = make_guest(static_cast<GuestKind>(i % kGuestKinds),
                                  seed * 1'000'003 + static_cast<std::uint64_t>(i));
    const auto judgement = guest.judge();
    auto& kind = score.kinds[static_cast<std::size_t>(guest.kind)];
    ++kind.guests;
    ++kind.mistakes[static_cast<std::size_t>(find_mistake(guest.truth, judgement))];
    if (judgement.proof == Proof::kLockstep) ++kind.lockstep;
    if (!guest.truth.leak_kib_per_day || !judgement.leak) continue;
    ++kind.rates;
    if (holds(*judgement.leak, *guest.truth.leak_kib_per_day)) ++kind.rates_inside;
  }
  return score;
}

std::string score_table(const Score& score) {
  std::string table =
      "| class | guests | right | verdict | proof | leak missed | leak invented | leak rate | "
      "proven "
      "by lockstep |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (int i = 0; i < kGuestKinds; ++i) {
    table += row(std::string(to_string(static_cast<GuestKind>(i))),
                 score.kinds[static_cast<std::size_t>(i)]);
  }
  return table + row("all", score.all());
}

}  // namespace ballast::test
