// Parser for /proc/vmallocinfo, which root can read.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace ballast::model {

// The sum of `pages=` over the lines of kind `vmalloc`, in KiB. Other kinds (ioremap, vmap, user
// mappings) hold no pages of their own or pages that are counted elsewhere. Errors: kParse when a
// vmalloc line's pages are no number, or the sum is beyond kMaxNumber.
[[nodiscard]] Result<std::int64_t> parse_vmallocinfo(std::string_view text);

}  // namespace ballast::model
