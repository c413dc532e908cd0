#include "output/json.h"

namespace ballast::output {

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', true, Json::error_handler_t::replace);
}

Json json_of(const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(); }

Json json_of(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json json_of(UtcTime time) { return format_iso8601(time); }

Json json_of(const std::optional<UtcTime>& time) { return time ? json_of(*time) : Json(); }

}  // namespace ballast::output
