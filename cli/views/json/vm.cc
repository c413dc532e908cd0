#include "cli/views/formats.h"
#include "cli/views/json/evidence.h"
#include "cli/views/json/figures.h"
#include "fleet/sentences.h"

namespace ballast::cli {

using fleet::VmReport;
using model::JudgedGuest;
using output::dump;
using output::Json;
using output::json_of;

namespace {

Json identity_of(const JudgedGuest& guest) {
  Json json = Json::object();
  add_figures(guest,
              {{"name"},
               {"moref"},
               {"instance_uuid"},
               {"bios_uuid"},
               {"vcenter"},
               {"datacenter"},
               {"cluster"},
               {"host"},
               {"pool", "resource_pool"},
               {"power"},
               {"tools"},
               {"guest_id"}},
              json);
  return json;
}

Json history_guest(const JudgedGuest& guest) {
  if (!guest.guest) return {};
  Json json = Json::object();
  add_figures(
      guest, {{"read_at"}, {"channel"}, {"kernel"}, {"boot_id"}, {"era"}, {"mem_total_kib"}}, json);
  json["accounted_kib"] = json_of_parts(guest);
  add_figures(guest, {{"unaccounted_kib"}, {"counter_error_kib"}}, json);
  json["missing"] = guest.guest->account.missing;
  return json;
}

Json balloon_of(const JudgedGuest& guest) {
  Json json = Json::object();
  add_figures(guest,
              {{"balloon_kib", "hypervisor_kib"},
               {"driver_kib"},
               {"vmstat_kib"},
               {"lower_bound_kib", "meminfo_lower_bound_kib"}},
              json);
  return json;
}

void add_judgement(const JudgedGuest& guest, Json& json) {
  add_figures(guest,
              {{"verdict"},
               {"proof"},
               {"reason"},
               {"detail"},
               {"remedy"},
               {"baseline_kib"},
               {"baseline_spread_kib"},
               {"baseline_samples"},
               {"tolerance_kib"},
               {"tolerance_below_kib"},
               {"tolerance_above_kib"}},
              json);
  json["tolerance_terms_kib"] = json_of_terms(guest);
  add_figures(guest, {{"judged_balloon_kib"}, {"difference_kib"}}, json);
  json["bracket"] = json_of(guest.judgement.bracket);
  json["lockstep"] = json_of(guest.judgement.lockstep);
  json["leak"] = json_of(guest.judgement.leak);
}

Json sample_of(const JudgedGuest& guest) {
  Json sample = {{"scan_id", guest.scan_id},
                 {"hypervisor", json_of_group(model::FigureGroup::kHypervisor, guest)},
                 {"guest", history_guest(guest)},
                 {"balloon", balloon_of(guest)},
                 {"pressure", guest.guest ? json_of_pressure(guest.guest->pressure) : Json()}};
  add_judgement(guest, sample);
  sample["suspects"] = guest.guest ? json_of_suspects(guest.guest->suspects) : Json::array();
  return sample;
}

// … and where the VM ran then.
Json past_sample_of(const JudgedGuest& guest) {
  Json sample = sample_of(guest);
  add_figures(guest, {{"host"}, {"cluster"}}, sample);
  return sample;
}

Json json_of_spread(const std::optional<storage::Spread>& spread) {
  if (!spread) return {};
  return {{"min_kib", spread->min_kib},
          {"mean_kib", spread->mean_kib},
          {"p95_kib", spread->p95_kib},
          {"max_kib", spread->max_kib}};
}

// Hours or days before the oldest sample.
Json json_of_periods(const std::vector<storage::VmPeriodPoint>& periods) {
  Json all = Json::array();
  for (const auto& [start, period] : periods) {
    all.push_back({{"start", json_of(start)},
                   {"samples", period.samples},
                   {"guests_read", period.guests_read},
                   {"excess_samples", period.excess_samples},
                   {"balloon", json_of_spread(period.figures.balloon)},
                   {"unaccounted", json_of_spread(period.figures.unaccounted)}});
  }
  return all;
}

}  // namespace

void JsonOutput::vm(const VmReport& report) {
  Json document = {{"schema", "ballast.vm/1"},
                   {"generated_at", json_of(report.now)},
                   {"summary", fleet::verdict_sentence(report.row)},
                   {"in_newest_scan", !report.is_gone() && !report.is_earlier()},
                   {"vm", identity_of(report.row)},
                   {"scan", json_of(report.scan, report.now)}};
  document.update(sample_of(report.row));
  document["retry"] = json_of(report.row.setback);
  document["causes"] = json_of_causes(report.row.causes);
  document["surroundings"] = json_of(report.around);
  Json history = Json::array();
  for (const auto& guest : report.history) history.push_back(past_sample_of(guest));
  document["history"] = std::move(history);
  document["hours"] = json_of_periods(report.hours);
  document["days"] = json_of_periods(report.days);
  out_ << dump(document, 2) << '\n';
}

}  // namespace ballast::cli
