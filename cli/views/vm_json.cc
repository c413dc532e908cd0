#include "cli/views/evidence_json.h"
#include "cli/views/vm_output.h"
#include "fleet/causes.h"
#include "fleet/report.h"
#include "fleet/retries.h"
#include "fleet/sentences.h"
#include "output/json.h"

namespace ballast::cli {

using fleet::causes_of;
using fleet::judged_balloon;
using fleet::known_difference;
using fleet::verdict_sentence;
using fleet::VmReport;
using output::dump;
using output::Json;
using output::json_of;

namespace {

Json identity_of(const storage::VmRow& row) {
  const auto& vm = row.vm;
  return {{"name", vm.name},
          {"moref", vm.moref},
          {"instance_uuid", json_of(vm.instance_uuid)},
          {"bios_uuid", json_of(vm.bios_uuid)},
          {"vcenter", row.vcenter},
          {"datacenter", json_of(row.datacenter)},
          {"cluster", json_of(row.cluster)},
          {"host", json_of(row.host)},
          {"resource_pool", json_of(row.pool)},
          {"power", model::to_string(vm.power)},
          {"tools", model::to_string(vm.tools)},
          {"guest_id", json_of(vm.guest_id)}};
}

Json hypervisor_of(const model::VmView& vm) {
  const auto& stats = vm.stats;
  const auto limit = vm.allocation.limit_kib;
  const bool unlimited = limit == std::optional<std::int64_t>(model::kUnlimited);
  return {{"polled_at", json_of(vm.polled_at)},
          {"configured_kib", json_of(vm.configured_kib)},
          {"limit_kib", unlimited ? Json() : json_of(limit)},
          {"unlimited", limit ? Json(unlimited) : Json()},
          {"reservation_kib", json_of(vm.allocation.reservation_kib)},
          {"balloon_kib", json_of(stats.balloon_kib)},
          {"consumed_kib", json_of(stats.consumed_kib)},
          {"active_kib", json_of(stats.active_kib)},
          {"granted_kib", json_of(stats.granted_kib)},
          {"swapped_kib", json_of(stats.swapped_kib)},
          {"compressed_kib", json_of(stats.compressed_kib)},
          {"shared_kib", json_of(stats.shared_kib)},
          {"private_kib", json_of(stats.private_kib)},
          {"overhead_kib", json_of(stats.overhead_kib)},
          {"uptime_s", json_of(stats.uptime_s)}};
}

Json guest_of(const storage::GuestRow& guest) {
  Json parts = Json::object();
  for (const auto& part : guest.parts) parts[std::string(part.name)] = part.kib;
  return {{"read_at", json_of(guest.read_at)},
          {"kernel", guest.kernel_release},
          {"boot_id", json_of(guest.boot_id)},
          {"era", guest.era},
          {"mem_total_kib", guest.mem_total_kib},
          {"accounted_kib", std::move(parts)},
          {"unaccounted_kib", guest.unaccounted_kib},
          {"counter_error_kib", guest.counter_error_kib},
          {"missing", guest.missing}};
}

Json balloon_of(const storage::VmRow& row) {
  const auto from_guest = [&row](const std::optional<std::int64_t> storage::GuestRow::*figure) {
    return row.guest ? json_of((*row.guest).*figure) : Json();
  };
  return {{"hypervisor_kib", json_of(row.vm.stats.balloon_kib)},
          {"driver_kib", from_guest(&storage::GuestRow::driver_kib)},
          {"vmstat_kib", from_guest(&storage::GuestRow::vmstat_kib)},
          {"meminfo_lower_bound_kib", from_guest(&storage::GuestRow::lower_bound_kib)}};
}

// verdict, proof, reason …; figures are null without an account.
void add_judgement(const storage::VmRow& row, Json& json) {
  const auto& judgement = row.judgement;
  const auto figure = [&row](const Json& value) { return row.guest ? value : Json(); };
  Json terms = Json::object();
  for (const auto& term : judgement.tolerance) terms[std::string(term.name)] = term.kib;
  json["verdict"] = model::to_string(judgement.verdict);
  json["proof"] = json_of(model::to_string(judgement.proof));
  json["reason"] = json_of(model::to_string(judgement.reason));
  json["detail"] = json_of(row.detail);
  json["remedy"] = json_of(model::remedy(judgement.reason));
  json["baseline_kib"] = figure(judgement.baseline.kib);
  json["baseline_spread_kib"] = figure(judgement.baseline.spread_kib);
  json["baseline_samples"] = figure(judgement.baseline.samples);
  json["tolerance_kib"] = figure(judgement.tolerance_kib);
  json["tolerance_terms_kib"] = figure(terms);
  json["judged_balloon_kib"] = json_of(judged_balloon(row));
  json["difference_kib"] = json_of(known_difference(row));
  json["bracket"] = json_of(judgement.bracket);
  json["lockstep"] = json_of(judgement.lockstep);
  json["leak"] = json_of(judgement.leak);
}

Json sample_of(const storage::VmRow& row) {
  Json sample = {{"scan_id", row.scan_id},
                 {"hypervisor", hypervisor_of(row.vm)},
                 {"guest", row.guest ? guest_of(*row.guest) : Json()},
                 {"balloon", balloon_of(row)},
                 {"pressure", row.guest ? json_of_pressure(row.guest->pressure) : Json()}};
  add_judgement(row, sample);
  sample["suspects"] = row.guest ? json_of_suspects(row.guest->suspects) : Json::array();
  return sample;
}

// … and where the VM ran then.
Json past_sample_of(const storage::VmRow& row) {
  Json sample = sample_of(row);
  sample["host"] = json_of(row.host);
  sample["cluster"] = json_of(row.cluster);
  return sample;
}

}  // namespace

void print_vm_json(const VmReport& report, std::ostream& out) {
  Json document = {{"schema", "ballast.vm/1"},
                   {"generated_at", json_of(report.now)},
                   {"summary", verdict_sentence(report.row)},
                   {"in_newest_scan", !report.is_gone()},
                   {"vm", identity_of(report.row)},
                   {"scan", json_of(report.scan, report.now)}};
  document.update(sample_of(report.row));
  document["retry"] = json_of(report.row.setback);
  document["causes"] = json_of_causes(causes_of(report.row, report.around));
  document["surroundings"] = json_of(report.around);
  Json history = Json::array();
  for (const auto& row : report.history) history.push_back(past_sample_of(row));
  document["history"] = std::move(history);
  out << dump(document, 2) << '\n';
}

}  // namespace ballast::cli
