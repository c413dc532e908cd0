#include "collector/probe/probe_faults.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "collector/ports/vim_fault.h"

namespace ballast::collector {

namespace {

using model::UnknownReason;

// What those that derive from them mean, too, unless they are here themselves.
constexpr auto kFaultReasons = std::to_array<std::pair<std::string_view, UnknownReason>>({
    {"InvalidGuestLogin", UnknownReason::kInvalidGuestLogin},
    {"GuestAuthenticationChallenge", UnknownReason::kInvalidGuestLogin},
    {"GuestMultipleMappings", UnknownReason::kInvalidGuestLogin},
    {"GuestPermissionDenied", UnknownReason::kGuestPermissionDenied},
    {"GuestOperationsUnavailable", UnknownReason::kGuestOperationsUnavailable},
    {"GuestComponentsOutOfDate", UnknownReason::kGuestOperationsUnavailable},
    {"OperationDisabledByGuest", UnknownReason::kGuestOperationsDisabled},
    {"OperationNotSupportedByGuest", UnknownReason::kGuestOperationsDisabled},
    {"GuestOperationsFault", UnknownReason::kProbeFailed},
    {"FileFault", UnknownReason::kProbeFailed},
    {"TaskInProgress", UnknownReason::kVmBusy},
    {"ConcurrentAccess", UnknownReason::kVmBusy},
    {"MethodDisabled", UnknownReason::kVmBusy},  // by a backup, for as long as it takes
    {"ToolsUnavailable", UnknownReason::kToolsNotRunning},
    {"VmToolsUpgradeFault", UnknownReason::kGuestOperationsUnavailable},
    {"InvalidState", UnknownReason::kVmUnavailable},
    {"ManagedObjectNotFound", UnknownReason::kVmUnavailable},
    {"HostCommunication", UnknownReason::kVmUnavailable},
    {"HostConnectFault", UnknownReason::kVmUnavailable},
    {"RestrictedVersion", UnknownReason::kNotLicensed},
    {"NotEnoughLicenses", UnknownReason::kNotLicensed},
    {"NotAuthenticated", UnknownReason::kVcenterFailed},
    {"SecurityError", UnknownReason::kVcenterPermission},
    {"RestrictedByAdministrator", UnknownReason::kVcenterPermission},
    {"Timedout", UnknownReason::kTimedOut},
});

UnknownReason reason_of_fault(std::string_view fault) {
  for (; !fault.empty(); fault = base_of_fault(fault)) {
    const auto* known = std::find_if(kFaultReasons.begin(), kFaultReasons.end(),
                                     [fault](const auto& row) { return row.first == fault; });
    if (known != kFaultReasons.end()) return known->second;
  }
  return UnknownReason::kVcenterFailed;
}

UnknownReason reason_of_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kPermission:
      return UnknownReason::kVcenterPermission;
    case ErrorCode::kHostUnreachable:
      return UnknownReason::kTransferFailed;
    case ErrorCode::kTimeout:
      return UnknownReason::kTimedOut;
    case ErrorCode::kTooLarge:
      return UnknownReason::kOutputTooLarge;
    case ErrorCode::kCancelled:
      return UnknownReason::kCancelled;
    default:
      return UnknownReason::kVcenterFailed;
  }
}

}  // namespace

UnknownReason reason_of(const Error& error) {
  return error.fault.empty() ? reason_of_code(error.code) : reason_of_fault(error.fault);
}

}  // namespace ballast::collector
