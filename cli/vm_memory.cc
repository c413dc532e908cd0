#include "cli/vm_memory.h"

#include <utility>

#include <fmt/format.h>

#include "cli/report.h"
#include "cli/waterfall.h"

namespace ballast::cli {

namespace {

using Kib = std::optional<std::int64_t>;

std::string limit_note(const model::VmView& vm) {
  const Kib limit = vm.allocation.limit_kib;
  if (!limit || *limit == model::kUnlimited || !vm.configured_kib) return {};
  return *limit < *vm.configured_kib ? "below the configured memory" : "";
}

std::string limit_figure(const Kib& limit) {
  return limit == Kib(model::kUnlimited) ? "unlimited" : or_dash(limit, whole_mib);
}

}  // namespace

void print_hypervisor(const model::VmView& vm, Page& page) {
  page.heading("What vCenter says");
  Table table({{"FIGURE", "", "", Align::kLeft, 0, 0},
               {"SIZE", "", "MiB", Align::kRight, 0, 0},
               {"", "", "", Align::kLeft, 8, 1}});
  const auto add = [&table](const std::string& title, const std::string& figure,
                            const std::string& note = "") {
    table.add_row({{title}, {figure}, {note, Style::kNotice}});
  };
  const auto& stats = vm.stats;
  add("configured", or_dash(vm.configured_kib, whole_mib));
  add("limit", limit_figure(vm.allocation.limit_kib), limit_note(vm));
  add("reservation", or_dash(vm.allocation.reservation_kib, whole_mib));
  add("consumed", or_dash(stats.consumed_kib, whole_mib));
  add("active", or_dash(stats.active_kib, whole_mib));
  add("ballooned", or_dash(stats.balloon_kib, whole_mib));
  add("swapped by host", or_dash(stats.swapped_kib, whole_mib));
  add("compressed", or_dash(stats.compressed_kib, mib));
  page.table(table, 2);
}

void print_waterfall(const storage::VmRow& row, Page& page) {
  const auto& guest = *row.guest;
  WaterfallFigures figures;
  figures.mem_total_kib = guest.mem_total_kib;
  for (const auto& part : guest.parts) figures.parts.push_back({std::string(part.name), part.kib});
  figures.unaccounted_kib = guest.unaccounted_kib;
  figures.unaccounted_style = style_of(row.judgement.verdict);
  figures.baseline_kib = row.judgement.baseline.kib;
  figures.balloon_kib = judged_balloon(row);
  figures.balloon_by_driver = figures.balloon_kib != row.vm.stats.balloon_kib;
  figures.difference_kib = known_difference(row);
  print_waterfall(figures, page);
}

std::vector<Cell> history_cells(const storage::VmRow& row) {
  const auto& judgement = row.judgement;
  const auto words = std::string(proof_or_reason(judgement));
  // Without the unit, which stands in the head.
  std::string when = format_when(row.vm.polled_at);
  when.resize(when.size() - std::string_view(" UTC").size());
  return {{when},
          {or_dash(shown_balloon(row), whole_mib)},
          {row.guest ? mib(row.guest->unaccounted_kib) : "-"},
          {or_dash(known_difference(row), signed_mib)},
          {std::string(model::to_string(judgement.verdict)), style_of(judgement.verdict)},
          {words.empty() ? "-" : words}};
}

}  // namespace ballast::cli
