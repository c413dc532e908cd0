#include "cli/commands/export_command.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <system_error>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/spelling.h"
#include "base/text.h"
#include "base/words.h"
#include "cli/commands/commands.h"
#include "cli/commands/flags.h"
#include "cli/process.h"
#include "cli/views/csv/export_columns.h"
#include "output/csv.h"
#include "output/output_file.h"

namespace ballast::cli {

using output::CsvWriter;
using output::OutputFile;
using output::safe_text;
using output::Terminal;

namespace {

using model::JudgedGuest;
using storage::ExportQueries;
using storage::HostHourRow;
using storage::Spread;
using storage::VmPeriodRow;

// Calls `use` with the columns of the kind.
template <class Use>
auto with_columns(ExportKind kind, Use use) {
  switch (kind) {
    case ExportKind::kHourly:
    case ExportKind::kDaily:
      return use(vm_period_columns());
    case ExportKind::kHosts:
      return use(host_hour_columns());
    case ExportKind::kSamples:
      break;
  }
  return use(sample_columns());
}

template <class Row>
Error unknown_column(const std::string& name, std::span<const ExportColumn<Row>> all) {
  constexpr std::size_t kMostNear = 5;
  NearNames near(name, kMostNear);
  std::vector<std::string_view> names;
  for (const auto& column : all) {
    near.offer(column.name);
    names.push_back(column.name);
  }
  const auto best = near.best();
  return {ErrorCode::kInvalidArgument,
          fmt::format("there is no column \"{}\" here", printable(name, 60)),
          best.empty() ? fmt::format("one of {}", fmt::join(names, ", "))
                       : fmt::format("{}", fmt::join(best, ", ")),
          ""};
}

template <class Row>
Result<std::vector<ExportColumn<Row>>> choose(const std::vector<std::string>& names,
                                              std::span<const ExportColumn<Row>> all) {
  if (names.empty()) return std::vector<ExportColumn<Row>>(all.begin(), all.end());
  std::vector<ExportColumn<Row>> chosen;
  for (const auto& name : names) {
    const auto is_named = [&name](const auto& column) { return column.name == name; };
    const auto found = std::find_if(all.begin(), all.end(), is_named);
    if (found == all.end()) return fail(unknown_column(name, all));
    if (std::any_of(chosen.begin(), chosen.end(), is_named)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the column \"{}\" is named twice", printable(name, 60)));
    }
    chosen.push_back(*found);
  }
  return chosen;
}

// Whether one of the sizes is known and at least `least`.
template <class... Sizes>
bool reaches(std::int64_t least, const Sizes&... sizes) {
  return ((sizes && *sizes >= least) || ...);
}
std::optional<std::int64_t> largest(const std::optional<Spread>& spread) {
  return spread ? std::optional(spread->max_kib) : std::nullopt;
}

bool wanted(const JudgedGuest& row, const ExportOptions& options) {
  const auto& verdicts = options.verdicts;
  if (!verdicts.empty() &&
      std::find(verdicts.begin(), verdicts.end(), row.judgement.verdict) == verdicts.end()) {
    return false;
  }
  if (!options.min_size_kib) return true;
  const auto unaccounted =
      row.guest ? std::optional(row.guest->account.unaccounted_kib) : std::nullopt;
  return reaches(*options.min_size_kib, row.vm.stats.balloon_kib, unaccounted);
}
bool wanted(const VmPeriodRow& row, const ExportOptions& options) {
  return !options.min_size_kib ||
         reaches(*options.min_size_kib, largest(row.period.figures.balloon),
                 largest(row.period.figures.unaccounted));
}
bool wanted(const HostHourRow& row, const ExportOptions& options) {
  return !options.min_size_kib || reaches(*options.min_size_kib, row.figures.balloon_kib);
}

Status read(ExportQueries& queries, const ExportOptions& options,
            const std::function<bool(const VmPeriodRow&)>& visit) {
  return options.kind == ExportKind::kHourly ? queries.hourly(options.query, visit)
                                             : queries.daily(options.query, visit);
}
Status read(ExportQueries& queries, const ExportOptions& options,
            const std::function<bool(const JudgedGuest&)>& visit) {
  return queries.samples(options.query, visit);
}
Status read(ExportQueries& queries, const ExportOptions& options,
            const std::function<bool(const HostHourRow&)>& visit) {
  return queries.hosts(options.query, visit);
}

// Gives the number of rows. Ends early when `out` goes bad or, with a guard, when interrupted.
template <class Row>
Result<std::int64_t> write_rows(ExportQueries& queries, const ExportOptions& options,
                                const std::vector<ExportColumn<Row>>& columns, std::ostream& out) {
  CsvWriter csv(out);
  for (const auto& column : columns) csv.text(column.name);
  csv.end_record();
  std::int64_t rows = 0;
  const std::function<bool(const Row&)> visit = [&](const Row& row) {
    if (wanted(row, options)) {
      for (const auto& column : columns) column.write(row, csv);
      csv.end_record();
      ++rows;
    }
    return csv.good() && !InterruptGuard::interrupted();
  };
  auto done = read(queries, options, visit);
  if (!done) return fail(done.error());
  return rows;
}

template <class Row>
Result<std::int64_t> write_file(ExportQueries& queries, const ExportOptions& options,
                                const std::vector<ExportColumn<Row>>& columns) {
  const InterruptGuard guard;
  auto file = OutputFile::create(options.output);
  if (!file) return fail(file.error());
  auto rows = write_rows(queries, options, columns, (*file)->stream());
  if (!rows) return rows;
  if (InterruptGuard::interrupted()) {
    return fail(ErrorCode::kCancelled,
                fmt::format("interrupted: {} was not written", printable(options.output)));
  }
  auto committed = (*file)->commit();
  if (!committed) return fail(committed.error());
  return rows;
}

