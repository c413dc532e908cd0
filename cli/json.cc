#include "cli/json.h"

namespace ballast::cli {

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', true, Json::error_handler_t::replace);
}

Json json_of(const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(); }

Json json_of(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json json_of(UtcTime time) { return format_iso8601(time); }

Json json_of(const std::optional<UtcTime>& time) { return time ? json_of(*time) : Json(); }

Json json_of(const storage::ScanRow& scan) {
  return {{"scan_id", scan.id},
          {"url", scan.vcenter_url},
          {"vcenter_uuid", json_of(scan.vcenter_uuid)},
          {"started_at", json_of(scan.started_at)},
          {"finished_at", json_of(scan.finished_at)},
          {"status", model::to_string(scan.status)},
          {"error", json_of(scan.error)},
          {"vms", scan.vms},
          {"guests_read", scan.guests_read},
          {"guests_failed", scan.guests_failed}};
}

Json json_of(const FleetScan& scan, UtcTime now) {
  return {{"vcenter", scan.vcenter},
          {"incomplete", is_incomplete(scan)},
          {"warning", json_of(warning_about(scan, now))},
          {"usable", scan.usable ? json_of(*scan.usable) : Json()},
          {"failed", scan.failed ? json_of(*scan.failed) : Json()}};
}

}  // namespace ballast::cli
