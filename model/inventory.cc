#include "model/inventory.h"

#include <algorithm>
#include <array>

namespace ballast::model {

namespace {

// What guest ids of each kind begin with (VirtualMachineGuestOsIdentifier of the vSphere API).
// "other…Linux…" is looked for apart.
constexpr std::array<std::string_view, 23> kLinuxIds = {
    "almalinux", "amazonlinux", "asianux", "centos", "coreos",   "crx",    "debian",      "fedora",
    "mandrake",  "mandriva",    "nld",     "oes",    "opensuse", "oracle", "redhat",      "rhel",
    "rocky",     "sjds",        "sles",    "suse",   "turbo",    "ubuntu", "vmwarePhoton"};
constexpr std::array<std::string_view, 12> kOtherIds = {"win",     "darwin", "freebsd", "netware",
                                                        "solaris", "os2",    "dos",     "eCom",
                                                        "sco",     "open",   "unix",    "vmkernel"};

template <class Ids>
bool begins_with_one_of(std::string_view id, const Ids& ids) {
  return std::any_of(ids.begin(), ids.end(),
                     [id](std::string_view prefix) { return id.starts_with(prefix); });
}

std::optional<bool> linux_by_id(std::string_view id) {
  if (begins_with_one_of(id, kLinuxIds)) return true;
  if (id.find("Linux") != std::string_view::npos) return true;
  if (begins_with_one_of(id, kOtherIds)) return false;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(PowerState state) {
  switch (state) {
    case PowerState::kPoweredOn:
      return "powered on";
    case PowerState::kPoweredOff:
      return "powered off";
    case PowerState::kSuspended:
      return "suspended";
    case PowerState::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(ToolsState state) {
  switch (state) {
    case ToolsState::kRunning:
      return "running";
    case ToolsState::kNotRunning:
      return "not running";
    case ToolsState::kExecutingScripts:
      return "executing scripts";
    case ToolsState::kUnknown:
      break;
  }
  return "unknown";
}

std::optional<bool> is_linux(const VmView& vm) {
  if (vm.guest_family == "linuxGuest") return true;
  // An "otherGuestFamily" may be a Linux that vCenter has no name for.
  const bool telling = !vm.guest_family.empty() && vm.guest_family != "otherGuestFamily";
  if (telling) return false;
  return linux_by_id(vm.guest_id);
}

bool is_appliance(const VmView& vm) {
  constexpr std::string_view kVmware = "com.vmware.";
  constexpr std::string_view kTenants = "com.vmware.vcloud";
  const bool managed = vm.managed_by.starts_with(kVmware) && !vm.managed_by.starts_with(kTenants);
  // Pods have the id crxPod1Guest. Agents of 7.0 are named "vCLS (1)", later ones "vCLS-" and a
  // UUID.
  return managed || vm.guest_id.starts_with("crx") || vm.name.starts_with("vCLS-") ||
         vm.name.starts_with("vCLS (");
}

}  // namespace ballast::model
