#include <memory>
#include <optional>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/flags.h"
#include "cli/views/output.h"
#include "cli/views/text/db.h"
#include "cli/wiring.h"
#include "storage/database_file.h"
#include "storage/queries.h"
#include "storage/store.h"

namespace ballast::cli {

using output::Terminal;

namespace {

struct DbOptions {
  Format format = Format::kTable;  // has no kCsv
  bool dry_run = false;
  bool rebuild = false;
  std::optional<UtcTime> since;
  std::string target;
};

// For writing; but a file that is not there yet is not made.
Result<std::unique_ptr<storage::Store>> open_existing(const std::string& path) {
  const auto there = storage::Queries::open(path);
  if (!there && there.error().code == ErrorCode::kNotFound) return fail(there.error());
  return storage::Store::open(path);
}

Result<storage::StoreExtent> read_extent(const std::string& path) {
  const auto queries = storage::Queries::open(path);
  if (!queries) return fail(queries.error());
  return (*queries)->extent();
}

int run_status(const std::string& path, const DbOptions& options, Terminal& terminal) {
  const auto extent = read_extent(path);
  if (!extent) return report_failure(terminal, extent.error());
  make_output(options.format, terminal)->extent(path, *extent);
  return finish_output(terminal, kExitDone);
}

int run_check(const std::string& path, Terminal& terminal) {
  const auto report = storage::check_database(path);
  if (!report) return report_failure(terminal, report.error());
  print_health(path, *report, terminal.out_traits(), terminal.out());
  return finish_output(terminal, report->ok ? kExitDone : kExitFailed);
}

int run_rejudge(const std::string& path, const DbOptions& options, Terminal& terminal) {
  const auto store = open_existing(path);
  if (!store) return report_failure(terminal, store.error());
  const auto report = (*store)->rejudge(options.since.value_or(UtcTime{}), options.dry_run);
  if (!report) return report_failure(terminal, report.error());
  const auto extent = read_extent(path);
  if (!extent) return report_failure(terminal, extent.error());
  print_rejudged(*report, options.dry_run, terminal.out_traits(), terminal.out());
  const auto whole = whole_history_since(*extent);
  if (report->changed > 0 && whole && options.since.value_or(UtcTime{}) < *whole) {
    print_lost_history(*extent, terminal.out_traits(), terminal.out());
  }
  return finish_output(terminal, kExitDone);
}

int run_rollup(const std::string& path, const DbOptions& options, Terminal& terminal) {
  const auto store = open_existing(path);
  if (!store) return report_failure(terminal, store.error());
  const auto before = read_extent(path);
  if (!before) return report_failure(terminal, before.error());
  const auto built = options.rebuild ? (*store)->rebuild_rollups() : (*store)->roll_up();
  if (!built) return report_failure(terminal, built.error());
  const auto after = read_extent(path);
  if (!after) return report_failure(terminal, after.error());
  if (!options.rebuild) {
    print_done("Built", *after, *before, terminal.out_traits(), terminal.out());
  }
  make_output(Format::kTable, terminal)->extent(path, *after);
  return finish_output(terminal, kExitDone);
}

int run_prune(const std::string& path, Context& context) {
  auto& terminal = context.terminal;
  const auto config = load_configuration(context.common);
  if (!config) return report_failure(terminal, config.error());
  const auto store = open_existing(path);
  if (!store) return report_failure(terminal, store.error());
  const auto before = read_extent(path);
  if (!before) return report_failure(terminal, before.error());
  const auto pruned = (*store)->maintain(config->keep, context.now);
  if (!pruned) return report_failure(terminal, pruned.error());
  const auto after = read_extent(path);
  if (!after) return report_failure(terminal, after.error());
  print_done("Removed", *before, *after, terminal.out_traits(), terminal.out());
  make_output(Format::kTable, terminal)->extent(path, *after);
  return finish_output(terminal, kExitDone);
}

int run_backup(const std::string& path, const DbOptions& options, Terminal& terminal) {
  const auto copied = storage::back_up(path, options.target);
  if (!copied) return report_failure(terminal, copied.error());
  print_backed_up(path, options.target, terminal.out_traits(), terminal.out());
  return finish_output(terminal, kExitDone);
}

using Run = std::function<int(const std::string& path)>;

// A subcommand of `db`; `run` gets the path of the database.
CLI::App* add_action(CLI::App& db, Context& context, const std::string& name,
                     const std::string& description, Run run) {
  auto* command = db.add_subcommand(name, description);
  add_common_flags(*command, context.common);
  command->callback([run = std::move(run), &context] {
    context.action = [run, &context] {
      const auto path = resolve_database(context.common);
      return path ? run(*path) : report_failure(context.terminal, path.error());
    };
  });
  return command;
}

}  // namespace

void add_db_command(CLI::App& app, Context& context) {
  auto* db = app.add_subcommand("db", "The database: what it holds, is it sound, tidy it");
  db->require_subcommand(1);
  add_common_flags(*db, context.common);
  const auto options = std::make_shared<DbOptions>();
  auto& terminal = context.terminal;

  auto* status = add_action(*db, context, "status", "What it holds, and since when",
                            [options, &terminal](const std::string& path) {
                              return run_status(path, *options, terminal);
                            });
  add_choice_flag(
      *status, "--format", {"table", "json"},
      [options](std::size_t choice) { options->format = static_cast<Format>(choice); },
      "For people (default) or for programs");
  add_action(*db, context, "check", "Read all of it and look for damage",
             [&terminal](const std::string& path) { return run_check(path, terminal); });

  auto* backup = add_action(*db, context, "backup", "Copy it to a new file while scans go on",
                            [options, &terminal](const std::string& path) {
                              return run_backup(path, *options, terminal);
                            });
  backup->add_option("FILE", options->target, "The copy; must not exist yet")
      ->required()
      ->option_text(" ");

  auto* rollup =
      add_action(*db, context, "rollup", "Build missing hours and days, as each scan does",
                 [options, &terminal](const std::string& path) {
                   return run_rollup(path, *options, terminal);
                 });
  rollup->add_flag("--rebuild", options->rebuild,
                   "Build again all those whose raw samples are still there");
  add_action(*db, context, "prune", "Remove what is older than the configuration keeps",
             [&context](const std::string& path) { return run_prune(path, context); });

  auto* rejudge =
      add_action(*db, context, "rejudge", "Judge samples again, by the rules of this version",
                 [options, &terminal](const std::string& path) {
                   return run_rejudge(path, *options, terminal);
                 });
  rejudge->footer(
      "Verdicts stay as they were given until this command is run. Guests that were\n"
      "not read, and figures, do not change.");
  add_time_flag(*rejudge, "--since", options->since, context.now,
                "Samples of scans from then on; all by default");
  rejudge->add_flag("--dry-run", options->dry_run, "Only say what would change");
}

}  // namespace ballast::cli
