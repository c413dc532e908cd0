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

enum class Match { kNo, kUndecided, kYes };

// `text` is nullopt, or "", where vCenter does not tell.
Match match(const std::string& pattern, const std::optional<std::string>& text) {
  if (pattern.empty()) return Match::kYes;
  if (!text || text->empty()) return Match::kUndecided;
  return glob_match(pattern, *text) ? Match::kYes : Match::kNo;
}

Match match(const GuestLoginRule& rule, const VmView& vm, const GuestBackground& background) {
  return std::min({match(rule.vm, vm.name), match(rule.folder, background.folder),
                   match(rule.guest_family, vm.guest_family)});
}

}  // namespace

bool needs_folders(const SelectionRules& rules) {
  return std::any_of(rules.logins.begin(), rules.logins.end(),
                     [](const GuestLoginRule& rule) { return !rule.folder.empty(); });
}

Selection select_guest(const VmView& vm, const SelectionRules& rules,
                       const GuestBackground& background) {
  if (const auto reason = why_not_reachable(vm); reason != UnknownReason::kNone) return reason;
  if (rules.only_ballooned && vm.stats.balloon_kib == 0) return UnknownReason::kNotSelected;
  if (!background.is_due) return UnknownReason::kNotSelected;
  const auto rule = std::find_if(
      rules.logins.begin(), rules.logins.end(),
      [&](const GuestLoginRule& login) { return match(login, vm, background) != Match::kNo; });
  const bool found = rule != rules.logins.end() && match(*rule, vm, background) == Match::kYes;
  if (found && rule->skip) return UnknownReason::kNotSelected;
  if (const auto reason = why_not_ready(vm); reason != UnknownReason::kNone) return reason;
  if (!found) return UnknownReason::kNoCredentials;
  return &rule->credentials;
}

}  // namespace ballast::collector
