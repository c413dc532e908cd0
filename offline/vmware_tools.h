// Asks the hypervisor through VMware Tools, where ballast itself runs in the guest: `inspect /`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace ballast::offline {

inline constexpr const char* kToolboxCommand = "/usr/bin/vmware-toolbox-cmd";

// Runs `command stat balloon` and returns what it prints, in KiB. It needs no root: in
// toolbox-cmd.c of open-vm-tools the row of "stat" has requireRoot FALSE. Empty if there is no such
// command, if it fails (as outside ESXi), or has not answered within `patience`: then it is killed.
// Blocks.
[[nodiscard]] std::optional<std::int64_t> ask_vmware_tools(
    const std::string& command = kToolboxCommand,
    std::chrono::milliseconds patience = std::chrono::seconds(2));

}  // namespace ballast::offline
