#include "cli/commands/report_command.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/words.h"
#include "cli/commands/commands.h"
#include "cli/commands/flags.h"
#include "cli/views/output.h"
#include "fleet/report_reader.h"
#include "fleet/sentences.h"
#include "storage/queries.h"

namespace ballast::cli {

using fleet::Changes;
using fleet::comparison_note;
using fleet::FleetScan;
using fleet::is_incomplete;
using fleet::Report;
using fleet::ReportQuery;
using fleet::ReportSort;
using fleet::ScanComparison;
using fleet::suspended_logins;
using fleet::warning_about;
using output::safe_text;
using output::Terminal;

namespace {

Result<Report> read_report(const ReportOptions& options) {
  const auto path = resolve_database(options.common);
  if (!path) return fail(path.error());
  auto queries = storage::Queries::open(*path);
  if (!queries) return fail(queries.error());
  const fleet::ComparedWith with{options.at ? options.at : options.since, options.at.has_value()};
  return read_report(**queries, options.query, with, options.now);
}

bool has_usable_scan(const Report& report) {
  return std::any_of(report.scans.begin(), report.scans.end(),
                     [](const FleetScan& scan) { return scan.usable.has_value(); });
}

Error nothing_to_report(const Report& report) {
  if (!report.scans.empty()) {
    return {ErrorCode::kNotFound,
            "no scan has succeeded yet: " + warning_about(report.scans.front(), report.now),
            "ballast doctor, then ballast scan", ""};
  }
  if (!report.query.vcenter.empty()) {
    return {ErrorCode::kNotFound,
            fmt::format("no vCenter called \"{}\" was scanned", printable(report.query.vcenter)),
            "ballast report without --vcenter lists the vCenters", ""};
  }
  return {ErrorCode::kNotFound, "there is no finished scan in the database yet",
          "run ballast scan first", ""};
}

// Where no vCenter has a scan to compare with, nor could it have one.
bool nothing_to_compare(const Report& report) {
  return report.changes &&
         std::none_of(report.changes->scans.begin(), report.changes->scans.end(),
                      [](const ScanComparison& scans) { return scans.has_before(); });
}

Error no_earlier_scan(const Changes& changes) {
  UtcTime first = UtcTime::max();
  for (const auto& scans : changes.scans) first = std::min(first, scans.data_since.value_or(first));
  return {ErrorCode::kNotFound,
          fmt::format("there is no scan at or before {}; the first one is of {}",
                      format_iso8601(changes.since), format_iso8601(first)),
          "--since " + format_iso8601(std::chrono::ceil<std::chrono::seconds>(first)), ""};
}

// A table holds its warnings; whoever sends it to a file, or takes another format, sees them here.
void warn(const Report& report, const ReportOptions& options, const Output& output,
          Terminal& terminal) {
  if (output.is_for_people() || options.common.quiet) return;
  for (const auto& scan : report.scans) {
    const std::string warning = warning_about(scan, report.now);
    if (!warning.empty()) {
      terminal.err_line("warning: " + safe_text(warning, terminal.err_traits()));
    }
  }
  const std::string logins = suspended_logins(report);
  if (!logins.empty()) terminal.err_line("warning: " + safe_text(logins, terminal.err_traits()));
  if (!report.changes) return;
  for (const auto& scans : report.changes->scans) {
    if (scans.is_compared()) continue;
    terminal.err_line("warning: " + safe_text(comparison_note(scans, report.changes->since),
                                              terminal.err_traits()));
  }
}

const std::vector<model::Verdict>& every_verdict() {
  static const std::vector<model::Verdict> all = {model::Verdict::kBalloon, model::Verdict::kExcess,
                                                  model::Verdict::kHidden, model::Verdict::kClean,
                                                  model::Verdict::kUnknown};
  return all;
}

void add_verdict_flags(CLI::App& command, ReportQuery& query) {
  command.add_flag_callback(
      "--all", [&query] { query.verdicts = every_verdict(); },
      "List every guest, whatever its verdict");
  add_verdict_flag(
      command, query.verdicts,
      "List guests with these verdicts: balloon (the\ndefault), excess, hidden, clean, unknown");
}

void add_selection_flags(CLI::App& command, ReportQuery& query) {
  const auto add_pattern = [&command](const char* name, std::string& pattern,
                                      const char* description) {
    command.add_option(name, pattern, description)->option_text("GLOB");
  };
  add_verdict_flags(command, query);
  add_pattern("--name", query.name, "Only VMs with such a name; * and ? as in a shell");
  add_pattern("--host", query.host, "Only VMs on such a host");
  add_pattern("--cluster", query.cluster, "Only VMs in such a cluster");
  add_pattern("--vcenter", query.vcenter, "Only VMs of such a vCenter");
  add_size_flag(command, "--min-size", query.min_size_kib,
                "List guests with at least that much ballooned\nor unaccounted: 64MiB, 2GiB");
}

void add_order_flags(CLI::App& command, ReportQuery& query) {
  add_choice_flag(
      command, "--sort",
      {"balloon", "unaccounted", "difference", "name", "memory", "host", "consumed", "cluster",
       "leak"},
      [&query](std::size_t choice) { query.sort = static_cast<ReportSort>(choice); },
      "Order of the list: balloon (the default),\nunaccounted, difference, leak, memory, "
      "consumed:\n"
      "largest first; name, host, cluster",
      "KEY");
  add_count_flag(command, "--limit", query.limit, "List so many guests at most");
}

}  // namespace

int run_report(const ReportOptions& options, Output& output, Terminal& terminal) {
  const auto report = read_report(options);
  if (!report) return report_failure(terminal, report.error());
  if (!has_usable_scan(*report)) return report_failure(terminal, nothing_to_report(*report));
  if (nothing_to_compare(*report)) {
    return report_failure(terminal, no_earlier_scan(*report->changes));
  }
  output.report(*report);
  warn(*report, options, output, terminal);
  const bool partial = std::any_of(report->scans.begin(), report->scans.end(), is_incomplete);
  return finish_output(terminal, partial ? kExitPartial : kExitDone);
}

void add_report_command(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ReportOptions>();
  options->now = context.now;
  auto* command =
      app.add_subcommand("report", "Latest verdicts: whose missing memory is the balloon");
  command->footer(
      "Listed by default: the guests whose unaccounted memory matches their balloon;\n"
      "the others are counted. JSON and CSV list the same guests.\n\n"
      "--since compares the 24 hours up to the newest scan of each vCenter with those\n"
      "up to that time, so that what comes and goes every day is no change: new and\n"
      "released balloons, balloons that grew or shrank (by 64 MiB and a tenth at\n"
      "least), new and gone excess, new and gone VMs, whatever their verdict. --at\n"
      "compares the newest scan with the one at or before that moment instead. CSV\n"
      "then has one record a change, with columns of its own.");
  add_common_flags(*command, context.common);
  add_format_flag(*command, options->format);
  add_time_flag(*command, "--since", options->since, context.now,
                "What changed since then, day by day: 7d, 24h or\nISO 8601");
  add_time_flag(*command, "--at", options->at, context.now,
                "What changed from that moment to the newest scan");
  add_selection_flags(*command, options->query);
  add_order_flags(*command, options->query);
  command->callback([options, command, &context] {
    if (command->count("--all") > 0 && command->count("--verdict") > 0) {
      throw CLI::ExcludesError("--all", "--verdict");
    }
    if (options->since && options->at) throw CLI::ExcludesError("--since", "--at");
    context.action = [options, &context] {
      options->common = context.common;
      const auto output = make_output(options->format, context.terminal);
      return run_report(*options, *output, context.terminal);
    };
  });
}

}  // namespace ballast::cli
