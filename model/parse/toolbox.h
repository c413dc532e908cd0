// Parsers for what vmware-toolbox-cmd prints in a guest. Its figures come from the hypervisor: they
// are the host's view of the guest, told inside. Source: open-vm-tools, toolbox/toolboxcmd-stat.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ballast::model {

// Reads the answer of `vmware-toolbox-cmd stat balloon`, "17960 MB" ("17960 Mo" in French; MB are
// MiB), and returns KiB. `stat memres` and others print the same form: whoever calls this knows
// which it was. Empty for anything else, such as a message of failure.
[[nodiscard]] std::optional<std::int64_t> parse_toolbox_balloon(std::string_view text);

// Finds `guest.mem.ballooned = N` in the answer of `vmware-toolbox-cmd stat raw text resources` and
// returns KiB, which N is in. Empty if it is not there or no figure.
[[nodiscard]] std::optional<std::int64_t> parse_toolbox_resources(std::string_view text);

}  // namespace ballast::model