Result<std::unique_ptr<ExportQueries>> open_store(const ExportOptions& options) {
  const auto path = resolve_database(options.common);
  if (!path) return fail(path.error());
  std::error_code not_there;
  if (!options.output.empty() && std::filesystem::equivalent(options.output, *path, not_there)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is the database itself", printable(options.output)),
                "name another file with --output");
  }
  return ExportQueries::open(*path);
}

Result<std::int64_t> run(const ExportOptions& options, Terminal& terminal) {
  return with_columns(options.kind, [&](auto all) -> Result<std::int64_t> {
    const auto columns = choose(options.columns, all);
    if (!columns) return fail(columns.error());
    auto queries = open_store(options);
    if (!queries) return fail(queries.error());
    return options.output.empty() ? write_rows(**queries, options, *columns, terminal.out())
                                  : write_file(**queries, options, *columns);
  });
}

std::string_view why_empty(ExportKind kind) {
  if (kind == ExportKind::kSamples) return "no sample fits";
  return kind == ExportKind::kDaily ? "no day fits; a day is there once a later one was scanned"
                                    : "no hour fits; an hour is there once a later one was scanned";
}

void say(const ExportOptions& options, std::int64_t rows, Terminal& terminal) {
  if (options.common.quiet) return;
  if (rows == 0) terminal.err_line(fmt::format("note: {}", why_empty(options.kind)));
  if (options.output.empty()) return;
  terminal.err_line(fmt::format("{} {} in {}", grouped(rows), rows == 1 ? "row" : "rows",
                                safe_text(options.output, terminal.err_traits())));
}

}  // namespace

std::vector<std::string> column_names(ExportKind kind) {
  return with_columns(kind, [](auto columns) {
    std::vector<std::string> names;
    for (const auto& column : columns) names.emplace_back(column.name);
    return names;
  });
}

int run_export(const ExportOptions& options, Terminal& terminal) {
  const auto rows = run(options, terminal);
  if (!rows) return report_failure(terminal, rows.error());
  say(options, *rows, terminal);
  return finish_output(terminal, kExitDone);
}

namespace {

void add_what(CLI::App& command, ExportOptions& options) {
  add_choice_flag(
      command, "KIND", {"samples", "hourly", "daily", "hosts"},
      [&options](std::size_t choice) { options.kind = static_cast<ExportKind>(choice); },
      "samples: each VM in each scan; hourly, daily: each\nVM in each hour or day; hosts: each "
      "host "
      "and hour",
      " ");
  command.get_option("KIND")->required();
}

void add_selection_flags(CLI::App& command, ExportOptions& options, UtcTime now) {
  const auto add_pattern = [&command](const char* name, std::string& pattern,
                                      const char* description) {
    command.add_option(name, pattern, description)->option_text("GLOB");
  };
  add_time_flag(command, "--since", options.query.since, now,
                "From then on: 7d, 24h or ISO 8601; all there is\nif not given");
  add_time_flag(command, "--until", options.query.until, now, "Before then");
  add_pattern("--vcenter", options.query.vcenter, "Only of such a vCenter; * and ? as in a shell");
  add_pattern("--cluster", options.query.cluster, "Only in such a cluster");
  add_pattern("--host", options.query.host, "Only on such a host");
  add_pattern("--name", options.query.name, "Only VMs with such a name");
  add_size_flag(command, "--min-size", options.min_size_kib,
                "Only with at least that much ballooned or\nunaccounted: 64MiB, 2GiB");
}

void add_output_flags(CLI::App& command, ExportOptions& options) {
  command.add_option("--columns", options.columns, "Only these columns, in this order")
      ->delimiter(',')
      ->option_text("LIST");
  command
      .add_option("--output", options.output,
                  "Write this file, which is replaced only when\neverything is written")
      ->option_text("FILE");
  add_choice_flag(
      command, "--format", {"csv"}, [](std::size_t) {}, "csv, the only one there is", "FORMAT");
}

// Flags that say nothing about this kind.
void refuse_idle_flags(const CLI::App& command, ExportKind kind) {
  if (kind != ExportKind::kSamples && command.count("--verdict") > 0) {
    throw CLI::ValidationError("--verdict", "only samples have a verdict");
  }
  if (kind == ExportKind::kHosts && command.count("--name") > 0) {
    throw CLI::ValidationError("--name", "is about VMs; --host picks hosts");
  }
  if (command.count("--output") == 0) return;
  const auto output = command.get_option("--output")->as<std::string>();
  if (output.empty()) throw CLI::ValidationError("--output", "needs a file name");
  if (output == "-") {
    throw CLI::ValidationError("--output", "without it the CSV goes to standard output");
  }
}

}  // namespace

void add_export_command(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ExportOptions>();
  auto* command = app.add_subcommand("export", "History as CSV, for capacity planning");
  command->footer("docs/CSV.md describes every column. Sizes are in KiB, times in UTC.");
  add_what(*command, *options);
  add_common_flags(*command, context.common);
  add_selection_flags(*command, *options, context.now);
  add_verdict_flag(*command, options->verdicts,
                   "Only samples with these verdicts: balloon, excess,\nhidden, clean, unknown");
  add_output_flags(*command, *options);
  command->callback([options, command, &context] {
    refuse_idle_flags(*command, options->kind);
    context.action = [options, &context] {
      options->common = context.common;
      return run_export(*options, context.terminal);
    };
  });
}

}  // namespace ballast::cli
