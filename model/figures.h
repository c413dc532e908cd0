// The titles of the parts of an account and of the terms of a tolerance, for people.
#pragma once

#include <string>
#include <string_view>

namespace ballast::model {

// Returns "free, on per-CPU lists" for "pcp"; a key that is not known is returned as words.
[[nodiscard]] std::string part_title(std::string_view key);
// Returns "counter lag" for "counters", "vCenter's rounding" for "host_rounding", ….
[[nodiscard]] std::string tolerance_title(std::string_view key);

}  // namespace ballast::model
