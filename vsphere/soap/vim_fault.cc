#include "vsphere/soap/vim_fault.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "collector/ports/vim_fault.h"

namespace ballast::vsphere {

namespace {

constexpr std::size_t kShownBytes = 300;  // of any text of the server's

struct Words {
  std::string_view type;
  ErrorCode code;
  std::string_view sentence;
  std::string_view hint;
};

constexpr ErrorCode kFault = ErrorCode::kFault;

constexpr std::string_view kToolsHint =
    "see that VMware Tools (open-vm-tools) runs in the guest and vCenter shows it as running";
constexpr std::string_view kGuestLoginHint =
    "check this guest's user name and password in the [guest] part of the configuration";
constexpr std::string_view kLaterHint = "scan again in a moment";
constexpr std::string_view kReportHint =
    "this vCenter's version may not be supported; please report it";

constexpr auto kTable = std::to_array<Words>({
    // Session and rights
    {"InvalidLogin", ErrorCode::kLogin, "vCenter refused the user name or the password",
     "check both; the user name usually needs its domain, as in monitor@vsphere.local. Users of an "
     "external identity provider (AD FS, Okta, Entra ID) cannot log in with a password: they take "
     "an account of vCenter's own domain or of an LDAP source, or token_command"},
    {"PasswordExpired", ErrorCode::kLogin, "the password of the vCenter user has expired",
     "set a new one"},
    {"NotAuthenticated", ErrorCode::kLogin, "the vCenter session is no longer valid", "scan again"},
    {"NoPermission", ErrorCode::kPermission, "the vCenter user lacks a privilege",
     "give its role the privilege named here, on this object or a folder above it, with "
     "propagation"},
    {"SecurityError", ErrorCode::kPermission, "vCenter denies this for security reasons", ""},
    {"RestrictedVersion", kFault, "the server's licence does not allow this",
     "free ESXi licences have a read-only API; scan a licensed host or a vCenter"},
    {"HostNotConnected", kFault, "the VM's host is not connected to vCenter",
     "reconnect the host in vCenter"},
    {"HostCommunication", kFault, "vCenter cannot reach the VM's host", "look at the host"},
    {"HostConnectFault", kFault, "vCenter cannot connect to the VM's host", "look at the host"},
    {"NotEnoughLicenses", kFault, "there are not enough licences for this",
     "look at the licences of vCenter and its hosts"},
    {"HostNotReachable", kFault, "vCenter cannot reach the VM's host", "look at the host"},
    // Guest operations
    {"InvalidGuestLogin", kFault, "the guest refused the user name or the password",
     kGuestLoginHint},
    {"GuestOperationsUnavailable", kFault, "VMware Tools in the guest do not answer", kToolsHint},
    {"GuestPermissionDenied", kFault, "the guest user may not do this",
     "check what this user may do in the guest, its home directory and shell included"},
    {"OperationDisabledByGuest", kFault, "guest operations are switched off inside the guest",
     "look for disabled entries under [guestoperations] in /etc/vmware-tools/tools.conf"},
    {"OperationNotSupportedByGuest", kFault, "VMware Tools in the guest do not support this",
     "update VMware Tools (open-vm-tools) in the guest"},
    {"GuestComponentsOutOfDate", kFault, "VMware Tools in the guest are too old for this",
     "update VMware Tools (open-vm-tools) in the guest"},
    {"GuestOperationsFault", kFault, "the guest operation failed", kToolsHint},
    {"GuestAuthenticationChallenge", kFault, "the guest asks for more than a password",
     "use a guest user that can log in with a password alone"},
    {"GuestProcessNotFound", kFault, "the guest no longer knows the process", kLaterHint},
    {"GuestMultipleMappings", kFault, "the guest login is mapped to more than one user",
     kGuestLoginHint},
    {"FileNotFound", kFault, "the file does not exist in the guest",
     "see that the guest has /bin/sh and a temporary directory"},
    {"FileFault", kFault, "the guest could not use the file",
     "check free space and permissions of the guest's temporary directory"},
    {"CannotAccessFile", kFault, "the guest could not use the file",
     "check free space and permissions of the guest's temporary directory"},
    {"FileAlreadyExists", kFault, "the file exists already in the guest", kLaterHint},
    {"FileLocked", kFault, "the file is locked in the guest", kLaterHint},
    {"NoDiskSpace", kFault, "the guest has no disk space left", "free some space in the guest"},
    // State of the VM
    {"MethodDisabled", kFault,
     "the VM does not allow this while something else, such as a backup, works on it", kLaterHint},
    {"ToolsUnavailable", kFault, "VMware Tools do not run in the guest", kToolsHint},
    {"VmToolsUpgradeFault", kFault, "VMware Tools are being updated", kLaterHint},
    {"InvalidPowerState", kFault, "the VM is not powered on", "power it on, or leave it out"},
    {"InvalidState", kFault, "the VM is in a state that does not allow this", kLaterHint},
    {"TaskInProgress", kFault, "another operation on the VM is under way", kLaterHint},
    {"ManagedObjectNotFound", kFault, "vCenter does not know this object (any more)", kLaterHint},
    // The request, or the server itself
    {"InvalidArgument", kFault, "vCenter does not accept an argument", kReportHint},
    {"InvalidProperty", kFault, "vCenter does not know a property", kReportHint},
    {"InvalidRequest", kFault, "vCenter does not understand the request", kReportHint},
    {"InvalidType", kFault, "vCenter does not know a type", kReportHint},
    {"MethodNotFound", kFault, "the server does not know this method", kReportHint},
    {"NotImplemented", kFault, "the server does not implement this method", kReportHint},
    {"NotSupported", kFault, "the server does not support this operation", kReportHint},
    {"RequestCanceled", kFault, "the server cancelled the request", kLaterHint},
    {"Timedout", kFault, "the operation took too long for the server", kLaterHint},
    {"SystemError", kFault, "the server had an internal error", kLaterHint},
});

std::string shown_part(const std::string& text) { return printable(trim(text), kShownBytes); }

// What the fault itself says, behind the table's sentence.
std::string particulars(const SoapFault& fault) {
  std::string out;
  if (!fault.privilege.empty()) out += ": " + shown_part(fault.privilege);
  if (!fault.object.empty())
    out += (fault.privilege.empty() ? ": " : " on ") + shown_part(fault.object);
  if (!fault.subject.empty()) out += ": " + shown_part(fault.subject);
  if (!fault.detail.empty()) out += " (" + shown_part(fault.detail) + ")";
  return out;
}

// vCenter's word for "the Tools do not run or do not answer in time", whatever the fault is called.
bool is_tools_timeout(const SoapFault& fault) {
  return fault.detail.find("vix error codes = (3016,") != std::string::npos;
}

Error unknown(const SoapFault& fault) {
  const std::string name = printable(fault.type, 80);
  std::string message =
      name.empty() ? "the server reports a fault" : "the server reports the fault " + name;
  if (!fault.text.empty()) message += ": " + shown_part(fault.text);
  return {kFault, message + particulars(fault), {}, name};
}

// The words for this class of fault, else for the nearest one above it; null if there are none.
const Words* words_of(std::string_view type) {
  for (; !type.empty(); type = collector::base_of_fault(type)) {
    const auto* row = std::find_if(kTable.begin(), kTable.end(),
                                   [type](const Words& words) { return words.type == type; });
    if (row != kTable.end()) return row;
  }
  return nullptr;
}

bool says_out_of_sessions(std::string_view text) {
  return text.find("Out of HTTP sessions") != std::string_view::npos;
}

}  // namespace

Error out_of_sessions() {
  return {ErrorCode::kUnavailable,
          "the server has no session left for a further login",
          "look in vCenter which clients leave their sessions open, and end those; idle ones end "
          "by themselves after half an hour to two hours",
          {}};
}

Error explain(const SoapFault& fault) {
  if (says_out_of_sessions(fault.text) || says_out_of_sessions(fault.detail)) {
    Error error = out_of_sessions();
    error.fault = printable(fault.type, 80);
    return error;
  }
  const auto* row = words_of(fault.type);
  if (row == nullptr) return unknown(fault);
  const std::string_view hint = is_tools_timeout(fault) ? kToolsHint : row->hint;
  return {row->code, std::string(row->sentence) + particulars(fault), std::string(hint),
          fault.type};
}

}  // namespace ballast::vsphere
