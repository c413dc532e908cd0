#include "model/verdict_kinds.h"

#include <algorithm>
#include <array>

namespace ballast::model {

namespace {

template <class Value>
struct Word {
  Value value;
  std::string_view text;
};

constexpr std::array<Word<Verdict>, 5> kVerdicts = {{
    {Verdict::kBalloon, "balloon"},
    {Verdict::kExcess, "excess"},
    {Verdict::kHidden, "hidden"},
    {Verdict::kClean, "clean"},
    {Verdict::kUnknown, "unknown"},
}};

constexpr std::array<Word<Proof>, 5> kProofs = {{
    {Proof::kNone, ""},
    {Proof::kReport, "report"},
    {Proof::kPoint, "point"},
    {Proof::kDriver, "driver"},
    {Proof::kLockstep, "lockstep"},
}};

struct ReasonWords {
  UnknownReason value;
  std::string_view text;
  bool failure;
  std::string_view description;
  std::string_view remedy;
};

constexpr bool kNormal = false;
constexpr bool kFailure = true;

constexpr std::array kReasons = std::to_array<ReasonWords>({
    {UnknownReason::kNone, "", kNormal, "", ""},
    {UnknownReason::kPoweredOff, "powered_off", kNormal, "powered off", ""},
    {UnknownReason::kSuspended, "suspended", kNormal, "suspended", ""},
    {UnknownReason::kNotLinux, "not_linux", kNormal, "not Linux", ""},
    {UnknownReason::kNotSelected, "not_selected", kNormal, "left out by the probe policy",
     "set the probe policy to \"all\" to read every guest"},
    {UnknownReason::kBelowTolerance, "below_tolerance", kNormal,
     "balloon too small to tell from what the guest leaves unaccounted anyway",
     "probe with root, which can read the balloon driver's own figure, or wait until the guest's "
     "baseline is learned"},
    {UnknownReason::kBalloonFigureUnset, "balloon_figure_unset", kNormal,
     "vCenter gave no balloon figure", "check that the VM's host is connected to vCenter"},
    {UnknownReason::kDriverResetting, "driver_resetting", kNormal,
     "the balloon driver was being reset", "scan again: a reset takes seconds"},
    {UnknownReason::kUnread, "unread", kNormal, "what was not read may hold the difference",
     "read the files that are named as not read (root can read all of them): they decide"},
    {UnknownReason::kInconsistent, "inconsistent", kNormal, "the figures do not add up",
     "read all files of the guest at one moment, outside containers"},
    {UnknownReason::kReclaiming, "reclaiming", kNormal,
     "more is missing than expected, but allocations stalled while the guest was read",
     "read the guest again when it is under less pressure"},
    {UnknownReason::kNoAccount, "no_account", kNormal, "there is no account of the guest's memory",
     "give the guest's /proc/meminfo, whole and of the same moment as the rest"},
    {UnknownReason::kNoCredentials, "no_credentials", kNormal, "no guest login configured",
     "add a login for this guest to [guest] in the configuration"},
    {UnknownReason::kAppliance, "appliance", kNormal, "an agent or appliance of another product",
     "to read it all the same, add a [[guest.override]] whose vm matches its name"},
    {UnknownReason::kContradiction, "contradiction", kFailure,
     "the guest's figures cannot be those of its VM",
     "see who writes them in the guest, and whether memory was added a moment ago: then scan "
     "again"},
    {UnknownReason::kNoReport, "no_report", kFailure, "the guest has reported nothing",
     "install ballast's report in the guest (packaging/guest), and see that its timer runs"},
    {UnknownReason::kReportOutdated, "report_outdated", kFailure,
     "the guest's report is not of now",
     "see that the timer of ballast's report runs in the guest, and the guest's clock"},
    {UnknownReason::kVmUnavailable, "vm_unavailable", kFailure,
     "VM disconnected, inaccessible or gone",
     "reconnect its host, or remove the orphaned VM from the inventory"},
    {UnknownReason::kVmBusy, "vm_busy", kFailure, "VM busy with another operation",
     "scan again when its vMotion, snapshot or backup is over"},
    {UnknownReason::kToolsNotRunning, "tools_not_running", kFailure, "VMware Tools not running",
     "install open-vm-tools in the guest and start vmtoolsd"},
    {UnknownReason::kGuestOperationsUnavailable, "guest_operations_unavailable", kFailure,
     "guest operations agent not reachable",
     "wait until the guest has booted, then restart vmtoolsd in it"},
    {UnknownReason::kGuestOperationsDisabled, "guest_operations_disabled", kFailure,
     "guest operations disabled",
     "set disable-guest-operations to false in the guest's tools.conf or the VM's advanced "
     "settings"},
    {UnknownReason::kInvalidGuestLogin, "invalid_guest_login", kFailure, "guest login refused",
     "check the user and password configured for this guest"},
    {UnknownReason::kLoginSuspended, "login_suspended", kFailure,
     "not tried: other guests refused its login",
     "check the user and password; a login that is refused everywhere is left alone for a while, "
     "so "
     "that no account gets locked"},
    {UnknownReason::kGuestPermissionDenied, "guest_permission_denied", kFailure,
     "permission denied in the guest",
     "let the guest account run /bin/sh and write to the temporary folder"},
    {UnknownReason::kVcenterPermission, "vcenter_permission", kFailure,
     "missing privilege in vCenter",
     "give the vCenter account the guest operations privileges (query, modify, execute) on this "
     "VM"},
    {UnknownReason::kNotLicensed, "not_licensed", kFailure,
     "the host's licence has no guest operations",
     "license the ESXi host: the API of a free one is read-only"},
    {UnknownReason::kTimedOut, "timed_out", kFailure, "timed out",
     "check that the guest responds, or raise the guest deadline in the configuration"},
    {UnknownReason::kProbeFailed, "probe_failed", kFailure, "the probe failed in the guest",
     "check that /bin/sh and awk work for the guest account"},
    {UnknownReason::kOutputTooLarge, "output_too_large", kFailure, "probe output too large",
     "check what the guest's /bin/sh and awk print"},
    {UnknownReason::kOutputUnreadable, "output_unreadable", kFailure,
     "probe output cannot be understood",
     "check the free space of the guest's temporary folder, and its /proc/meminfo"},
    {UnknownReason::kTransferFailed, "transfer_failed", kFailure,
     "file transfer from the ESXi host failed",
     "check that this machine reaches the ESXi host on port 443 and trusts its certificate"},
    {UnknownReason::kVcenterFailed, "vcenter_failed", kFailure, "vCenter failed during the scan",
     "check vCenter, then scan again"},
    {UnknownReason::kCancelled, "cancelled", kFailure, "the scan was stopped", "scan again"},
});

const ReasonWords& words_of(UnknownReason reason) {
  const auto* found = std::find_if(kReasons.begin(), kReasons.end(),
                                   [reason](const auto& row) { return row.value == reason; });
  return found == kReasons.end() ? kReasons.front() : *found;
}

template <class Table, class Value>
std::string_view text_of(const Table& table, Value value) {
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [value](const auto& row) { return row.value == value; });
  return found == table.end() ? std::string_view() : found->text;
}

template <class Table>
auto value_of(const Table& table, std::string_view text) {
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [text](const auto& row) { return row.text == text; });
  return found == table.end() ? std::nullopt : std::optional(found->value);
}

}  // namespace

