#include <csignal>
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
#include "base/thrown.h"
#include "cli/ask.h"
#include "cli/commands/commands.h"
#include "cli/commands/flags.h"
#include "cli/maintenance.h"
#include "cli/one_off.h"
#include "cli/process.h"
#include "cli/views/output.h"
#include "cli/views/scan_progress.h"
#include "cli/wiring.h"
#include "collector/config/config.h"
#include "collector/scan.h"
#include "fleet/report_reader.h"
#include "fleet/retries.h"
#include "output/progress_line.h"
#include "storage/async_store.h"
#include "storage/queries.h"
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
  OneOffFlags one_off;
  bool retry_all = false;
  Format format = Format::kTable;  // has no kCsv
};

// The vCenters of one scan command and everything they share, alive until all scans have ended.
class FleetScanRun {
 public:
  FleetScanRun(storage::Store& store, ProgressLine& progress, std::size_t vcenters)
      : file_(store),
        store_(store),
        progress_(progress),
        max_idle_hosts_(max_idle_hosts(vcenters)),
        tasks_(io_.get_executor()) {
    struct sigaction hangup {};
    ::sigaction(SIGHUP, nullptr, &hangup);
    if (hangup.sa_handler != SIG_IGN) signals_.add(SIGHUP);
  }

  // Errors: kConfig, for what is wrong with one vCenter's section. Nothing has been sent then.
  Status add(const collector::VcenterConfig& vcenter, const collector::GuestConfig& guest,
             collector::ScanOptions options);

  // Runs all of them at once, until the end or a signal that ends the program.
  std::vector<ScanSummary> run();

 private:
  struct Entry {
    std::string vcenter;
    PreparedScan prepared;
    ScanSummary summary;
  };
  // Whatever a scan throws is its own failure, and the others go on.
  static Awaitable<void> run_one(Entry* entry, std::string vcenter) {
    try {
      entry->summary = co_await entry->prepared.scan->run();
    } catch (...) {
      entry->summary.vcenter = vcenter;
      entry->summary.error = unexpected(std::current_exception(), vcenter + ": scanning");
    }
  }
  Awaitable<void> run_all();
  void stop_on_signal();

  asio::io_context io_{1};
  asio::thread_pool pool_{2};
  asio::signal_set signals_{io_, SIGINT, SIGTERM};  // and SIGHUP, unless nohup ignores it
  storage::Store& file_;
  storage::AsyncStore store_;
  ScanProgress progress_;
  std::size_t max_idle_hosts_;
  TaskGroup tasks_;
  std::list<Entry> entries_;
};

Status FleetScanRun::add(const collector::VcenterConfig& vcenter,
                         const collector::GuestConfig& guest, collector::ScanOptions options) {
  auto client = client_options(vcenter, guest);
  if (!client) return fail(std::move(client.error()));
  client->max_idle_hosts = max_idle_hosts_;
  auto prepared = prepare_scan(io_.get_executor(), pool_, store_, progress_, std::move(*client),
                               vcenter.scope, std::move(options));
  if (!prepared) return fail(std::move(prepared.error()));
  entries_.emplace_back(Entry{vcenter.name, std::move(*prepared), {}});
  return {};
}

void FleetScanRun::stop_on_signal() {
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    file_.hurry();
    for (auto& entry : entries_) entry.prepared.scan->stop();
  });
}

