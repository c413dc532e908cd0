// What scans came to, what the doctor found, what a database holds.
#include <nlohmann/json.hpp>

#include "cli/views/formats.h"
#include "output/json.h"

namespace ballast::cli {

using output::dump;
using output::Json;
using output::json_of;

namespace {

using collector::ScanSummary;
using model::Verdict;

nlohmann::json counts_json(const ScanSummary& scan) {
  auto verdicts = nlohmann::json::object();
  for (const Verdict verdict : {Verdict::kBalloon, Verdict::kExcess, Verdict::kHidden,
                                Verdict::kClean, Verdict::kUnknown}) {
    verdicts[std::string(model::to_string(verdict))] = scan.count_of(verdict);
  }
  return verdicts;
}

nlohmann::json scan_json(const ScanSummary& scan) {
  auto reasons_object = nlohmann::json::object();
  for (const auto& [reason, count] : scan.reasons) {
    reasons_object[std::string(model::to_string(reason))] = count;
  }
  return {
      {"vcenter", scan.vcenter},
      {"scan_id", scan.scan ? nlohmann::json(*scan.scan) : nlohmann::json()},
      {"status", model::to_string(scan.status)},
      {"error", scan.error ? nlohmann::json(scan.error->sentence()) : nlohmann::json()},
      {"limited_to", scan.limited_to.empty() ? nlohmann::json() : nlohmann::json(scan.limited_to)},
      {"vms", scan.listed},
      {"guests_read", scan.guests_read},
      {"guests_failed", scan.guests_failed},
      {"verdicts", counts_json(scan)},
      {"reasons", reasons_object},
      {"ballooned_vms", scan.ballooned},
      {"balloon_kib", scan.balloon_kib},
      {"matched_balloon_kib", scan.matched_balloon_kib},
      {"duration_ms", scan.duration.count()}};
}

}  // namespace

void JsonOutput::scans(const std::vector<ScanSummary>& scans, const std::string& database) {
  auto list = nlohmann::json::array();
  for (const auto& scan : scans) list.push_back(scan_json(scan));
  const nlohmann::json document = {
      {"schema", "ballast.scan/1"}, {"database", database}, {"scans", list}};
  out_ << document.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
}

void JsonOutput::checks(const std::vector<Check>& checks) {
  auto list = nlohmann::json::array();
  for (const auto& check : checks) {
    list.push_back({{"subject", check.subject},
                    {"check", check.what},
                    {"state", to_string(check.state)},
                    {"detail", check.detail},
                    {"hint", check.hint},
                    {"to_paste", check.to_paste},
                    {"duration_ms", check.took.count()}});
    if (!check.login) continue;
    list.back()["login"] = {{"username", check.login->username},
                            {"rule", check.login->rule},
                            {"guests", check.login->guests}};
  }
  const nlohmann::json document = {{"schema", "ballast.doctor/1"}, {"checks", list}};
  out_ << document.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
}

void JsonOutput::extent(const std::string& path, const storage::StoreExtent& extent) {
  const Json json = {{"schema", "ballast.db.status/1"},
                     {"path", json_of(std::string_view(path))},
                     {"schema_version", extent.schema_version},
                     {"file_kib", extent.file_bytes / 1024},
                     {"vcenters", extent.vcenters},
                     {"vms", extent.vms},
                     {"scans", extent.scans},
                     {"oldest_scan", json_of(extent.oldest)},
                     {"newest_scan", json_of(extent.newest)},
                     {"hours_rolled_up", extent.hours},
                     {"days_rolled_up", extent.days}};
  out_ << dump(json, 2) << '\n';
}

}  // namespace ballast::cli
