#include "cli/pressure_output.h"

#include <fmt/format.h>

#include "base/units.h"
#include "cli/reasoning.h"

namespace ballast::cli {

namespace {

using Figure = std::optional<std::int64_t>;

std::string sized(std::string_view verb, const Figure& kib) {
  return kib ? fmt::format("{} {}", verb, format_size(*kib)) : "";
}

std::string both(const std::string& one, const std::string& other) {
  if (one.empty() || other.empty()) return one + other;
  return one + ", " + other;
}

std::string percent(std::int64_t centi) {
  return fmt::format("{}.{:02} %", centi / 100, centi % 100);
}

std::string stalls(const model::MemoryPressure& psi) {
  return fmt::format("some task waited for memory {} of the last 10 s, all tasks {}",
                     percent(psi.some_avg10_centi), percent(psi.full_avg10_centi));
}

}  // namespace

void print_pressure(const model::ReclaimPressure& pressure, Page& page) {
  if (!pressure.known()) return;
  page.heading("What the guest did for free memory, since its boot");
  if (!pressure.any()) {
    page.paragraph("Nothing: no allocation had to wait, nothing was swapped or killed.",
                   Style::kPlain, 2);
    return;
  }
  if (pressure.alloc_stalls) {
    field(page, "waits",
          counted(*pressure.alloc_stalls, "allocation") + " had to free memory first");
  }
  field(page, "reclaim",
        both(sized("scanned", pressure.direct_scanned_kib),
             sized("freed", pressure.direct_reclaimed_kib)));
  field(page, "swap",
        both(sized("out", pressure.swapped_out_kib), sized("in", pressure.swapped_in_kib)));
  field(page, "refaults", sized("evicted and needed again:", pressure.refaulted_kib));
  if (pressure.oom_kills) {
    field(page, "killed", counted(*pressure.oom_kills, "task") + " for lack of memory",
          *pressure.oom_kills > 0 ? Style::kBad : Style::kPlain);
  }
  if (pressure.psi) field(page, "stalls", stalls(*pressure.psi));
}

Json json_of_pressure(const model::ReclaimPressure& pressure) {
  if (!pressure.known()) return nullptr;
  Json json = {{"alloc_stalls", json_of(pressure.alloc_stalls)},
               {"direct_scanned_kib", json_of(pressure.direct_scanned_kib)},
               {"direct_reclaimed_kib", json_of(pressure.direct_reclaimed_kib)},
               {"swapped_in_kib", json_of(pressure.swapped_in_kib)},
               {"swapped_out_kib", json_of(pressure.swapped_out_kib)},
               {"refaulted_kib", json_of(pressure.refaulted_kib)},
               {"oom_kills", json_of(pressure.oom_kills)},
               {"psi", nullptr}};
  if (!pressure.psi) return json;
  const auto& psi = *pressure.psi;
  json["psi"] = {{"some_total_us", psi.some_total_us},
                 {"full_total_us", psi.full_total_us},
                 {"some_avg10_percent", static_cast<double>(psi.some_avg10_centi) / 100},
                 {"full_avg10_percent", static_cast<double>(psi.full_avg10_centi) / 100}};
  return json;
}

}  // namespace ballast::cli
