#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include "base/thrown.h"
#include "cli/commands/commands.h"
#include "cli/commands/flags.h"
#include "cli/configured_scans.h"
#include "cli/logging.h"
#include "cli/process.h"
#include "cli/views/scan_progress.h"
#include "cli/wiring.h"
#include "collector/service.h"

namespace ballast::cli {

namespace {

namespace asio = boost::asio;
using collector::Config;

// From SIGTERM to the end, whatever happens: a little less than the ten seconds that are promised.
constexpr std::chrono::milliseconds kLongestEnding{9'500};
constexpr std::chrono::milliseconds kStatusPeriod{1'000};

std::vector<collector::Timetable> timetables(const Config& config) {
  std::vector<collector::Timetable> all;
  for (const auto& vcenter : config.vcenters) {
    all.push_back({vcenter.name, vcenter.schedule, vcenter.retry});
  }
  return all;
}

// The service and everything it needs, from start to end.
class CollectRun {
 public:
  CollectRun(storage::Store& store, const std::string& database, Config config, Context& context)
      : context_(context),
        database_(database),
        timetables_(timetables(config)),
        maintenance_(database),
        scans_(io_.get_executor(), store, maintenance_, status_, std::move(config)),
        service_(io_.get_executor(), scans_, status_, clock_) {}

  // Returns when SIGTERM or SIGINT came and all scans have ended.
  void run();

 private:
  Awaitable<void> serve();
  Awaitable<void> keep_manager_informed();
  void listen_to_signals();
  void on_signal(int signal);
  void reload();
  void stop();

  Context& context_;
  const std::string database_;
  std::vector<collector::Timetable> timetables_;
  LastResort last_resort_;
  ServiceManager manager_;
  CollectStatus status_;
  collector::ServiceClock clock_;
  asio::io_context io_{1};
  asio::signal_set signals_{io_, SIGINT, SIGTERM, SIGHUP};
  asio::steady_timer pulse_{io_};
  BackgroundMaintenance maintenance_;
  ConfiguredScans scans_;
  collector::Service service_;
  bool ended_ = false;
};

void CollectRun::run() {
  Thrown thrown;
  const auto end_with = [&](const std::exception_ptr& error) {
    thrown.add(error);
    if (error && !ended_) stop();
  };
  listen_to_signals();
  asio::co_spawn(io_, serve(), end_with);
  asio::co_spawn(io_, keep_manager_informed(), end_with);
  io_.run();
  maintenance_.stop();
  thrown.rethrow();
}

Awaitable<void> CollectRun::serve() {
  manager_.ready();
  Thrown thrown;
  try {
    co_await service_.run(std::move(timetables_));
  } catch (...) {
    thrown.add(std::current_exception());
  }
  ended_ = true;
  signals_.cancel();  // else the program would wait for one
  pulse_.cancel();
  thrown.rethrow();
}

// Proves at the same time that this thread still gets to do its work.
Awaitable<void> CollectRun::keep_manager_informed() {
  const auto period = std::min(kStatusPeriod, manager_.watchdog().value_or(kStatusPeriod) / 3);
  std::string told;
  while (!ended_) {
    if (manager_.watchdog()) manager_.alive();
    auto line = status_.line();
    if (line != told) manager_.status(line);
    told = std::move(line);
    pulse_.expires_after(period);
    co_await pulse_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void CollectRun::listen_to_signals() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error || ended_) return;
    on_signal(signal);
    listen_to_signals();
  });
}

void CollectRun::on_signal(int signal) {
  if (signal != SIGHUP) return stop();
  try {
    reload();
  } catch (...) {
    const auto error = unexpected(std::current_exception(), "loading the configuration again");
    spdlog::error("the old one stays in use: {}", error.sentence());
  }
}

void CollectRun::reload() {
  manager_.reloading();
  auto config = load_configuration(context_.common, LogLevel::kInfo);
  const auto database = resolve_database(context_.common);
  if (!config || !database) {
    spdlog::error("the new configuration is wrong, the old one stays in use: {}",
                  (config ? database.error() : config.error()).sentence());
  } else {
    if (*database != database_) {
      spdlog::warn("another [storage] path takes effect at the next start; still writing to {}",
                   database_);
    }
    auto reloaded = timetables(*config);
    scans_.use(std::move(*config));
    service_.reload(std::move(reloaded));
    spdlog::info("configuration loaded again");
  }
  manager_.ready();
}

void CollectRun::stop() {
  spdlog::info("ending: scans under way are brought to an end");
  manager_.stopping();
  last_resort_.arm(kLongestEnding);
  service_.stop();
}

int run_collect(Context& context) {
  auto config = load_configuration(context.common, LogLevel::kInfo);
  if (!config) return report_failure(context.terminal, config.error());
  const auto database = resolve_database(context.common);
  if (!database) return report_failure(context.terminal, database.error());
  const auto store = open_store_for_scans(*database);
  if (!store) return report_failure(context.terminal, store.error());
  CollectRun run(**store, *database, std::move(*config), context);
  run.run();
  return kExitDone;
}

}  // namespace

void add_collect_command(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand(
      "collect", "The service: scan each vCenter on its schedule until SIGTERM or SIGINT");
  add_common_flags(*command, context.common);
  command->footer(
      "SIGHUP loads the configuration again; a wrong one is reported and the old one stays.");
  command->callback([&context] { context.action = [&context] { return run_collect(context); }; });
}

}  // namespace ballast::cli
