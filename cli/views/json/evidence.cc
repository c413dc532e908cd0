#include "cli/views/json/evidence.h"

#include "fleet/causes.h"
#include "model/account/suspects.h"

namespace ballast::cli {

using fleet::cause_sentence;
using fleet::fix_sentence;
using fleet::FleetScan;
using fleet::is_incomplete;
using fleet::warning_about;
using output::Json;
using output::json_of;

namespace {

Json json_of_psi(const model::MemoryPressure& psi) {
  return {{"some_avg10_percent", static_cast<double>(psi.some_avg10_centi) / 100},
          {"full_avg10_percent", static_cast<double>(psi.full_avg10_centi) / 100},
          {"some_total_us", psi.some_total_us},
          {"full_total_us", psi.full_total_us}};
}

Json json_of_pool(const model::ResourcePool& pool) {
  const auto limit = pool.allocation.limit_kib;
  const bool unlimited = limit == std::optional<std::int64_t>(model::kUnlimited);
  return {{"name", pool.name},
          {"moref", pool.moref},
          {"limit_kib", unlimited ? Json() : json_of(limit)},
          {"unlimited", limit ? Json(unlimited) : Json()},
          {"reservation_kib", json_of(pool.allocation.reservation_kib)},
          {"usage_kib", json_of(pool.usage_kib)}};
}

Json json_of_host(const model::HostLoad& load) {
  // Of a limited scan the sums are not the host's.
  const auto sum = [&load](std::int64_t of_vms) { return load.is_partial ? Json() : Json(of_vms); };
  return {{"name", load.host.name},
          {"memory_kib", json_of(load.host.memory_kib)},
          {"memory_usage_kib", json_of(load.host.memory_usage_kib)},
          {"memory_state", json_of(load.host.memory_state)},
          {"vms", sum(load.vms)},
          {"vms_on", sum(load.vms_on)},
          {"configured_kib", sum(load.configured_kib)},
          {"consumed_kib", sum(load.consumed_kib)},
          {"active_kib", sum(load.active_kib)},
          {"balloon_kib", sum(load.balloon_kib)},
          {"swapped_kib", sum(load.swapped_kib)}};
}

}  // namespace

Json json_of(const std::optional<model::Lockstep>& lockstep) {
  if (!lockstep) return {};
  return {{"slope", lockstep->slope},
          {"low", lockstep->low},
          {"high", lockstep->high},
          {"levels", lockstep->levels},
          {"changes", lockstep->changes},
          {"range_kib", lockstep->range_kib},
          {"since", json_of(lockstep->since)},
          {"proves", model::is_lockstep(*lockstep)}};
}

Json json_of(const std::optional<model::Leak>& leak) {
  if (!leak) return {};
  return {{"kib_per_day", leak->kib_per_day},
          {"low_kib_per_day", leak->low_kib_per_day},
          {"high_kib_per_day", leak->high_kib_per_day},
          {"since", json_of(leak->since)}};
}

Json json_of(const std::optional<model::BalloonBracket>& bracket) {
  if (!bracket) return {};
  const auto trend = model::trend(*bracket);
  return {{"low_kib", bracket->low_kib},
          {"high_kib", bracket->high_kib},
          {"target_kib", json_of(bracket->target_kib)},
          {"trend", trend ? Json(model::to_string(*trend)) : Json()}};
}

Json json_of_causes(const std::vector<model::Cause>& causes) {
  Json all = Json::array();
  for (const auto& cause : causes) {
    all.push_back({{"kind", model::to_string(cause.kind)},
                   {"object", json_of(cause.object)},
                   {"limit_kib", cause.limit_kib},
                   {"demand_kib", cause.demand_kib},
                   {"frees_kib", json_of(cause.frees_kib)},
                   {"sentence", cause_sentence(cause)},
                   {"fix", fix_sentence(cause)}});
  }
  return all;
}

Json json_of(const model::VmSurroundings& around) {
  Json pools = Json::array();
  for (const auto& pool : around.pools) pools.push_back(json_of_pool(pool));
  return {{"resource_pools", std::move(pools)},
          {"host", around.host ? json_of_host(*around.host) : Json()}};
}

Json json_of_pressure(const model::ReclaimPressure& pressure) {
  if (!pressure.known()) return {};
  return {{"alloc_stalls", json_of(pressure.alloc_stalls)},
          {"direct_scanned_kib", json_of(pressure.direct_scanned_kib)},
          {"direct_reclaimed_kib", json_of(pressure.direct_reclaimed_kib)},
          {"swapped_in_kib", json_of(pressure.swapped_in_kib)},
          {"swapped_out_kib", json_of(pressure.swapped_out_kib)},
          {"refaulted_kib", json_of(pressure.refaulted_kib)},
          {"oom_kills", json_of(pressure.oom_kills)},
          {"psi", pressure.psi ? json_of_psi(*pressure.psi) : Json()}};
}

Json json_of_suspects(const std::vector<model::ConsumerTrace>& suspects) {
  Json all = Json::array();
  for (const auto& suspect : suspects) {
    const auto& words = model::words_of(suspect.consumer);
    all.push_back({{"consumer", words.key},
                   {"size_kib", json_of(suspect.kib)},
                   {"bound", suspect.kib ? Json(model::to_string(words.bound)) : Json()},
                   {"source", words.source},
                   {"detail", json_of(suspect.detail)}});
  }
  return all;
}

Json json_of(const storage::ScanRow& scan) {
  return {{"scan_id", scan.id},
          {"url", scan.vcenter_url},
          {"vcenter_uuid", json_of(scan.vcenter_uuid)},
          {"started_at", json_of(scan.started_at)},
          {"finished_at", json_of(scan.finished_at)},
          {"status", model::to_string(scan.status)},
          {"error", json_of(scan.error)},
          {"limited_to", json_of(scan.limited_to)},
          {"vms", scan.vms},
          {"guests_read", scan.guests_read},
          {"guests_failed", scan.guests_failed}};
}

Json json_of(const FleetScan& scan, UtcTime now) {
  Json earlier = Json::array();
  for (const auto& one : scan.earlier) earlier.push_back(json_of(one));
  return {{"vcenter", scan.vcenter},
          {"incomplete", is_incomplete(scan)},
          {"warning", json_of(warning_about(scan, now))},
          {"usable", scan.usable ? json_of(*scan.usable) : Json()},
          {"earlier", std::move(earlier)},
          {"failed", scan.failed ? json_of(*scan.failed) : Json()}};
}

Json json_of(const std::optional<model::Setback>& setback) {
  if (!setback) return {};
  return {{"failures", setback->failures},
          {"last_try", json_of(setback->last_try)},
          {"next_try", json_of(setback->next_try)}};
}

Json json_of(const model::LoginSetback& setback) {
  return {{"vcenter", setback.vcenter},
          {"username", setback.username},
          {"failures", setback.failures},
          {"last_try", json_of(setback.last_try)},
          {"next_try", json_of(setback.next_try)}};
}

Json json_of_parts(const model::JudgedGuest& guest) {
  Json parts = Json::object();
  if (!guest.guest) return parts;
  for (const auto& part : guest.guest->account.parts) parts[std::string(part.name)] = part.kib;
  return parts;
}

Json json_of_terms(const model::JudgedGuest& guest) {
  if (!guest.guest) return {};
  Json terms = Json::object();
  for (const auto& term : guest.judgement.tolerance) terms[std::string(term.name)] = term.kib;
  return terms;
}

}  // namespace ballast::cli
