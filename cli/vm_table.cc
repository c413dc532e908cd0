#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/causes.h"
#include "cli/page.h"
#include "cli/pressure_output.h"
#include "cli/reasoning.h"
#include "cli/report.h"
#include "cli/retries.h"
#include "cli/suspects_output.h"
#include "cli/vm_memory.h"
#include "cli/vm_output.h"
#include "cli/vm_timeline.h"

namespace ballast::cli {

namespace {

constexpr std::size_t kHistoryRows = 10;
constexpr std::size_t kMaxSentence = 4096;  // bytes

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
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
  return report.around.pools.empty() ? page.safe(report.row.pool) : joined(names, " / ");
}

void print_identity(const VmReport& report, Page& page) {
  const auto& row = report.row;
  const auto& vm = row.vm;
  const auto& url = report.scan.usable ? report.scan.usable->vcenter_url : std::string();
  page.heading("The VM");
  page.field("vCenter", joined({page.safe(row.vcenter), page.safe(url)}, ", "));
  page.field(
      "place",
      joined({page.safe(row.datacenter), page.safe(row.cluster), page.safe(row.host)}, " / "));
  page.field("pool", pool_path(report, page));
  page.field("moref", page.safe(vm.moref));
  page.field("UUID", page.safe(vm.instance_uuid));
  page.field("BIOS UUID", page.safe(vm.bios_uuid));
  page.field("guest",
             joined({page.safe(vm.guest_id),
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
