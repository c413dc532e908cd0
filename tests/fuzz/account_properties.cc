#include "tests/fuzz/account_properties.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "base/units.h"
#include "model/account/account.h"
#include "model/verdict.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {

namespace {

using model::Judgement;
using model::MemoryAccount;
using model::Proof;
using model::UnknownReason;
using model::Verdict;

void check_account(const model::GuestReading& reading, const MemoryAccount& account) {
  require(account.mem_total_kib == reading.meminfo.at("MemTotal"), "the total is MemTotal");
  std::int64_t sum = account.unaccounted_kib;
  std::set<std::string_view> names;
  for (const auto& part : account.parts) {
    sum += part.kib;
    require(names.insert(part.name).second, "a part occurs once");
    require(part.kib != 0, "a part of 0 is left out");
    require(part.kib <= account.mem_total_kib, "no part is larger than the whole");
  }
  require(sum == account.mem_total_kib, "parts and rest are MemTotal");
  for (const auto kib :
       {account.counter_error_kib, account.unread_fixed_kib, account.unread_varying_kib}) {
    require(kib >= 0, "an error is not negative");
  }
  for (const auto& sentence : account.missing) {
    require_printable(sentence, "what is missing is said in printable words");
  }
}

void check_tolerance(const Judgement& judgement) {
  std::int64_t sum = 0;
  for (const auto& term : judgement.tolerance) {
    require(term.kib > 0, "a term of 0 is left out");
    sum += term.kib;
  }
  require(sum == judgement.tolerance_kib, "the tolerance is the sum of its terms");
  require(judgement.tolerance_below_kib() >= judgement.baseline.spread_kib,
          "the baseline's spread is tolerated both ways");
  require(judgement.tolerance_below_kib() <= sum, "less is tolerated below than above");
}

void check_verdict(const Judgement& judgement, bool driver_tells) {
  const auto verdict = judgement.verdict;
  const auto difference = judgement.difference_kib;
  const auto tolerance = judgement.tolerance_kib;
  const auto below = judgement.tolerance_below_kib();
  require((verdict == Verdict::kUnknown) == (judgement.reason != UnknownReason::kNone),
          "a reason is given exactly for unknown");
  require((verdict == Verdict::kBalloon) == (judgement.proof != Proof::kNone),
          "a proof is given exactly for a balloon");
  require(judgement.proof != Proof::kLockstep, "one reading shows no lockstep");
  require(judgement.proof != Proof::kDriver || driver_tells, "only a driver proves by its figure");
  if (verdict == Verdict::kBalloon) {
    require(judgement.reference_kib > 0, "a balloon has a size");
    require(difference <= tolerance && difference >= -below, "a balloon is what is missing");
  }
  if (verdict == Verdict::kExcess) require(difference > tolerance, "an excess is out of tolerance");
  if (verdict == Verdict::kHidden) {
    require(difference < -below, "what is hidden is out of tolerance");
  }
  if (verdict == Verdict::kClean) require(difference <= below, "a clean guest misses nothing");
}

void check_judgement(const MemoryAccount& account, const model::Baseline& baseline,
                     std::optional<std::int64_t> balloon_kib) {
  const auto judgement = model::judge(account, baseline, balloon_kib);
  const auto driver = account.driver_kib       ? account.driver_kib
                      : account.call_sites_kib ? account.call_sites_kib
                      : account.vmstat_kib     ? account.vmstat_kib
                                               : account.kpageflags_kib;
  check_tolerance(judgement);
  check_verdict(judgement, driver.value_or(0) > 0);
  require(
      judgement.difference_kib == account.unaccounted_kib - baseline.kib - judgement.reference_kib,
      "the difference is what is missing beyond baseline and reference");
  const auto reference = judgement.reference_kib;
  require(reference == balloon_kib || reference == driver || (!balloon_kib && !driver),
          "the reference is a figure that somebody gave");
  const bool sound = account.contradiction.empty();
  require((judgement.reason == UnknownReason::kInconsistent) == !sound,
          "figures that do not add up are judged by nobody");
  require((judgement.reason == UnknownReason::kDriverResetting) == (sound && account.resetting),
          "a driver that is being reset voids the sample");
  const bool untold = !balloon_kib && !driver && !account.resetting && sound;
  require((judgement.reason == UnknownReason::kBalloonFigureUnset) == untold,
          "without any figure there is no verdict");
}

// As vCenter gives it: whole MiB, never negative.
std::int64_t whole_mib(std::int64_t kib) {
  return kib_from_mib(std::max<std::int64_t>(kib, 0) / kKibPerMib);
}

}  // namespace

void check_account_and_verdicts(const model::GuestReading& reading) {
  const auto account = model::account_memory(reading);
  if (!account) return require_presentable(account.error());
  check_account(reading, *account);
  const auto baseline = model::prior_baseline(reading, *account);
  require(baseline.samples == 0, "a prior is not learned");
  require(baseline.kib >= 0 && baseline.spread_kib >= 0, "a baseline is not negative");
  check_judgement(*account, baseline, std::nullopt);
  const auto missing = account->unaccounted_kib - baseline.kib;
  for (const auto kib : std::vector<std::int64_t>{
           0, kKibPerMib, missing, missing / 2, 2 * missing, account->driver_kib.value_or(0),
           account->vmstat_kib.value_or(0), account->mem_total_kib, kib_from_mib(INT32_MAX)}) {
    check_judgement(*account, baseline, whole_mib(kib));
  }
}

}  // namespace ballast::fuzz
