// Which reason an error from guest operations stands for. Faults: vSphere Web Services API,
// GuestOperationsFault and its descendants.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "collector/guest_probe.h"

namespace ballast::collector {

namespace {

using model::UnknownReason;

constexpr std::array<std::pair<std::string_view, UnknownReason>, 14> kFaultReasons = {{
    {"InvalidGuestLogin", UnknownReason::kInvalidGuestLogin},
    {"GuestPermissionDenied", UnknownReason::kGuestPermissionDenied},
    {"GuestOperationsUnavailable", UnknownReason::kGuestOperationsUnavailable},
    {"GuestComponentsOutOfDate", UnknownReason::kGuestOperationsUnavailable},
    {"TaskInProgress", UnknownReason::kGuestOperationsUnavailable},
    {"OperationDisabledByGuest", UnknownReason::kGuestOperationsDisabled},
    {"OperationNotSupportedByGuest", UnknownReason::kGuestOperationsDisabled},
    {"InvalidPowerState", UnknownReason::kVmUnavailable},
    {"InvalidState", UnknownReason::kVmUnavailable},
    {"ManagedObjectNotFound", UnknownReason::kVmUnavailable},
    {"FileNotFound", UnknownReason::kProbeFailed},
    {"FileFault", UnknownReason::kProbeFailed},
    {"GuestProcessNotFound", UnknownReason::kProbeFailed},
    {"NoPermission", UnknownReason::kVcenterPermission},
}};

UnknownReason reason_of_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kPermission:
      return UnknownReason::kVcenterPermission;
    case ErrorCode::kTimeout:
      return UnknownReason::kTimedOut;
    case ErrorCode::kTooLarge:
      return UnknownReason::kOutputTooLarge;
    case ErrorCode::kCancelled:
      return UnknownReason::kCancelled;
    case ErrorCode::kFault:
      return UnknownReason::kProbeFailed;
    default:
      return UnknownReason::kVcenterFailed;
  }
}

}  // namespace

model::UnknownReason reason_of(const Error& error) {
  const auto known = std::find_if(kFaultReasons.begin(), kFaultReasons.end(),
                                  [&](const auto& entry) { return entry.first == error.fault; });
  return known != kFaultReasons.end() ? known->second : reason_of_code(error.code);
}

}  // namespace ballast::collector
