#include "cli/commands/vm_command.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/spelling.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/flags.h"
#include "cli/views/output.h"
#include "fleet/causes.h"
#include "output/table.h"
#include "storage/queries.h"

namespace ballast::cli {

using fleet::FleetScan;
using fleet::group_scans;
using fleet::HistorySpan;
using fleet::read_vm_report;
using fleet::VmReport;
using output::Align;
using output::Cell;
using output::safe_text;
using output::Table;
using output::Terminal;

namespace {

using model::JudgedGuest;
using storage::Queries;

constexpr std::chrono::hours kDefaultHistory{30 * 24};
constexpr std::size_t kNearNames = 5;
constexpr std::size_t kCandidates = 20;

Result<std::vector<JudgedGuest>> find(Queries& queries, const VmOptions& options) {
  auto rows = queries.find_vm(options.key);
  if (!rows || options.vcenter.empty()) return rows;
  rows->erase(std::remove_if(rows->begin(), rows->end(),
                             [&](const JudgedGuest& row) {
                               return !glob_match(options.vcenter, row.vcenter);
                             }),
              rows->end());
  return rows;
}

// The error for a VM that is not there. Errors on the way are less telling than this one.
Error not_found(Queries& queries, const std::vector<FleetScan>& scans, const VmOptions& options) {
  NearNames near(options.key, kNearNames);
  std::map<std::string, std::string>
      morefs;  // of VMs whose names cannot be typed as they are shown
  for (const auto& scan : scans) {
    if (!scan.usable || !(options.vcenter.empty() || glob_match(options.vcenter, scan.vcenter))) {
      continue;
    }
    const auto read = queries.for_each_vm(scan.usable->id, [&](const JudgedGuest& row) {
      near.offer(row.vm.name);
      if (printable(row.vm.name) != row.vm.name) morefs.try_emplace(row.vm.name, row.vm.moref);
    });
    if (!read) return read.error();
  }
  std::vector<std::string> names;
  for (const auto& name : near.best()) {
    const auto moref = morefs.find(name);
    names.push_back(
        moref == morefs.end()
            ? fmt::format("\"{}\"", printable(name, 100))
            : fmt::format("{} (\"{}\")", printable(moref->second, 100), printable(name, 100)));
  }
  return {ErrorCode::kNotFound,
          fmt::format("no VM has the name, moref or UUID \"{}\"", printable(options.key, 100)),
          names.empty() ? "ballast report --all lists every VM"
                        : fmt::format("{}", fmt::join(names, ", ")),
          ""};
}

int print_candidates(const std::vector<JudgedGuest>& rows, const VmOptions& options,
                     Terminal& terminal) {
  const auto& traits = terminal.err_traits();
  const auto safe = [&traits](const std::string& text) { return Cell{safe_text(text, traits)}; };
  const bool one_vcenter = std::all_of(rows.begin(), rows.end(), [&](const JudgedGuest& row) {
    return row.vcenter == rows.front().vcenter;
  });
  terminal.err_error(
      {ErrorCode::kInvalidArgument,
       fmt::format("{} VMs have the name or identifier \"{}\"", rows.size(),
                   printable(options.key, 100)),
       one_vcenter ? "one of these instance UUIDs" : "one of these instance UUIDs, or --vcenter",
       ""});
  Table table({{"INSTANCE UUID", "", "", Align::kLeft, 0, 0},
               {"NAME", "", "", Align::kLeft, 10, 0},
               {"VCENTER", "", "", Align::kLeft, 7, 2},
               {"HOST", "", "", Align::kLeft, 8, 1},
               {"MOREF", "", "", Align::kLeft, 0, 3}});
  for (std::size_t i = 0; i < std::min(rows.size(), kCandidates); ++i) {
    const JudgedGuest& row = rows[i];
    table.add_row({safe(row.vm.instance_uuid), safe(row.vm.name), safe(row.vcenter), safe(row.host),
                   safe(row.vm.moref)});
  }
  const std::string text = table.render(traits, 2);
  for (const auto line : split_lines(text)) terminal.err_line(line);
  return kExitUsage;
}

}  // namespace

int run_vm(const VmOptions& options, Output& output, Terminal& terminal) {
  const auto path = resolve_database(options.common);
  if (!path) return report_failure(terminal, path.error());
  const auto queries = Queries::open(*path);
  if (!queries) return report_failure(terminal, queries.error());
  const auto rows = (*queries)->latest_scans();
  if (!rows) return report_failure(terminal, rows.error());
  const auto scans = group_scans(*rows);
  auto found = find(**queries, options);
  if (!found) return report_failure(terminal, found.error());
  if (found->empty()) return report_failure(terminal, not_found(**queries, scans, options));
  if (found->size() > 1) return print_candidates(*found, options, terminal);
  const HistorySpan span{options.since.value_or(options.now - kDefaultHistory), options.until};
  const auto report =
      read_vm_report(**queries, scans, std::move(found->front()), span, options.now);
  if (!report) return report_failure(terminal, report.error());
  output.vm(*report);
  return finish_output(terminal, kExitDone);
}

void add_vm_command(CLI::App& app, Context& context) {
  const auto options = std::make_shared<VmOptions>();
  options->now = context.now;
  auto* command = app.add_subcommand("vm", "One VM: where its memory is, verdict, evidence");
  command->footer("CSV has one record for each scan of the VM.");
  command->add_option("NAME|MOREF|UUID", options->key, "Which VM; the UUID may be the BIOS's")
      ->required()
      ->option_text(" ");
  command->add_option("--vcenter", options->vcenter, "Only VMs of such a vCenter")
      ->option_text("GLOB");
  add_time_flag(*command, "--since", options->since, context.now,
                "History from then on: 7d, 24h or ISO 8601;\n30d is the default");
  add_time_flag(*command, "--until", options->until, context.now, "History up to then");
  add_common_flags(*command, context.common);
  add_format_flag(*command, options->format);
  command->callback([options, &context] {
    context.action = [options, &context] {
      options->common = context.common;
      const auto output = make_output(options->format, context.terminal);
      return run_vm(*options, *output, context.terminal);
    };
  });
}

}  // namespace ballast::cli