bool is_failure(UnknownReason reason) { return words_of(reason).failure; }

std::string_view to_string(Verdict verdict) { return text_of(kVerdicts, verdict); }
std::string_view to_string(Proof proof) { return text_of(kProofs, proof); }
std::string_view to_string(UnknownReason reason) { return words_of(reason).text; }

std::optional<Verdict> verdict_from_string(std::string_view text) {
  return value_of(kVerdicts, text);
}
std::optional<Proof> proof_from_string(std::string_view text) { return value_of(kProofs, text); }
std::optional<UnknownReason> reason_from_string(std::string_view text) {
  return value_of(kReasons, text);
}

std::string_view describe(UnknownReason reason) { return words_of(reason).description; }
std::string_view remedy(UnknownReason reason) { return words_of(reason).remedy; }

std::string_view describe(Proof proof) {
  switch (proof) {
    case Proof::kReport:
      return "the balloon's size and what is missing agree in the guest's own report, which any "
             "user "
             "in it can write";
    case Proof::kPoint:
      return "the balloon's size and what is missing agree in one reading";
    case Proof::kDriver:
      return "the guest's balloon driver tells its size, and that much is missing";
    case Proof::kLockstep:
      return "it followed the balloon up and down";
    case Proof::kNone:
      break;
  }
  return {};
}

}  // namespace ballast::model
