// What vCenter says: hosts, pools, folders, and the figures of each VM at one poll. Plain values;
// sizes in KiB. An empty optional means "vCenter did not say", never zero.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ballast::model {

// ServiceContent.about of the server that answered.
struct VcenterAbout {
  std::string instance_uuid;  // unique per vCenter; "" on a bare ESXi host
  std::string full_name;      // "VMware vCenter Server 8.0.2 build-22617221"
  std::string api_version;    // "8.0.2.0"
};

// An ESXi host, with the places above it. Names are as vCenter has them and may hold anything.
struct Host {
  std::string moref;  // "host-21"
  std::string name;
  std::string cluster;                           // name of its cluster; "" for a stand-alone host
  std::string datacenter;                        // name; "" if not visible to the user
  std::optional<std::int64_t> memory_kib;        // summary.hardware.memorySize
  std::optional<std::int64_t> memory_usage_kib;  // summary.quickStats.overallMemoryUsage
  std::string ssl_thumbprint;  // summary.config.sslThumbprint, SHA-1 hex; "" if not told
  // Counter mem.state.latest: 0 is "high" (memory is free), larger is scarcer.
  std::optional<std::int64_t> memory_state;
  std::string address = {};  // of its management interface, vmk0 (config.network.vnic); "" unknown
};

enum class PowerState { kUnknown, kPoweredOn, kPoweredOff, kSuspended };
enum class ConnectionState {
  kUnknown,
  kConnected,
  kDisconnected,
  kOrphaned,
  kInaccessible,
  kInvalid
};
enum class ToolsState { kUnknown, kNotRunning, kRunning, kExecutingScripts };

inline constexpr std::int64_t kUnlimited = -1;  // MemoryAllocation::limit_kib: no limit set

// resourceConfig.memoryAllocation
struct MemoryAllocation {
  std::optional<std::int64_t> reservation_kib;
  std::optional<std::int64_t> limit_kib;  // kUnlimited if there is none
};

// A resource pool. Each cluster and each stand-alone host has one at the root, named "Resources",
// whose limit is the cluster's own capacity.
struct ResourcePool {
  std::string moref;                      // "resgroup-8"
  std::string name;                       // of a root pool: its cluster's or host's
  std::string parent;                     // moref of the pool above; "" for a root pool
  MemoryAllocation allocation;            // config.memoryAllocation
  std::optional<std::int64_t> usage_kib;  // runtime.memory.overallUsage
};

// A folder of VMs, or a datacenter: the names from a VM's folder upwards are its path.
struct Folder {
  std::string moref;           // "group-v3", "datacenter-2"
  std::string name;            // as a person writes it: vCenter's %2f is "/" here
  std::string parent;          // moref of the folder or datacenter above; "" at the top
  bool is_datacenter = false;  // also true of a datacenter's hidden folder of VMs
};

// What the VMs of one host come to in sum.
struct HostLoad {
  Host host;
  std::int64_t vms_on = 0;          // powered on
  std::int64_t vms = 0;             // registered there
  std::int64_t configured_kib = 0;  // Σ over the VMs that are on, as the rest
  std::int64_t consumed_kib = 0;
  std::int64_t active_kib = 0;
  std::int64_t balloon_kib = 0;
  std::int64_t swapped_kib = 0;
  bool is_partial = false;  // the scan was limited: there may be more VMs on the host
};

// VirtualMachine.summary.quickStats: "near real-time" figures that must be polled, since
// WaitForUpdatesEx never sends them.
struct QuickStats {
  std::optional<std::int64_t> balloon_kib;
  std::optional<std::int64_t> consumed_kib;  // overhead included
  std::optional<std::int64_t> active_kib;
  std::optional<std::int64_t> granted_kib;  // 7.0 and later
  std::optional<std::int64_t> swapped_kib;  // swapped out by the host
  std::optional<std::int64_t> compressed_kib;
  std::optional<std::int64_t> shared_kib;
  std::optional<std::int64_t> private_kib;
  std::optional<std::int64_t> overhead_kib;
  std::optional<std::int64_t> uptime_s;
  std::optional<std::int64_t> entitled_kib;  // what DRS computes, from limits, shares and demand
};

