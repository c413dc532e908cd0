// JSON as all commands write it. Included by *_json.cc only: the library's header is large.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/time.h"

namespace ballast::output {

using Json = nlohmann::ordered_json;  // keys stay in the order in which a reader wants them

// ASCII only (everything else is escaped, so no terminal is at risk); bytes that are not UTF-8
// become U+FFFD. `indent` < 0: one line.
[[nodiscard]] std::string dump(const Json& json, int indent = -1);

[[nodiscard]] Json json_of(const std::optional<std::int64_t>& value);  // null where empty
[[nodiscard]] Json json_of(std::string_view text);                     // null where ""
[[nodiscard]] Json json_of(UtcTime time);
[[nodiscard]] Json json_of(const std::optional<UtcTime>& time);

}  // namespace ballast::output
