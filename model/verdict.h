// The verdict: does the memory the guest cannot account for equal what the hypervisor's balloon
// holds? Pure rules; docs/VERDICTS.md explains them to users.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/account.h"
#include "model/history/balloon_bracket.h"
#include "model/history/lockstep.h"
#include "model/inventory.h"

namespace ballast::model {

enum class Verdict { kBalloon, kExcess, kHidden, kClean, kUnknown };
enum class Proof { kNone, kPoint, kDriver, kLockstep };

// Why a guest has no verdict. The first group is normal life, the second is a failure that the
// scan counts and exits with 3 for.
enum class UnknownReason {
  kNone,
  kPoweredOff,
  kSuspended,
  kNotLinux,
  kNotSelected,         // the probe policy left it out
  kBelowTolerance,      // a balloon too small to tell from the guest's normal spread
  kBalloonFigureUnset,  // vCenter gave no balloonedMemory, and the guest's driver tells nothing
  kDriverResetting,     // the sample is void while the driver resets
  kNoCredentials,       // the configuration has no login for this guest
  // -- failures
  kVmUnavailable,  // disconnected, inaccessible, orphaned; or gone since it was listed
  kToolsNotRunning,
  kGuestOperationsUnavailable,  // the agent cannot be contacted, or is not ready
  kGuestOperationsDisabled,
  kInvalidGuestLogin,
  kLoginSuspended,         // not tried: other guests refused the same login again and again
  kGuestPermissionDenied,  // inside the guest
  kVcenterPermission,      // missing privilege in vCenter
  kTimedOut,
  kProbeFailed,  // the program did not start or exited non-zero
  kOutputTooLarge,
  kOutputUnreadable,  // what came back cannot be parsed
  kTransferFailed,    // the file could not be fetched from the ESXi host
  kVcenterFailed,     // vCenter stopped answering in mid-scan
  kCancelled,
};

// Names: "counters" (per-CPU counters lag), "baseline" (what the guest may leave unaccounted beside
// its balloon), "unread" (files that were not readable, figures that were estimated),
// "host_rounding" (the hypervisor's figure is in whole MiB), "skew" (the balloon moved between the
// hypervisor's figure and the guest's reading). Terms of 0 are left out.
struct ToleranceTerm {
  std::string_view name;
  std::int64_t kib = 0;
};

// What this guest leaves unaccounted without a balloon.
struct Baseline {
  std::int64_t kib = 0;
  std::int64_t spread_kib = 0;  // the tolerance it needs
  int samples = 0;              // 0: the prior, not learned
};

struct Judgement {
  Verdict verdict = Verdict::kUnknown;
  Proof proof = Proof::kNone;                   // set exactly when verdict is kBalloon
  UnknownReason reason = UnknownReason::kNone;  // set exactly when verdict is kUnknown
  Baseline baseline;
  std::int64_t tolerance_kib = 0;        // Σ of its terms
  std::vector<ToleranceTerm> tolerance;  // empty when there is no account
  // The balloon that the verdict is about: the hypervisor's figure, or the driver's where the
  // hypervisor told none or unaccounted memory agrees with the driver and not with it.
  std::int64_t reference_kib = 0;
  std::int64_t difference_kib = 0;        // unaccounted - baseline - reference
  std::optional<BalloonBracket> bracket;  // the counters around the reading, where they were asked
  std::optional<Lockstep> lockstep;       // where history has enough to tell; see is_lockstep()
  std::optional<Leak> leak;
};

// The baseline before it is learned: the middle of what guests of this era, RAM and number of CPUs
// may leave unaccounted, and how far the ends are from it.
// CPUs as cpus_of() counts them.
[[nodiscard]] Baseline prior_baseline(KernelEra era, std::int64_t mem_total_kib, int cpus);
[[nodiscard]] Baseline prior_baseline(const GuestReading& reading, const MemoryAccount& account);
// As far as the reading tells; 0 if it does not.
[[nodiscard]] int cpus_of(const GuestReading& reading);

// The baseline that a guest's own samples without a balloon show, of one boot and kernel: their
// median, and the largest distance from it. `unaccounted_kib` is not empty.
[[nodiscard]] Baseline learn_baseline(std::vector<std::int64_t> unaccounted_kib);

// `balloon_kib`: the hypervisor's figure, whole MiB as vCenter rounds it; nullopt if not told. The
// rules are in docs/VERDICTS.md. kLockstep is never given here: it takes a history. `skew_kib`: how
// far from that figure the balloon may have been when the guest was read.
[[nodiscard]] Judgement judge(const MemoryAccount& account, const Baseline& baseline,
                              std::optional<std::int64_t> balloon_kib, std::int64_t skew_kib = 0);

// A reading with what is known around it.
struct Evidence {
  const MemoryAccount& account;
  UtcTime read_at{};
  std::string epoch;                        // guest_epoch()
  Baseline prior;                           // prior_baseline()
  std::optional<std::int64_t> balloon_kib;  // as judge()
  std::optional<BalloonBracket> bracket;
};

// Whether the hypervisor, or the driver in the guest, says that the balloon holds memory.
[[nodiscard]] bool is_ballooned(const MemoryAccount& account,
                                std::optional<std::int64_t> balloon_kib);

// How many earlier readings judge_with_history() makes use of for this one: many for a guest with a
// balloon, whose ups and downs are looked at, fewer for the others. Of more, spread over the
// window.
[[nodiscard]] std::size_t history_wanted(const MemoryAccount& account,
                                         std::optional<std::int64_t> balloon_kib);
inline constexpr std::chrono::hours kHistoryWindow{14 * 24};

// With the readings of the same guest before it (oldest first; those that are not older are left
// out): the baseline is learned from those of the same epoch without a balloon, the bracket adds
// the term "skew", and a balloon that moved often and far enough is proven by lockstep, or denied;
// what grows beside it is `excess`. Without a history it is judge() with the prior.
[[nodiscard]] Judgement judge_with_history(const Evidence& evidence,
                                           std::span<const HistoryPoint> history);

[[nodiscard]] Judgement unknown(UnknownReason reason);

// Whether this reason means that something went wrong (and the scan is partial).
[[nodiscard]] bool is_failure(UnknownReason reason);

// Stable words for JSON, CSV and the store: "balloon", "excess", …; "point", "driver", …, "" for
// kNone; "powered_off", "tools_not_running", ….
[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] std::string_view to_string(Proof proof);
[[nodiscard]] std::string_view to_string(UnknownReason reason);
[[nodiscard]] std::optional<Verdict> verdict_from_string(std::string_view text);
[[nodiscard]] std::optional<Proof> proof_from_string(std::string_view text);
[[nodiscard]] std::optional<UnknownReason> reason_from_string(std::string_view text);

// For people: "powered off", "VMware Tools not running", …
[[nodiscard]] std::string_view describe(UnknownReason reason);
// What an administrator can do about it; "" where there is nothing to do.
[[nodiscard]] std::string_view remedy(UnknownReason reason);
// "both figures agree in one reading", …; "" for none.
[[nodiscard]] std::string_view describe(Proof proof);
// What the last column of a list says: the proof, "leak", or why there is no verdict.
[[nodiscard]] std::string_view proof_or_reason(const Judgement& judgement);

}  // namespace ballast::model
