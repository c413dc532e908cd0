// Which VMs of a listing are probed, with which login, and what is said of the others.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "collector/ports.h"
#include "model/inventory.h"
#include "model/verdict.h"

namespace ballast::collector {

// A login for the guests that match all patterns; the password has been fetched. Shell patterns,
// ignoring case; "" matches everything.
struct GuestLoginRule {
  std::string vm;
  std::string folder;  // "Datacenter/Folder"; "*" goes across "/"
  std::string guest_family;
  bool skip = false;
  GuestCredentials credentials;
};

struct SelectionRules {
  std::vector<GuestLoginRule> logins;  // first match wins
  bool only_ballooned = false;
  // The adaptive policy: how often guests without a balloon are read; nullopt: at every scan.
  std::optional<std::chrono::seconds> probe_interval;
};

// Whether folders have to be known to choose a login.
[[nodiscard]] bool needs_folders(const SelectionRules& rules);

// What is known of a guest beside its VmView.
struct GuestBackground {
  std::optional<std::string> folder;  // the path of its folder
  bool is_due = true;                 // by the adaptive policy
};

// Either the login to probe with (an element of the rules), or why the guest is not probed.
using Selection = std::variant<const GuestCredentials*, model::UnknownReason>;

// Pure. What can be known without asking the guest is decided here, the cheapest reason first.
// A guest for which it cannot be told whether a rule matches gets no login: that of a later rule
// may be meant for others.
[[nodiscard]] Selection select_guest(const model::VmView& vm, const SelectionRules& rules,
                                     const GuestBackground& background = {});

}  // namespace ballast::collector
