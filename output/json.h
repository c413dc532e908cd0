// Makes JSON values and text the way every command writes them. The JSON library's header is large:
// include this in files that write JSON, not in other headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/time.h"

namespace ballast::output {

using Json = nlohmann::ordered_json;  // keys stay in the order in which a reader wants them

// Returns the text of `json` in ASCII: everything else is escaped, so no terminal is at risk, and
// bytes that are not UTF-8 become U+FFFD. A negative `indent` gives one line.
[[nodiscard]] std::string dump(const Json& json, int indent = -1);

// Returns `value` as JSON: null for an empty optional and for "", times as in ISO 8601.
[[nodiscard]] Json json_of(const std::optional<std::int64_t>& value);
[[nodiscard]] Json json_of(std::string_view text);
[[nodiscard]] Json json_of(UtcTime time);
[[nodiscard]] Json json_of(const std::optional<UtcTime>& time);

}  // namespace ballast::output
