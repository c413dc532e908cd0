#include "cli/views/formats.h"
#include "cli/views/json/evidence.h"
#include "cli/views/json/figures.h"
#include "fleet/inspection/told_figures.h"
#include "model/parse/kernel_release.h"
#include "model/platform.h"
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

// What the files tell of the kernel, also where there is no account.
Json source_of(const InspectedSample& sample) {
  const auto& reading = sample.input.reading;
  return {{"sources", sample.input.sources},
          {"taken_at", json_of(sample.input.taken_at)},
          {"kernel", json_of(reading.kernel_release)},
          {"vendor", model::to_string(model::parse_kernel_release(reading.kernel_release).vendor)},
          {"boot_id", json_of(reading.boot_id)},
          {"host_name", json_of(reading.platform.host_name)},
          {"distribution", json_of(reading.platform.distribution)},
          {"platform", json_of(reading.platform.machine)},
          {"hypervisor", json_of(std::string(model::to_string(model::hypervisor_of(reading))))},
          {"uptime_s", json_of(reading.uptime_s)}};
}

void add_judged(const model::JudgedGuest& judged, Json& json) {
  add_figures(judged, {{"era"}, {"mem_total_kib"}}, json);
  json["accounted_kib"] = json_of_parts(judged);
  add_figures(judged,
              {{"unaccounted_kib"},
               {"counter_error_kib"},
               {"baseline_kib"},
               {"baseline_spread_kib"},
               {"baseline_samples"},
               {"tolerance_kib"},
               {"tolerance_below_kib"},
               {"tolerance_above_kib"}},
              json);
  json["tolerance_terms_kib"] = json_of_terms(judged);
  Json balloon = Json::object();
  add_figures(judged,
              {{"balloon_kib", "hypervisor_kib"},
               {"driver_kib"},
               {"vmstat_kib"},
               {"kpageflags_kib"},
               {"call_sites_kib"},
               {"lower_bound_kib", "meminfo_lower_bound_kib"}},
              balloon);
  json["balloon"] = std::move(balloon);
  add_figures(judged,
              {{"judged_balloon_kib"}, {"difference_kib"}, {"verdict"}, {"proof"}, {"reason"}},
              json);
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
  const auto& judged = sample.judged;
  Json json = source_of(sample);
  add_judged(judged, json);
  if (!judged.guest) {
    const auto& reading = sample.input.reading;
    json["balloon"]["driver_kib"] = json_of(reading.balloon.current_kib);
    json["balloon"]["vmstat_kib"] = json_of(fleet::balloon_of_vmstat(reading.vmstat));
  }
  json["pressure"] = json_of_pressure(sample.pressure());
  json["suspects"] = judged.guest ? json_of_suspects(judged.guest->suspects) : Json::array();
  json["vmcore"] = vmcore_of(sample);
  return json;
}

}  // namespace

void JsonOutput::inspection(const Inspection& inspection) {
  Json document = {{"schema", "ballast.inspect/1"}, {"summary", headline(inspection)}};
  document.update(sample_of(inspection.newest()));
  document["notes"] = inspection_notes(inspection);
  document["collect_next"] = collect_next(inspection);
  Json series = Json::array();
  for (const auto& sample : inspection.samples) series.push_back(sample_of(sample));
  document["series"] = std::move(series);
  out_ << dump(document, 2) << '\n';
}

}  // namespace ballast::cli
