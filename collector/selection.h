// Which VMs of a listing are probed, with which login, and what is said of the others.
#pragma once

#include <variant>

#include "collector/ports.h"
#include "model/inventory.h"
#include "model/verdict.h"

namespace ballast::collector {

// A login for the guests whose name matches; the password has been fetched.
struct GuestLoginRule {
  std::string vm;  // shell pattern, ignoring case
  bool skip = false;
  GuestCredentials credentials;
};

struct SelectionRules {
  std::vector<GuestLoginRule> logins;  // first match wins
  bool only_ballooned = false;
};

// Either the login to probe with (an element of the rules), or why the guest is not probed.
using Selection = std::variant<const GuestCredentials*, model::UnknownReason>;

// Pure. What can be known without asking the guest is decided here, the cheapest reason first.
[[nodiscard]] Selection select_guest(const model::VmView& vm, const SelectionRules& rules);

}  // namespace ballast::collector
