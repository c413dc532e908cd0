// Parsers for the files that say whose guest it is: its distribution, its machine, its hypervisor.
// They take any text, which is not trusted, and never fail: what is not understood is "". What they
// return is at most kMaxPlatformText bytes, as it came; show it through printable().
#pragma once

#include <string>
#include <string_view>

#include "model/guest_reading.h"

namespace ballast::model {

// Returns the first line that is not blank, without the blanks around it: of etc/redhat-release,
// etc/SuSE-release, etc/hostname.
[[nodiscard]] std::string first_line_of(std::string_view text);

// Returns PRETTY_NAME of etc/os-release, else NAME and VERSION.
[[nodiscard]] std::string distribution_of(std::string_view os_release);

// Returns maker and product of the "System Information" of `dmidecode`.
[[nodiscard]] std::string machine_of_dmidecode(std::string_view text);

// Returns the word at `index` of the line that `uname -a` prints: 1 is the host's name, 2 the
// release.
[[nodiscard]] std::string uname_word(std::string_view uname, int index);
// Returns the architecture in that line: the first word behind the host's name that is one.
[[nodiscard]] std::string architecture_of(std::string_view uname);

// Fills what `reading` lacks from a boot log, in any of the forms that logs have: the lines "DMI:"
// and "Hardware name:" (machine), "Hypervisor detected:" and "Booting paravirtualized kernel on"
// (hypervisor), "Linux version" (kernel_release), and the greetings of other hypervisors' balloon
// drivers.
void read_boot_log(std::string_view log, GuestReading& reading);

}  // namespace ballast::model
