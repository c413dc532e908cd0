// The PF_* flags of a task.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::model {

// Returns the names of the bits that are set in task_struct.flags, as far as their meaning in the
// kernel named by `kernel_release` is certain; other bits as hexadecimal numbers, "0x…". Source:
// include/linux/sched.h from 2.6.18 on.
[[nodiscard]] std::vector<std::string> task_flag_names(std::uint64_t flags,
                                                       std::string_view kernel_release);

}  // namespace ballast::model
