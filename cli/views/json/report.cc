#include <array>

#include <fmt/format.h>

#include "cli/views/formats.h"
#include "cli/views/json/evidence.h"
#include "cli/views/json/figures.h"
#include "fleet/causes.h"
#include "fleet/sentences.h"
#include "output/json.h"

namespace ballast::cli {

using fleet::Change;
using fleet::ChangeKind;
using fleet::Changes;
using fleet::changes_headline;
using fleet::ClusterTotals;
using fleet::headline;
using fleet::kChangeKinds;
using fleet::Report;
using fleet::VmMoment;
using output::dump;
using output::Json;
using output::json_of;

namespace {

using model::Verdict;

Json summary_of(const Report& report) {
  constexpr std::array kVerdicts = {Verdict::kBalloon, Verdict::kExcess, Verdict::kHidden,
                                    Verdict::kClean, Verdict::kUnknown};
  Json verdicts = Json::object();
  for (const Verdict verdict : kVerdicts) {
    const auto& count = report.of(verdict);
    verdicts[std::string(model::to_string(verdict))] = {
        {"guests", count.guests},
        {"ballooned_guests", count.ballooned},
        {"balloon_kib", count.balloon_kib},
        {"difference_kib", count.difference_kib},
        {"missing_kib", count.missing_kib},
        {"leaking_guests", count.leaking},
        {"leak_kib_per_day", count.leak_kib_per_day}};
  }
  Json reasons = Json::object();
  for (const auto& [reason, guests] : report.reasons) {
    reasons[std::string(model::to_string(reason))] = guests;
  }
  Json logins = Json::array();
  for (const auto& login : report.logins) logins.push_back(json_of(login));
  return {{"headline", headline(report)},
          {"vms", report.vms},
          {"guests_read", report.guests_read},
          {"matched_balloon_kib", report.of(Verdict::kBalloon).balloon_kib},
          {"verdicts", std::move(verdicts)},
          {"unknown_reasons", std::move(reasons)},
          {"suspended_logins", std::move(logins)},
          {"selected", report.listed},
          {"listed", report.rows.size()}};
}

Json guest_of(const model::JudgedGuest& guest) {
  static const std::vector<JsonFigure> kFigures = {
      {"name"},
      {"moref"},
      {"instance_uuid"},
      {"vcenter"},
      {"datacenter"},
      {"cluster"},
      {"host"},
      {"kernel"},
      {"memory_kib"},
      {"consumed_kib"},
      {"mem_total_kib"},
      {"shown_balloon_kib", "balloon_kib"},
      {"balloon_kib", "vcenter_balloon_kib"},
      {"unaccounted_kib"},
      {"baseline_kib"},
      {"difference_kib"},
      {"tolerance_kib"},
      {"tolerance_below_kib"},
      {"tolerance_above_kib"},
      {"verdict"},
      {"proof"},
      {"reason"},
      {"detail"},
      {"leak_kib_per_day"},
      {"cause"},
  };
  Json json = Json::object();
  add_figures(guest, kFigures, json);
  json["causes"] = json_of_causes(guest.causes);
  json["suspects"] = guest.guest ? json_of_suspects(guest.guest->suspects) : Json::array();
  add_figures(guest, {{"scan_id"}, {"polled_at"}, {"read_at"}}, json);
  json["retry"] = json_of(guest.setback);
  return json;
}

Json cluster_of(const ClusterTotals& totals) {
  return {{"cluster", json_of(totals.cluster)},
          {"vcenter", totals.vcenter},
          {"vms", totals.vms},
          {"guests_read", totals.guests_read},
          {"ballooned_guests", totals.ballooned},
          {"balloon_kib", totals.balloon_kib},
          {"unaccounted_kib", totals.unaccounted_kib},
          {"excess_kib", totals.excess_kib},
          {"leaking_guests", totals.leaking},
          {"leak_kib_per_day", totals.leak_kib_per_day}};
}

Json json_of_day(const std::optional<fleet::ComparedDay>& day) {
  if (!day) return {};
  return {{"from", json_of(day->from)},
          {"to", json_of(day->to)},
          {"is_of_calendar", day->is_of_calendar}};
}

// What was compared with what, and how much of each kind was found.
Json comparison_of(const Changes& changes) {
  Json scans = Json::array();
  for (const auto& one : changes.scans) {
    scans.push_back({{"vcenter", one.vcenter},
                     {"compared", one.is_compared()},
                     {"before", one.before ? json_of(*one.before) : Json()},
                     {"day_before", json_of_day(one.day_before)},
                     {"day_now", json_of_day(one.day_now)},
                     {"data_since", json_of(one.data_since)}});
  }
  Json counts = Json::object();
  for (std::size_t i = 0; i < kChangeKinds; ++i) {
    counts[std::string(to_string(static_cast<ChangeKind>(i)))] = changes.counts[i];
  }
  return {{"since", json_of(changes.since)}, {"headline", changes_headline(changes)},
          {"scans", std::move(scans)},       {"counts", std::move(counts)},
          {"new_leaks", changes.new_leaks},  {"gone_leaks", changes.gone_leaks}};
}

Json figures_of(const std::optional<VmMoment>& figures) {
  if (!figures) return {};
  return {{"balloon_kib", json_of(figures->balloon_kib)},
          {"difference_kib", json_of(figures->difference_kib)},
          {"leak_kib_per_day", json_of(figures->leak_kib_per_day)},
          {"verdict", figures->verdict ? Json(model::to_string(*figures->verdict)) : Json()}};
}

Json change_of(const Change& change) {
  return {{"change", to_string(change.kind)},
          {"name", change.name},
          {"moref", change.moref},
          {"instance_uuid", json_of(change.instance_uuid)},
          {"vcenter", change.vcenter},
          {"cluster", json_of(change.cluster)},
          {"host", json_of(change.host)},
          {"before", figures_of(change.before)},
          {"now", figures_of(change.now)}};
}

// Item by item, each on a line: the document of a large fleet is never whole in memory.
template <class Items, class ToJson>
void write_list(std::string_view key, const Items& items, ToJson to_json, std::ostream& out) {
  out << ",\n\"" << key << "\": [";
  const char* separator = "\n";
  for (const auto& item : items) {
    out << separator << dump(to_json(item));
    separator = ",\n";
  }
  out << "\n]";
}

}  // namespace

void JsonOutput::report(const Report& report) {
  Json scans = Json::array();
  for (const auto& scan : report.scans) scans.push_back(json_of(scan, report.now));
  out_ << "{\n\"schema\": \"ballast.report/1\",\n\"generated_at\": " << dump(json_of(report.now))
       << ",\n\"scans\": " << dump(scans) << ",\n\"summary\": " << dump(summary_of(report));
  write_list("clusters", report.clusters, cluster_of, out_);
  if (report.changes) {
    out_ << ",\n\"comparison\": " << dump(comparison_of(*report.changes));
    write_list("changes", report.changes->rows, change_of, out_);
  }
  write_list("guests", report.rows, guest_of, out_);
  out_ << "\n}\n";
}

}  // namespace ballast::cli