Awaitable<void> FleetScanRun::run_all() {
  Thrown thrown;
  try {
    for (auto& entry : entries_) tasks_.spawn(run_one(&entry, entry.vcenter));
  } catch (...) {
    thrown.add(std::current_exception());
  }
  try {
    co_await tasks_.join();
  } catch (...) {
    thrown.add(std::current_exception());
  }
  signals_.cancel();  // else the program would wait for one
  thrown.rethrow();
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

void report_errors(const std::vector<ScanSummary>& scans, const char* who_says_why,
                   Terminal& terminal) {
  for (const auto& scan : scans) {
    if (scan.error) terminal.err_error(*scan.error);
    if (scan.guests_failed > 0) {
      terminal.err_line(fmt::format("{}: {} of {} guests could not be read; {} says why",
                                    safe_text(scan.vcenter, terminal.err_traits()),
                                    scan.guests_failed, scan.guests_read + scan.guests_failed,
                                    who_says_why));
    }
  }
}

// Says which logins are suspended now, and how to go on.
void report_suspended(const std::vector<ScanSummary>& scans, Terminal& terminal) {
  std::vector<model::LoginSetback> logins;
  std::int64_t not_tried = 0;
  for (const auto& scan : scans) {
    logins.insert(logins.end(), scan.suspended.begin(), scan.suspended.end());
    const auto found = scan.reasons.find(model::UnknownReason::kLoginSuspended);
    if (found != scan.reasons.end()) not_tried += static_cast<std::int64_t>(found->second);
  }
  const auto said = fleet::suspended_sentence(logins, not_tried);
  if (said.empty()) return;
  terminal.err_line(fmt::format("{} A changed password_file frees it; or: ballast scan --retry",
                                safe_text(said, terminal.err_traits())));
}

// Rollups and retention: the scans are safe whatever becomes of them, and the next scan tries
// again.
void tidy_up(storage::Store& store, const collector::Config& config,
             const std::vector<ScanSummary>& scans) {
  ClockComparison clocks;
  for (const auto& scan : scans) clocks.note(scan.vcenter, scan.clock_ahead);
  maintain(store, config.keep, clocks);
}

// In their order: no scan has a login of another vCenter's guests.
Result<std::vector<collector::SelectionRules>> rules_of_each(
    const std::vector<collector::VcenterConfig>& vcenters, const collector::GuestConfig& guest) {
  std::vector<collector::SelectionRules> rules;
  for (const auto& vcenter : vcenters) {
    auto own = selection_rules(guest, vcenter.name);
    if (!own) return fail(std::move(own.error()));
    rules.push_back(std::move(*own));
  }
  return rules;
}

struct ScannedFleet {
  std::unique_ptr<storage::Store> store;
  std::vector<ScanSummary> scans;
};

Result<ScannedFleet> scan_fleet(const collector::Config& config, const ScanCommandOptions& options,
                                const std::string& database, Context& context) {
  const auto vcenters = choose_vcenters(config, options.vcenters);
  if (!vcenters) return fail(vcenters.error());
  const auto rules = rules_of_each(*vcenters, config.guest);
  if (!rules) return fail(rules.error());
  auto store = open_store_for_scans(database);
  if (!store) return fail(store.error());
  ProgressLine progress(context.terminal,
                        progress_mode(context.terminal.err_traits(), context.common.quiet));
  FleetScanRun run(**store, progress, vcenters->size());
  for (std::size_t i = 0; i < vcenters->size(); ++i) {
    const auto& vcenter = (*vcenters)[i];
    auto scan = scan_options(vcenter, config.guest, (*rules)[i]);
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

int run_configured(const ScanCommandOptions& options, Context& context) {
  const auto config = load_configuration(context.common);
  if (!config) return report_failure(context.terminal, config.error());
  const auto database = resolve_database(context.common);
  if (!database) return report_failure(context.terminal, database.error());
  const auto fleet = scan_fleet(*config, options, *database, context);
  if (!fleet) return report_failure(context.terminal, fleet.error());
  const auto& scans = fleet->scans;
  report_errors(scans, "ballast report --verdict unknown", context.terminal);
  if (!context.common.quiet) report_suspended(scans, context.terminal);
  make_output(options.format, context.terminal)->scans(scans, *database);
  const int exit_code = finish_output(context.terminal, scan_exit_code(scans));
  // SIGINT and SIGTERM end the program again: what they cut short the next scan makes up for.
  tidy_up(*fleet->store, *config, scans);
  return exit_code;
}

// What a scan without a configuration tells at once: every balloon, also of guests that nobody
// could read, and what is missing beside them.
Result<fleet::Report> read_answer(const std::string& database, UtcTime now) {
  fleet::ReportQuery query;
  query.verdicts = {model::Verdict::kBalloon, model::Verdict::kExcess};
  query.every_balloon = true;
  const auto queries = storage::Queries::open(database);
  if (!queries) return fail(queries.error());
  return fleet::read_report(**queries, query, {}, now);
}

// Scans into `database`, which goes afterwards unless `is_kept`, and prints the answer.
int scan_and_tell(const collector::Config& config, const ScanCommandOptions& options,
                  const std::string& database, bool is_kept, Context& context) {
  auto fleet = scan_fleet(config, options, database, context);
  if (!fleet) return report_failure(context.terminal, fleet.error());
  const InterruptGuard until_told;  // who ends it now would leave the database behind
  // Without a guest login nobody asked for them.
  if (config.guest.rules.empty()) {
    for (auto& scan : fleet->scans) scan.guests_failed = 0;
  }
  report_errors(fleet->scans, is_kept ? "ballast report --verdict unknown" : "the answer",
                context.terminal);
  if (is_kept && !context.common.quiet) report_suspended(fleet->scans, context.terminal);
  fleet->store.reset();
  const int exit_code = scan_exit_code(fleet->scans);
  if (exit_code == kExitFailed) return exit_code;
  auto report = read_answer(database, context.now);
  if (!report) return report_failure(context.terminal, report.error());
  report->is_kept = is_kept;
  if (!is_kept) report->logins.clear();  // nobody remembers that they are suspended
  make_output(options.format, context.terminal)->report(*report);
  if (is_kept && !context.common.quiet) {
    context.terminal.err_line(fmt::format("Stored in {0}; next: ballast report --db {0}",
                                          safe_text(database, context.terminal.err_traits())));
  }
  return finish_output(context.terminal, exit_code);
}

int run_one_off(const collector::Config& config, const ScanCommandOptions& options,
                Context& context) {
  if (!context.common.database_path.empty()) {
    return scan_and_tell(config, options, context.common.database_path, true, context);
  }
  const auto folder = TemporaryFolder::make();
  if (!folder) return report_failure(context.terminal, folder.error());
  return scan_and_tell(config, options, folder->path("ballast.db"), false, context);
}

int run_scan(const ScanCommandOptions& options, Context& context) {
  const auto one_off = one_off_config(options.one_off, context.common, ask_password);
  if (!one_off) return report_failure(context.terminal, one_off.error());
  return *one_off ? run_one_off(**one_off, options, context) : run_configured(options, context);
}

}  // namespace

void add_scan_command(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("scan", "Scan the fleet now and store what was found");
  command->footer(
      "With --url nothing is needed but a login: no configuration, no database. The\n"
      "variables of govc do as well: GOVC_URL (where no configuration is found),\n"
      "GOVC_USERNAME, GOVC_PASSWORD, GOVC_INSECURE, GOVC_TLS_CA_CERTS,\n"
      "GOVC_TLS_KNOWN_HOSTS. The answer is printed, and kept where --db says so.");
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
  add_one_off_flags(*command, options->one_off);
  command->callback([options, &context] {
    context.action = [options, &context] { return run_scan(*options, context); };
  });
}

}  // namespace ballast::cli
