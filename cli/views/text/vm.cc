#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/words.h"
#include "cli/views/formats.h"
#include "cli/views/text/evidence.h"
#include "cli/views/text/timeline.h"
#include "cli/views/text/waterfall.h"
#include "fleet/report.h"
#include "fleet/retries.h"
#include "fleet/sentences.h"
#include "model/figures.h"
#include "output/page.h"

namespace ballast::cli {

using fleet::is_left_alone;
using fleet::retry_sentence;
using fleet::verdict_sentence;
using fleet::VmReport;
using fleet::warning_about;
using output::Align;
using output::Cell;
using output::Page;
using output::Style;
using output::Table;

namespace {

using Kib = std::optional<std::int64_t>;

std::string limit_note(const model::VmView& vm) {
  const Kib limit = vm.allocation.limit_kib;
  if (!limit || *limit == model::kUnlimited || !vm.configured_kib) return {};
  return *limit < *vm.configured_kib ? "below the configured memory" : "";
}

struct HypervisorFigure {
  std::string_view key;
  std::string (*format)(std::int64_t kib);
};
// vCenter gives whole MiB, but for what the host compressed.
constexpr auto kHypervisorFigures = std::to_array<HypervisorFigure>({
    {"configured_kib", whole_mib},
    {"limit_kib", whole_mib},
    {"reservation_kib", whole_mib},
    {"consumed_kib", whole_mib},
    {"active_kib", whole_mib},
    {"balloon_kib", whole_mib},
    {"swapped_kib", whole_mib},
    {"compressed_kib", mib},
});

constexpr std::size_t kHistoryRows = 10;
constexpr std::size_t kMaxVmSentence = 4096;  // bytes

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
  if (report.is_earlier()) {
    page.paragraph(
        fmt::format("The newest scan does not tell of it; this is how it was at {} ({}).",
                    format_when(report.row.vm.polled_at),
                    format_age(report.row.vm.polled_at, report.now)),
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

// Only what is out of the ordinary.
std::string how_read(const model::JudgedGuest& row) {
  if (!row.guest) return "";
  switch (row.guest->channel) {
    case model::Channel::kGuestinfo:
      return "by guestinfo, sealed by the probe";
    case model::Channel::kReport:
      return fmt::format("the guest's own report of {}, which any user in it can write",
                         format_when(row.guest->read_at));
    default:
      return "";
  }
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
  page.field("read", how_read(row));
}

void print_guest_evidence(const model::JudgedGuest& row, Page& page) {
  const auto& guest = *row.guest;
  if (row.judgement.verdict == model::Verdict::kExcess) print_suspects(guest, page);
  print_evidence(row, {}, page);
  print_pressure(guest.pressure, page);
}

void print_verdict(const VmReport& report, Page& page) {
  const auto& row = report.row;
  print_conclusion(row.judgement, page.safe(row.detail, kMaxVmSentence), page);
  if (is_left_alone(row, report.now)) {
    page.paragraph(page.safe(retry_sentence(*row.setback)), Style::kNotice, 2);
  }
  if (!row.guest) return;
  print_reasoning(row.judgement, row.difference_kib(), page);
  print_history_evidence(row.judgement, page);
  for (const auto& sentence : row.guest->account.missing) {
    page.field("not read", page.safe(sentence, kMaxVmSentence));
  }
}

// What vCenter configured and counted.
void print_hypervisor(const model::JudgedGuest& guest, Page& page) {
  page.heading("What vCenter says");
  Table table({{"FIGURE", "", "", Align::kLeft, 0, 0},
               {"SIZE", "", "MiB", Align::kRight, 0, 0},
               {"", "", "", Align::kLeft, 8, 1}});
  for (const auto& [key, format] : kHypervisorFigures) {
    const auto& figure = model::figure(key);
    const auto value = figure.get(guest);
    const auto* kib = std::get_if<std::int64_t>(&value);
    const bool is_limit = key == "limit_kib";
    const bool unlimited = is_limit && guest.vm.allocation.limit_kib == Kib(model::kUnlimited);
    const auto size = unlimited ? "unlimited" : kib == nullptr ? "-" : format(*kib);
    table.add_row({{std::string(figure.title)},
                   {size},
                   {is_limit ? limit_note(guest.vm) : "", Style::kNotice}});
  }
  page.table(table, 2);
}

// For the columns time, balloon, unaccounted, difference, verdict, proof or reason.
std::vector<Cell> history_cells(const model::JudgedGuest& row) {
  const auto& judgement = row.judgement;
  const auto words = std::string(model::proof_or_reason(judgement));
  // Without the unit, which stands in the head.
  std::string when = format_when(row.vm.polled_at);
  when.resize(when.size() - std::string_view(" UTC").size());
  return {{when},
          {or_dash(row.shown_balloon_kib(), whole_mib)},
          {row.guest ? mib(row.guest->account.unaccounted_kib) : "-"},
          {or_dash(row.difference_kib(), signed_mib)},
          {std::string(model::to_string(judgement.verdict)), style_of(judgement.verdict)},
          {words.empty() ? "-" : words}};
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

void TextOutput::vm(const VmReport& report) {
  Page page(traits_, out_);
  const auto& row = report.row;
  page.paragraph(page.safe(row.vm.name) + ": " + verdict_sentence(row),
                 style_of(row.judgement.verdict));
  print_warnings(report, page);
  print_identity(report, page);
  print_hypervisor(row, page);
  if (row.guest) print_waterfall(row, page);
  print_verdict(report, page);
  if (row.has_balloon())
    print_causes(row.causes, report.around.host && report.around.host->is_partial, page);
  if (row.guest) print_guest_evidence(row, page);
  print_timeline(report, page);
  print_history(report, page);
}

}  // namespace ballast::cli
