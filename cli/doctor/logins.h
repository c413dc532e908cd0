// Doctor's list of guest logins: whom a scan of a vCenter would hand which one to.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "cli/doctor/checks.h"
#include "collector/choice/guest_choice.h"
#include "model/inventory.h"

namespace ballast::cli {

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