// One member of QuickStats: its name in the vSphere API and how much one of vCenter's units is.
struct QuickStat {
  std::string_view property;
  std::optional<std::int64_t> QuickStats::*member;
  std::int64_t factor;
};
// Every member. vCenter counts most in MB, some in KB. SOAP is read and samples are stored by this
// list: a new figure goes to its end, because stored samples have the order of the list.
inline constexpr std::int64_t kFromMb = 1024;
inline constexpr std::int64_t kAsTold = 1;
inline constexpr std::array kQuickStats = std::to_array<QuickStat>({
    {"balloonedMemory", &QuickStats::balloon_kib, kFromMb},
    {"hostMemoryUsage", &QuickStats::consumed_kib, kFromMb},
    {"guestMemoryUsage", &QuickStats::active_kib, kFromMb},
    {"uptimeSeconds", &QuickStats::uptime_s, kAsTold},
    {"consumedOverheadMemory", &QuickStats::overhead_kib, kFromMb},
    {"grantedMemory", &QuickStats::granted_kib, kFromMb},
    {"privateMemory", &QuickStats::private_kib, kFromMb},
    {"sharedMemory", &QuickStats::shared_kib, kFromMb},
    {"swappedMemory", &QuickStats::swapped_kib, kFromMb},
    {"compressedMemory", &QuickStats::compressed_kib, kAsTold},
    {"distributedMemoryEntitlement", &QuickStats::entitled_kib, kFromMb},
});

// One VM as one poll saw it.
struct VmView {
  std::string moref;  // "vm-42"; may change when the VM is re-registered
  std::string name;
  std::string instance_uuid;  // config.instanceUuid: the VM's identity, unique within a vCenter
  // Another VM of the same listing has this one's instance UUID, so that only the moref tells.
  bool is_twin = false;
  std::string bios_uuid;     // config.uuid: a copied VM may carry the same one
  std::string host_moref;    // runtime.host; "" if unknown
  std::string pool_moref;    // resourcePool; "" if unknown, or for a template
  std::string folder_moref;  // parent; "" if unknown, or in a vApp
  PowerState power = PowerState::kUnknown;
  ConnectionState connection = ConnectionState::kUnknown;
  ToolsState tools = ToolsState::kUnknown;
  std::optional<bool> guest_operations_ready;  // guest.guestOperationsReady
  std::string guest_family;  // guest.guestFamily: "linuxGuest", "windowsGuest", …; "" unknown
  std::string guest_id;      // guest.guestId, else config.guestId: "rhel8_64Guest"; "" unknown
  std::string managed_by;    // config.managedBy: the extension's key, "com.vmware.vim.eam"; "" none
  std::optional<std::int64_t> configured_kib;  // config.hardware.memoryMB
  std::optional<std::int64_t> cpus;            // config.hardware.numCPU; not stored
  MemoryAllocation allocation;
  QuickStats stats;
  UtcTime polled_at{};  // when the page that carried it arrived
};

[[nodiscard]] std::string_view to_string(PowerState state);  // "powered on", …
[[nodiscard]] std::string_view to_string(ToolsState state);  // "running", …

// Tells whether the guest runs Linux: by guestFamily, else by guestId ("rhel8_64Guest",
// "sles15_64Guest", "other5xLinux64Guest", …). Returns nullopt if neither tells.
[[nodiscard]] std::optional<bool> is_linux(const VmView& vm);

// Tells whether the VM belongs to another product, which gives nobody a login to it: agents (vCLS),
// vSphere Pods, the control planes and VMs of Supervisors, NSX and other appliances of VMware's.
// Not the VMs that a cloud (vCloud Director, OpenStack) manages for its tenants.
[[nodiscard]] bool is_appliance(const VmView& vm);

}  // namespace ballast::model
