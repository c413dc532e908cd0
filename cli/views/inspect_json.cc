#include "cli/views/evidence_json.h"
#include "cli/views/inspect_output.h"
#include "model/parse/kernel_release.h"
#include "output/json.h"

namespace ballast::cli {

using fleet::collect_next;
using fleet::headline;
using fleet::InspectedSample;
using fleet::Inspection;
using fleet::inspection_notes;
using output::dump;
using output::Json;
using output::json_of;

namespace {

Json balloon_of(const InspectedSample& sample) {
  Json balloon = {{"hypervisor_kib", json_of(sample.hypervisor_kib)},
                  {"driver_kib", nullptr},
                  {"vmstat_kib", nullptr},
                  {"kpageflags_kib", nullptr},
                  {"meminfo_lower_bound_kib", nullptr}};
  if (!sample.account) return balloon;
  const auto& account = *sample.account;
  balloon["driver_kib"] = json_of(account.driver_kib);
  balloon["vmstat_kib"] = json_of(account.vmstat_kib);
  balloon["kpageflags_kib"] = json_of(account.kpageflags_kib);
  balloon["meminfo_lower_bound_kib"] = json_of(account.lower_bound_kib);
  return balloon;
}

Json account_of(const InspectedSample& sample) {
  if (!sample.account) {
    return {{"era", nullptr},
            {"mem_total_kib", nullptr},
            {"accounted_kib", Json::object()},
            {"unaccounted_kib", nullptr},
            {"counter_error_kib", nullptr}};
  }
  const auto& account = *sample.account;
  Json parts = Json::object();
  for (const auto& part : account.parts) parts[std::string(part.name)] = part.kib;
  return {{"era", model::to_string(account.era)},
          {"mem_total_kib", account.mem_total_kib},
          {"accounted_kib", std::move(parts)},
          {"unaccounted_kib", account.unaccounted_kib},
          {"counter_error_kib", account.counter_error_kib}};
}

Json judgement_of(const InspectedSample& sample) {
  const auto& judgement = sample.judgement;
  const auto figure = [&sample](const Json& value) { return sample.account ? value : Json(); };
  Json terms = Json::object();
  for (const auto& term : judgement.tolerance) terms[std::string(term.name)] = term.kib;
  return {{"baseline_kib", figure(judgement.baseline.kib)},
          {"baseline_spread_kib", figure(judgement.baseline.spread_kib)},
          {"baseline_samples", figure(judgement.baseline.samples)},
          {"tolerance_kib", figure(judgement.tolerance_kib)},
          {"tolerance_terms_kib", figure(terms)},
          {"balloon", balloon_of(sample)},
          {"judged_balloon_kib", json_of(sample.judged_balloon_kib())},
          {"difference_kib", json_of(sample.difference_kib())},
          {"verdict", model::to_string(judgement.verdict)},
          {"proof", json_of(model::to_string(judgement.proof))},
          {"reason", json_of(model::to_string(judgement.reason))}};
}

Json trace_of(const model::BackTrace& trace) {
  Json frames = Json::array();
  for (const auto& frame : trace.frames) {
    frames.push_back({{"function", frame.function}, {"module", json_of(frame.module)}});
  }
  return {{"pid", json_of(trace.pid)},
          {"command", trace.command},
          {"allocating", trace.allocating()},
          {"direct_reclaim", trace.in_direct_reclaim()},
          {"frames", std::move(frames)}};
}

Json vmcore_of(const InspectedSample& sample) {
  if (!sample.input.vmcore) return nullptr;
  const auto& evidence = *sample.input.vmcore;
  const auto* trace = evidence.balloon_trace();
  const auto flags = evidence.task_flags;
  return {{"texts", evidence.recognised},
          {"balloon_thread", trace == nullptr ? Json() : trace_of(*trace)},
          {"task_flags", flags ? Json(*flags) : Json()},
          {"task_flag_names", evidence.task_flag_names},
          {"task_flags_command", json_of(evidence.flags_command)},
          {"zone", json_of(evidence.zone)},
          {"tasks_in_reclaim", json_of(evidence.tasks_in_reclaim)}};
}

Json sample_of(const InspectedSample& sample) {
  const auto& reading = sample.input.reading;
  Json json = {
      {"sources", sample.input.sources},
      {"taken_at", json_of(sample.input.taken_at)},
      {"kernel", json_of(reading.kernel_release)},
      {"vendor", model::to_string(model::parse_kernel_release(reading.kernel_release).vendor)},
      {"boot_id", json_of(reading.boot_id)}};
  json.update(account_of(sample));
  json.update(judgement_of(sample));
  json["pressure"] = json_of_pressure(sample.pressure);
  json["suspects"] = json_of_suspects(sample.suspects);
  json["vmcore"] = vmcore_of(sample);
  return json;
}

}  // namespace

void print_inspection_json(const Inspection& inspection, std::ostream& out) {
  Json document = {{"schema", "ballast.inspect/1"}, {"summary", headline(inspection)}};
  document.update(sample_of(inspection.newest()));
  document["notes"] = inspection_notes(inspection);
  document["collect_next"] = collect_next(inspection);
  Json series = Json::array();
  for (const auto& sample : inspection.samples) series.push_back(sample_of(sample));
  document["series"] = std::move(series);
  out << dump(document, 2) << '\n';
}

}  // namespace ballast::cli
