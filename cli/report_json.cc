#include <array>

#include <fmt/format.h>

#include "cli/evidence_json.h"
#include "cli/json.h"
#include "cli/report_output.h"

namespace ballast::cli {

namespace {

using model::Verdict;

Json summary_of(const Report& report) {
  constexpr std::array kVerdicts = {Verdict::kBalloon, Verdict::kExcess, Verdict::kHidden,
                                    Verdict::kClean, Verdict::kUnknown};
  Json verdicts = Json::object();
  for (const Verdict verdict : kVerdicts) {
    const auto& count = report.of(verdict);
    verdicts[std::string(model::to_string(verdict))] = {{"guests", count.guests},
                                                        {"ballooned_guests", count.ballooned},
                                                        {"balloon_kib", count.balloon_kib},
                                                        {"difference_kib", count.difference_kib}};
  }
  Json reasons = Json::object();
  for (const auto& [reason, guests] : report.reasons) {
    reasons[std::string(model::to_string(reason))] = guests;
  }
  return {{"headline", headline(report)},
          {"vms", report.vms},
          {"guests_read", report.guests_read},
          {"matched_balloon_kib", report.of(Verdict::kBalloon).balloon_kib},
          {"verdicts", std::move(verdicts)},
          {"unknown_reasons", std::move(reasons)},
          {"selected", report.listed},
          {"listed", report.rows.size()}};
}

Json guest_of(const ReportRow& row) {
  return {{"name", row.name},
          {"moref", row.moref},
          {"instance_uuid", json_of(row.instance_uuid)},
          {"vcenter", row.vcenter},
          {"datacenter", json_of(row.datacenter)},
          {"cluster", json_of(row.cluster)},
          {"host", json_of(row.host)},
          {"kernel", json_of(row.kernel_release)},
          {"memory_kib", json_of(row.memory_kib)},
          {"mem_total_kib", json_of(row.mem_total_kib)},
          {"balloon_kib", json_of(row.balloon_kib)},
          {"vcenter_balloon_kib", json_of(row.vcenter_balloon_kib)},
          {"unaccounted_kib", json_of(row.unaccounted_kib)},
          {"baseline_kib", json_of(row.baseline_kib)},
          {"difference_kib", json_of(row.difference_kib)},
          {"tolerance_kib", json_of(row.tolerance_kib)},
          {"verdict", model::to_string(row.verdict)},
          {"proof", json_of(model::to_string(row.proof))},
          {"reason", json_of(model::to_string(row.reason))},
          {"detail", json_of(row.detail)},
          {"suspects", json_of_suspects(row.suspects)},
          {"polled_at", json_of(row.polled_at)},
          {"read_at", json_of(row.read_at)}};
}

}  // namespace

void print_report_json(const Report& report, std::ostream& out) {
  Json scans = Json::array();
  for (const auto& scan : report.scans) scans.push_back(json_of(scan, report.now));
  out << "{\n\"schema\": \"ballast.report/1\",\n\"generated_at\": " << dump(json_of(report.now))
      << ",\n\"scans\": " << dump(scans) << ",\n\"summary\": " << dump(summary_of(report))
      << ",\n\"guests\": [";
  // Guest by guest: the document of a large fleet is never whole in memory.
  const char* separator = "\n";
  for (const auto& row : report.rows) {
    out << separator << dump(guest_of(row));
    separator = ",\n";
  }
  out << "\n]\n}\n";
}

}  // namespace ballast::cli
