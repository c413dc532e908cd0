// Doctor's look at guests: the probe that scans use, with every step noted, and whom a scan would
// hand which login to.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/async.h"
#include "cli/doctor/checks.h"
#include "collector/choice/guest_choice.h"
#include "collector/ports/vcenter.h"
#include "collector/probe/guest_probe.h"
#include "model/inventory.h"

namespace ballast::cli {

// The checks of a probe, in their order; all but the last are its steps.
inline constexpr std::array<std::string_view, 6> kGuestChecks = {
    "guest: create file", "guest: start program", "guest: wait",
    "guest: fetch file",  "guest: delete file",   "guest probe"};

// Probes one guest. `guests` and the list must outlive the call.
Awaitable<void> check_guest(collector::GuestOperations& guests, model::VmView vm,
                            collector::ProbeTarget target, collector::ProbeOptions options,
                            CheckList& list);
// Reads the report of a guest that reports on its own. The references must outlive the call.
Awaitable<void> check_report(collector::Vcenter& vcenter, model::VmView vm,
                             std::chrono::milliseconds longest_age, CheckList& list);

inline constexpr std::string_view kGuestLoginCheck = "guest login";

// Counts the guests of one vCenter by the rule whose login they would get.
class LoginUses {
 public:
  // Both must outlive it.
  LoginUses(const collector::SelectionRules& rules, const collector::GuestFacts& facts)
      : rules_(rules), facts_(facts) {}

  // Counts a VM and what select_guest() says of it.
  void note(const model::VmView& vm, const collector::Selection& selection);
  // Adds a check for each login, and one for the guests of which nobody can tell.
  void add_to(CheckList& list) const;

 private:
  void add_undecided(CheckList& list) const;

  const collector::SelectionRules& rules_;
  const collector::GuestFacts& facts_;
  std::map<const collector::GuestLoginRule*, std::size_t> guests_;
  std::size_t undecided_ = 0;
  std::string why_undecided_;  // of the first of them
};

}  // namespace ballast::cli
