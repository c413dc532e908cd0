// The verdict: does the memory the guest cannot account for equal what the hypervisor's balloon
// holds? Pure rules; docs/VERDICTS.md explains them to users.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/account/account.h"
#include "model/history/balloon_bracket.h"
#include "model/history/baseline.h"
#include "model/history/lockstep.h"
#include "model/verdict_kinds.h"

namespace ballast::model {

// One reason why two figures of the same balloon may differ, and by how much:
//   counters       the kernel's per-CPU counters lag
//   baseline       how far the guest may be from its baseline
//   estimate       figures that were not read had to be estimated
//   reading        pages moved between lists while the guest was read
//   host_rounding  the hypervisor's figure is in whole MiB
//   skew           the balloon moved between the hypervisor's figure and the guest's reading
//   unread         what was not read counts as unaccounted: more may seem missing, never less
// Terms of 0 are left out.
struct ToleranceTerm {
  std::string_view name;
  std::int64_t kib = 0;
};

// Tells whether a term excuses only more unaccounted memory than expected, never less.
[[nodiscard]] bool is_upwards_only(const ToleranceTerm& term);

struct Judgement {
  Verdict verdict = Verdict::kUnknown;
  Proof proof = Proof::kNone;                   // set exactly when verdict is kBalloon
  UnknownReason reason = UnknownReason::kNone;  // set exactly when verdict is kUnknown
  Baseline baseline;
  // How much larger than expected unaccounted memory may be by chance: Σ of the terms.
  std::int64_t tolerance_kib = 0;
  std::vector<ToleranceTerm> tolerance;  // empty when there is no account
  // The size of balloon that the verdict is about: the hypervisor's figure; or the driver's, where
  // the hypervisor gave none, or unaccounted memory agrees with the driver only.
  std::int64_t reference_kib = 0;
  std::int64_t difference_kib = 0;        // unaccounted - baseline - reference
  std::optional<BalloonBracket> bracket;  // from the counters around the reading, where asked for
  std::optional<Lockstep> lockstep;       // where the history tells enough; see is_lockstep()
  std::optional<Leak> leak;

  // Returns how much smaller than expected unaccounted memory may be by chance: Σ of the terms that
  // go both ways.
  [[nodiscard]] std::int64_t tolerance_below_kib() const;
};

// Judges one reading by itself, by the rules of docs/VERDICTS.md. `balloon_kib` is the hypervisor's
// figure, in whole MiB as vCenter rounds it; nullopt if it gave none. `skew_kib` is how far from
// that figure the balloon may have been when the guest was read. Never gives Proof::kLockstep,
// which takes a history: see judge_with_history().
[[nodiscard]] Judgement judge(const MemoryAccount& account, const Baseline& baseline,
                              std::optional<std::int64_t> balloon_kib, std::int64_t skew_kib = 0);

// Tells whether the hypervisor, or the driver in the guest, says that the balloon holds memory.
[[nodiscard]] bool is_ballooned(const MemoryAccount& account,
                                std::optional<std::int64_t> balloon_kib);

// Returns the judgement of a guest that was not read.
[[nodiscard]] Judgement unknown(UnknownReason reason);

// Returns what the last column of a list says: the proof, "leak", or why there is no verdict.
[[nodiscard]] std::string_view proof_or_reason(const Judgement& judgement);

}  // namespace ballast::model
