// How vSphere's faults derive from each other. An answer names only the most special class, and
// servers throw classes that were added later: a fault is judged by the first of its ancestors that
// somebody knows.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace ballast::collector {

// Each class of fault that a call about a VM, its host or its guest can throw, and the class above
// it (vSphere Web Services API reference, "Extends"). VimFault and RuntimeFault are the top.
inline constexpr auto kVimFaults = std::to_array<std::pair<std::string_view, std::string_view>>({
    // Inside the guest
    {"GuestOperationsFault", "VimFault"},
    {"InvalidGuestLogin", "GuestOperationsFault"},
    {"GuestAuthenticationChallenge", "GuestOperationsFault"},
    {"GuestMultipleMappings", "GuestOperationsFault"},
    {"GuestPermissionDenied", "GuestOperationsFault"},
    {"GuestOperationsUnavailable", "GuestOperationsFault"},
    {"GuestComponentsOutOfDate", "GuestOperationsFault"},
    {"GuestProcessNotFound", "GuestOperationsFault"},
    {"GuestRegistryFault", "GuestOperationsFault"},
    {"OperationDisabledByGuest", "GuestOperationsFault"},
    {"OperationNotSupportedByGuest", "GuestOperationsFault"},
    {"FileFault", "VimFault"},
    {"CannotAccessFile", "FileFault"},
    {"FileAlreadyExists", "FileFault"},
    {"FileLocked", "FileFault"},
    {"FileNameTooLong", "FileFault"},
    {"FileNotFound", "FileFault"},
    {"FileNotWritable", "FileFault"},
    {"FileTooLarge", "FileFault"},
    {"IncorrectFileType", "FileFault"},
    {"NoDiskSpace", "FileFault"},
    // The VM and what is done with it
    {"InvalidState", "VimFault"},
    {"InvalidPowerState", "InvalidState"},
    {"InvalidDatastoreState", "InvalidState"},
    {"InvalidHostState", "InvalidState"},
    {"InvalidHostConnectionState", "InvalidHostState"},
    {"QuestionPending", "InvalidState"},
    {"TaskInProgress", "VimFault"},
    {"VAppTaskInProgress", "TaskInProgress"},
    {"ConcurrentAccess", "VimFault"},
    {"VmConfigFault", "VimFault"},
    {"VmToolsUpgradeFault", "VimFault"},
    {"ToolsUnavailable", "VimFault"},
    {"ManagedObjectNotFound", "RuntimeFault"},
    {"NotFound", "VimFault"},
    // Its host
    {"HostConnectFault", "VimFault"},
    {"HostCommunication", "RuntimeFault"},
    {"HostNotConnected", "HostCommunication"},
    {"HostNotReachable", "HostCommunication"},
    // Who may do what
    {"SecurityError", "RuntimeFault"},
    {"NoPermission", "SecurityError"},
    {"NotAuthenticated", "SecurityError"},
    {"RestrictedVersion", "SecurityError"},
    {"RestrictedByAdministrator", "RuntimeFault"},
    {"NotEnoughLicenses", "RuntimeFault"},
    {"InvalidLogin", "VimFault"},
    {"NoClientCertificate", "InvalidLogin"},
    {"PasswordExpired", "InvalidLogin"},
    // The server itself, or what it was asked
    {"InsufficientResourcesFault", "VimFault"},
    {"InvalidArgument", "RuntimeFault"},
    {"InvalidName", "VimFault"},
    {"InvalidProperty", "MethodFault"},
    {"InvalidRequest", "RuntimeFault"},
    {"InvalidType", "InvalidRequest"},
    {"ManagedObjectNotReady", "RuntimeFault"},
    {"MethodAlreadyDisabledFault", "RuntimeFault"},
    {"MethodDisabled", "RuntimeFault"},
    {"MethodNotFound", "InvalidRequest"},
    {"NotImplemented", "RuntimeFault"},
    {"NotSupported", "RuntimeFault"},
    {"DisallowedOperationOnFailoverHost", "RuntimeFault"},
    {"DisallowedMigrationDeviceAttached", "NotSupported"},
    {"RequestCanceled", "RuntimeFault"},
    {"SystemError", "RuntimeFault"},
    {"Timedout", "VimFault"},
    {"UnexpectedFault", "RuntimeFault"},
});

// Returns the class above this one; "" where it is not known, or none is.
[[nodiscard]] constexpr std::string_view base_of_fault(std::string_view fault) {
  const auto* found = std::find_if(kVimFaults.begin(), kVimFaults.end(),
                                   [fault](const auto& row) { return row.first == fault; });
  return found == kVimFaults.end() ? std::string_view() : found->second;
}

// Tells whether a fault is of this class or of one that derives from it.
[[nodiscard]] constexpr bool is_fault(std::string_view fault, std::string_view ancestor) {
  while (!fault.empty() && fault != ancestor) fault = base_of_fault(fault);
  return fault == ancestor;
}

}  // namespace ballast::collector
