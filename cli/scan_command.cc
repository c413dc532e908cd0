#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/maintenance.h"
#include "cli/views/output.h"
#include "cli/views/scan_progress.h"
#include "cli/wiring.h"
#include "collector/config/config.h"
#include "collector/scan.h"
#include "output/progress_line.h"
#include "storage/async_store.h"
#include "storage/store.h"

namespace ballast::cli {

using output::progress_mode;
using output::ProgressLine;
using output::safe_text;
using output::Terminal;

namespace {

namespace asio = boost::asio;
using collector::ScanSummary;

struct ScanCommandOptions {
  std::vector<std::string> vcenters;
  bool retry_all = false;
  Format format = Format::kTable;  // has no kCsv
};

// The vCenters of one scan command and everything they share, alive until all scans have ended.
class FleetScanRun {
 public:
  FleetScanRun(storage::Store& store, ProgressLine& progress)
      : store_(store), progress_(progress), tasks_(io_.get_executor()) {}

  // Errors: kConfig, for what is wrong with one vCenter's section. Nothing has been sent then.
  Status add(const collector::VcenterConfig& vcenter, const collector::GuestConfig& guest,
             collector::ScanOptions options);

  // Runs all of them at once, until the end or SIGINT/SIGTERM.
  std::vector<ScanSummary> run();

 private:
  struct Entry {
    PreparedScan prepared;
    ScanSummary summary;
  };
  static Awaitable<void> run_one(Entry* entry) {
    entry->summary = co_await entry->prepared.scan->run();
  }
  Awaitable<void> run_all();
  void stop_on_signal();

  asio::io_context io_{1};
  asio::thread_pool pool_{2};
  asio::signal_set signals_{io_, SIGINT, SIGTERM};
  storage::AsyncStore store_;
  ScanProgress progress_;
  TaskGroup tasks_;
  std::list<Entry> entries_;
};

Status FleetScanRun::add(const collector::VcenterConfig& vcenter,
                         const collector::GuestConfig& guest, collector::ScanOptions options) {
  auto client = client_options(vcenter, guest);
  if (!client) return fail(std::move(client.error()));
  auto prepared = prepare_scan(io_.get_executor(), pool_, store_, progress_, std::move(*client),
                               std::move(options));
  if (!prepared) return fail(std::move(prepared.error()));
  entries_.emplace_back().prepared = std::move(*prepared);
  return {};
}

void FleetScanRun::stop_on_signal() {
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    for (auto& entry : entries_) entry.prepared.scan->stop();
  });
}

Awaitable<void> FleetScanRun::run_all() {
  for (auto& entry : entries_) tasks_.spawn(run_one(&entry));
  co_await tasks_.join();
  signals_.cancel();
}

std::vector<ScanSummary> FleetScanRun::run() {
  stop_on_signal();
  std::exception_ptr thrown;
  asio::co_spawn(io_, run_all(), [&](std::exception_ptr error) { thrown = error; });
  io_.run();
  if (thrown) std::rethrow_exception(thrown);
  std::vector<ScanSummary> summaries;
  for (auto& entry : entries_) summaries.push_back(std::move(entry.summary));
  return summaries;
}

void report_errors(const std::vector<ScanSummary>& scans, Terminal& terminal) {
  for (const auto& scan : scans) {
    if (scan.error) terminal.err_error(*scan.error);
    if (scan.guests_failed > 0) {
      terminal.err_line(fmt::format(
          "{}: {} of {} guests could not be read; ballast report --verdict unknown says why",
          safe_text(scan.vcenter, terminal.err_traits()), scan.guests_failed,
          scan.guests_read + scan.guests_failed));
    }
  }
}

// Rollups and retention: the scans are safe whatever becomes of them, and the next scan tries
// again.
void tidy_up(storage::Store& store, const collector::Config& config,
             const std::vector<ScanSummary>& scans) {
  ClockComparison clocks;
  for (const auto& scan : scans) clocks.note(scan.vcenter, scan.clock_ahead);
  maintain(store, config.keep, clocks);
}

struct ScannedFleet {
  std::unique_ptr<storage::Store> store;
  std::vector<ScanSummary> scans;
};

Result<ScannedFleet> scan_fleet(const collector::Config& config, const ScanCommandOptions& options,
                                const std::string& database, Context& context) {
  const auto vcenters = choose_vcenters(config, options.vcenters);
  if (!vcenters) return fail(vcenters.error());
  const auto rules = selection_rules(config.guest);
  if (!rules) return fail(rules.error());
  auto store = storage::Store::open(database);
  if (!store) return fail(store.error());
  ProgressLine progress(context.terminal,
                        progress_mode(context.terminal.err_traits(), context.common.quiet));
  FleetScanRun run(**store, progress);
  for (const auto& vcenter : *vcenters) {
    auto scan = scan_options(vcenter, config.guest, *rules);
    scan.retry_all = options.retry_all;
    auto added = run.add(vcenter, config.guest, std::move(scan));
    if (!added) return fail(std::move(added.error()));
  }
  auto scans = run.run();
  return ScannedFleet{std::move(*store), std::move(scans)};
}

// kExitDone when all vCenters and all selected guests were read, kExitFailed when no vCenter was,
// else kExitPartial.
ExitCode scan_exit_code(const std::vector<collector::ScanSummary>& scans) {
  const auto failed = [](const collector::ScanSummary& scan) {
    return scan.status == model::ScanStatus::kFailed;
  };
  if (std::all_of(scans.begin(), scans.end(), failed)) return kExitFailed;
  const auto whole = [](const collector::ScanSummary& scan) {
    return scan.status == model::ScanStatus::kComplete && scan.guests_failed == 0;
  };
  return std::all_of(scans.begin(), scans.end(), whole) ? kExitDone : kExitPartial;
}

int run_scan(const ScanCommandOptions& options, Context& context) {
  const auto config = load_configuration(context.common);
  if (!config) return report_failure(context.terminal, config.error());
  const auto database = resolve_database(context.common);
  if (!database) return report_failure(context.terminal, database.error());
  const auto fleet = scan_fleet(*config, options, *database, context);
  if (!fleet) return report_failure(context.terminal, fleet.error());
  const auto& scans = fleet->scans;
  report_errors(scans, context.terminal);
  make_output(options.format, context.terminal)->scans(scans, *database);
  const int exit_code = finish_output(context.terminal, scan_exit_code(scans));
  // SIGINT and SIGTERM end the program again: what they cut short the next scan makes up for.
  tidy_up(*fleet->store, *config, scans);
  return exit_code;
}

}  // namespace

void add_scan_command(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("scan", "Scan the fleet now and store what was found");
  const auto options = std::make_shared<ScanCommandOptions>();
  add_common_flags(*command, context.common);
  command->add_option("--vcenter", options->vcenters, "Only this vCenter; may be repeated")
      ->option_text("NAME");
  command->add_flag("--retry", options->retry_all,
                    "Also ask guests, and try logins, that are left alone after failures");
  add_choice_flag(
      *command, "--format", {"table", "json"},
      [options](std::size_t choice) { options->format = static_cast<Format>(choice); },
      "Of the summary: for people (default) or for programs");
  command->callback([options, &context] {
    context.action = [options, &context] { return run_scan(*options, context); };
  });
}

}  // namespace ballast::cli
