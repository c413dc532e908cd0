#include "cli/evidence_json.h"

#include "model/suspects.h"

namespace ballast::cli {

namespace {

Json json_of_psi(const model::MemoryPressure& psi) {
  return {{"some_avg10_percent", static_cast<double>(psi.some_avg10_centi) / 100},
          {"full_avg10_percent", static_cast<double>(psi.full_avg10_centi) / 100},
          {"some_total_us", psi.some_total_us},
          {"full_total_us", psi.full_total_us}};
}

}  // namespace

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

}  // namespace ballast::cli
