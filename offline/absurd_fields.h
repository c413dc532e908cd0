// Figures of meminfo that cannot be, in fields that do not matter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ballast::offline {

// Returns `meminfo` without the fields that no account uses and whose figure no memory can have, as
// `SwapFree: 18446744073709551584 kB` of WSL 1 and LXCFS, or CommitLimit before 3.0. For each a
// sentence is added to `notes`. All other lines stay as they are, for parse_meminfo() to judge.
[[nodiscard]] std::string without_absurd_fields(std::string_view meminfo,
                                                std::vector<std::string>& notes);

}  // namespace ballast::offline
