#include "cli/views/vm_text.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/words.h"
#include "cli/views/evidence_text.h"
#include "cli/views/vm_output.h"
#include "cli/views/vm_timeline.h"
#include "cli/views/waterfall.h"
#include "fleet/causes.h"
#include "fleet/report.h"
#include "fleet/retries.h"
#include "fleet/sentences.h"
#include "output/page.h"

namespace ballast::cli {

using fleet::bracket_words;
using fleet::causes_of;
using fleet::has_balloon;
using fleet::is_left_alone;
using fleet::judged_balloon;
using fleet::known_difference;
using fleet::retry_sentence;
using fleet::shown_balloon;
using fleet::verdict_sentence;
using fleet::VmReport;
using fleet::warning_about;
using output::Align;
using output::Cell;
using output::Page;
using output::StreamTraits;
using output::Style;
using output::Table;

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

constexpr std::size_t kHistoryRows = 10;
constexpr std::size_t kMaxSentence = 4096;  // bytes

std::string join_present(const std::vector<std::string>& parts, std::string_view separator) {
  std::vector<std::string> present;
  std::copy_if(parts.begin(), parts.end(), std::back_inserter(present),
               [](const std::string& part) { return !part.empty(); });
  return fmt::format("{}", fmt::join(present, separator));
}

std::string labelled(const std::string& value, std::string_view label) {
  return value.empty() ? "" : fmt::format("{} {}", label, value);
}

void print_warnings(const VmReport& report, Page& page) {
  if (report.is_gone()) {
    page.paragraph("Warning: it is not in its vCenter's newest scan; this is how it was last seen.",
                   Style::kNotice);
  }
  const std::string warning = warning_about(report.scan, report.now);
  if (!warning.empty()) page.paragraph("Warning: " + page.safe(warning) + ".", Style::kNotice);
}

// "tier-1 / web"; without the root pool, which stands for the cluster or the host.
std::string pool_path(const VmReport& report, const Page& page) {
  std::vector<std::string> names;
  for (const auto& pool : report.around.pools) {
    if (!pool.parent.empty()) names.insert(names.begin(), page.safe(pool.name));
  }
  return report.around.pools.empty() ? page.safe(report.row.pool) : join_present(names, " / ");
}

void print_identity(const VmReport& report, Page& page) {
  const auto& row = report.row;
  const auto& vm = row.vm;
  const auto& url = report.scan.usable ? report.scan.usable->vcenter_url : std::string();
  page.heading("The VM");
  page.field("vCenter", join_present({page.safe(row.vcenter), page.safe(url)}, ", "));
  page.field("place",
             join_present({page.safe(row.datacenter), page.safe(row.cluster), page.safe(row.host)},
                          " / "));
  page.field("pool", pool_path(report, page));
  page.field("moref", page.safe(vm.moref));
  page.field("UUID", page.safe(vm.instance_uuid));
  page.field("BIOS UUID", page.safe(vm.bios_uuid));
  page.field(
      "guest",
      join_present({page.safe(vm.guest_id),
                    row.guest ? labelled(page.safe(row.guest->kernel_release), "kernel") : ""},
                   ", "));
  page.field("state", fmt::format("{}, VMware Tools {}", model::to_string(vm.power),
                                  model::to_string(vm.tools)));
  page.field("scanned", fmt::format("{}, {}", format_when(vm.polled_at),
                                    format_age(vm.polled_at, report.now)));
}

// The balloon's size as each side says; only those that say something.
void print_evidence(const storage::VmRow& row, Page& page) {
  const auto& guest = *row.guest;
  const auto balloon = row.vm.stats.balloon_kib;
  const auto& bracket = row.judgement.bracket;
  if (!balloon && !guest.driver_kib && !guest.vmstat_kib && !bracket) return;
  page.heading("The balloon, as each side says");
  const auto say = [&page](std::string_view who, std::optional<std::int64_t> kib,
                           std::string_view how) {
    if (kib) page.field(who, fmt::format("{} MiB{}", mib(*kib), how));
  };
  say("vCenter", balloon, "");
  if (bracket) page.field("counters", bracket_words(*bracket));
  say("driver", guest.driver_kib, ", from its status file in the guest");
  say("vmstat", guest.vmstat_kib, ", inflated less deflated");
  if (guest.lower_bound_kib.value_or(0) > 0) {
    say("meminfo", guest.lower_bound_kib, " at least");
  }
}

void print_guest_evidence(const storage::VmRow& row, Page& page) {
  const auto& guest = *row.guest;
  if (row.judgement.verdict == model::Verdict::kExcess) print_suspects(guest.suspects, page);
  print_evidence(row, page);
  print_pressure(guest.pressure, page);
}

void print_verdict(const VmReport& report, Page& page) {
  const auto& row = report.row;
  print_conclusion(row.judgement, page.safe(row.detail, kMaxSentence), page);
  if (is_left_alone(row, report.now)) {
    page.paragraph(page.safe(retry_sentence(*row.setback)), Style::kNotice, 2);
  }
  if (!row.guest) return;
  print_reasoning(row.judgement, known_difference(row), page);
  print_history_evidence(row.judgement, page);
  for (const auto& sentence : row.guest->missing) {
    page.field("not read", page.safe(sentence, kMaxSentence));
  }
}

void print_history(const VmReport& report, Page& page) {
  if (report.history.empty()) return;
  page.heading("Its last scans");
  Table table({{"TIME (UTC)", "", "", Align::kLeft, 0, 0},
               {"BALLOON", "", "MiB", Align::kRight, 0, 0},
               {"UNACCOUNTED", "UNACC.", "MiB", Align::kRight, 0, 0},
               {"DIFFERENCE", "DIFF.", "MiB", Align::kRight, 0, 1},
               {"VERDICT", "", "", Align::kLeft, 0, 0},
               {"PROOF OR REASON", "PROOF/REASON", "", Align::kLeft, 12, 2}});
  const auto& history = report.history;
  const std::size_t shown = std::min(history.size(), kHistoryRows);
  for (auto it = history.rbegin(); it != history.rbegin() + static_cast<std::ptrdiff_t>(shown);
       ++it) {
    table.add_row(history_cells(*it));
  }
  page.table(table, 2);
  if (shown < history.size()) {
    const auto older = static_cast<std::int64_t>(history.size() - shown);
    page.paragraph(grouped(older) + " older: --format csv", Style::kFaint, 2);
  }
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
  const auto words = std::string(model::proof_or_reason(judgement));
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

void print_vm_table(const VmReport& report, const StreamTraits& traits, std::ostream& out) {
  Page page(traits, out);
  const auto& row = report.row;
  page.paragraph(page.safe(row.vm.name) + ": " + verdict_sentence(row),
                 style_of(row.judgement.verdict));
  print_warnings(report, page);
  print_identity(report, page);
  print_hypervisor(row.vm, page);
  if (row.guest) print_waterfall(row, page);
  print_verdict(report, page);
  if (has_balloon(row)) print_causes(causes_of(row, report.around), page);
  if (row.guest) print_guest_evidence(row, page);
  print_timeline(report.history, page);
  print_history(report, page);
}

}  // namespace ballast::cli
