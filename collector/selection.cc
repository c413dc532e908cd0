#include "collector/selection.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace ballast::collector {

namespace {

using model::UnknownReason;
using model::VmView;

UnknownReason why_not_reachable(const VmView& vm) {
  using model::ConnectionState;
  if (vm.connection != ConnectionState::kConnected && vm.connection != ConnectionState::kUnknown) {
    return UnknownReason::kVmUnavailable;
  }
  if (vm.power == model::PowerState::kPoweredOff) return UnknownReason::kPoweredOff;
  if (vm.power == model::PowerState::kSuspended) return UnknownReason::kSuspended;
  if (!model::is_linux(vm).value_or(true)) return UnknownReason::kNotLinux;
  return UnknownReason::kNone;
}

UnknownReason why_not_ready(const VmView& vm) {
  if (vm.tools == model::ToolsState::kNotRunning) return UnknownReason::kToolsNotRunning;
  // Unset means that this server does not tell: then only trying shows.
  if (!vm.guest_operations_ready.value_or(true)) return UnknownReason::kGuestOperationsUnavailable;
  return UnknownReason::kNone;
}

}  // namespace

Selection select_guest(const VmView& vm, const SelectionRules& rules) {
  if (const auto reason = why_not_reachable(vm); reason != UnknownReason::kNone) return reason;
  if (rules.only_ballooned && vm.stats.balloon_kib == 0) return UnknownReason::kNotSelected;
  const auto rule =
      std::find_if(rules.logins.begin(), rules.logins.end(),
                   [&](const GuestLoginRule& login) { return glob_match(login.vm, vm.name); });
  if (rule != rules.logins.end() && rule->skip) return UnknownReason::kNotSelected;
  if (const auto reason = why_not_ready(vm); reason != UnknownReason::kNone) return reason;
  if (rule == rules.logins.end()) return UnknownReason::kNoCredentials;
  return &rule->credentials;
}

}  // namespace ballast::collector
