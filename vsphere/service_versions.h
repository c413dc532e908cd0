// Which version of the vim25 API to speak.
#pragma once

#include <string>
#include <vector>

namespace ballast::vsphere {

// The newest of the versions that the server offers ("8.0.2.0", "6.7", …) and that ballast knows;
// if all are newer, the oldest. "5.0" if it offers none: the first with guest operations.
[[nodiscard]] std::string choose_version(const std::vector<std::string>& offered);

}  // namespace ballast::vsphere
