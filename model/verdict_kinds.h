// What a verdict can say: its values, and their words. docs/VERDICTS.md explains them to users.
#pragma once

#include <optional>
#include <string_view>

namespace ballast::model {

enum class Verdict { kBalloon, kExcess, kHidden, kClean, kUnknown };
enum class Proof {
  kNone,
  kReport,  // one reading, which any user in the guest may have written
  kPoint,
  kDriver,
  kLockstep
};

// Why a guest has no verdict. The first group is normal. The second are failures: a scan counts
// them, and exits with 3 because of them.
enum class UnknownReason {
  kNone,
  kPoweredOff,
  kSuspended,
  kNotLinux,
  kNotSelected,         // the probe policy left it out
  kBelowTolerance,      // a balloon too small to tell from the guest's normal spread
  kBalloonFigureUnset,  // vCenter gave no balloonedMemory, and the guest's driver tells nothing
  kDriverResetting,     // the sample is void while the driver resets
  kUnread,              // what was not read decides: account.deciding_files
  kInconsistent,        // the figures cannot be of one kernel at one moment: account.contradiction
  kReclaiming,          // more is missing than expected, but memory was on the move
  kNoAccount,           // what was given of the guest (by files, not by a probe) is too little
  kNoCredentials,       // the configuration has no login for this guest
  kAppliance,           // an agent or appliance of another product, which has no login of ours
  // -- failures
  kContradiction,   // the guest's figures cannot be those of its VM
  kNoReport,        // the guest, which is to report on its own, has not done so
  kReportOutdated,  // it has not done so for a while
  kVmUnavailable,   // disconnected, inaccessible, orphaned; or gone since it was listed
  kVmBusy,          // vMotion, snapshot, backup: longer than is waited for
  kToolsNotRunning,
  kGuestOperationsUnavailable,  // the agent cannot be contacted, or is not ready
  kGuestOperationsDisabled,
  kInvalidGuestLogin,
  kLoginSuspended,         // not tried: other guests refused the same login again and again
  kGuestPermissionDenied,  // inside the guest
  kVcenterPermission,      // missing privilege in vCenter
  kNotLicensed,            // the host's licence has no guest operations
  kTimedOut,
  kProbeFailed,  // the program did not start or exited non-zero
  kOutputTooLarge,
  kOutputUnreadable,  // what came back cannot be parsed
  kTransferFailed,    // the file could not be fetched from the ESXi host
  kVcenterFailed,     // in mid-scan: it stopped answering, or answered nonsense
  kCancelled,
};

// Tells whether this reason is a failure, so that the scan exits with 3.
[[nodiscard]] bool is_failure(UnknownReason reason);

// Words for JSON, CSV and the store, which never change: "balloon", "excess", …; "point",
// "driver", …; "powered_off", "tools_not_running", …; "" for kNone. Back from a word: nullopt if it
// is none of them.
[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] std::string_view to_string(Proof proof);
[[nodiscard]] std::string_view to_string(UnknownReason reason);
[[nodiscard]] std::optional<Verdict> verdict_from_string(std::string_view text);
[[nodiscard]] std::optional<Proof> proof_from_string(std::string_view text);
[[nodiscard]] std::optional<UnknownReason> reason_from_string(std::string_view text);

// Describe for people: "powered off", "VMware Tools not running", …; "the balloon's size and what is
// missing agree in one reading", …; "" for kNone.
[[nodiscard]] std::string_view describe(UnknownReason reason);
[[nodiscard]] std::string_view describe(Proof proof);
// Returns what an administrator can do about it; "" where there is nothing to do.
[[nodiscard]] std::string_view remedy(UnknownReason reason);

}  // namespace ballast::model
