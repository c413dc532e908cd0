#include "model/verdict.h"

#include <algorithm>
#include <array>

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
  Fit fit(std::int64_t balloon_kib) const;
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

Fit Judge::fit(std::int64_t balloon_kib) const {
  const auto difference = extra_kib_ - balloon_kib;
  const auto both_ways = judgement_.tolerance_below_kib();
  if (difference > judgement_.tolerance_kib) return Fit::kMore;
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
    return fit(*driver_kib_) != Fit::kLess && fit(hypervisor_kib) > Fit::kEqual;
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
  const auto balloon = follow_driver(reference) ? *driver_kib_ : reference;
  return balloon > 0 ? against(balloon) : without_balloon(balloon);
}

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

constexpr std::array<Word<Proof>, 4> kProofs = {{
    {Proof::kNone, ""},
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

std::string_view proof_or_reason(const Judgement& judgement) {
  if (judgement.verdict == Verdict::kUnknown) return describe(judgement.reason);
  return judgement.leak ? "leak" : to_string(judgement.proof);
}

}  // namespace ballast::model
