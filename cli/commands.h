// The commands of the program.
#pragma once

#include <vector>

#include "cli/context.h"

namespace ballast::cli {

// Returns what adds each of them, in the order in which --help lists them.
[[nodiscard]] const std::vector<AddCommand>& every_command();

}  // namespace ballast::cli
