#include "cli/configured_scans.h"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/log_subject.h"
#include "base/thrown.h"

namespace ballast::cli {

using collector::ScanSummary;

namespace {

ScanSummary failed(std::string vcenter, Error error) {
  ScanSummary summary;
  summary.vcenter = std::move(vcenter);
  summary.error = std::move(error);
  return summary;
}

Error stopped_before(const std::string& vcenter) {
  return {ErrorCode::kCancelled, vcenter + ": stopped before the scan began", {}, {}};
}

}  // namespace

ConfiguredScans::ConfiguredScans(boost::asio::any_io_executor executor, storage::Store& store,
                                 BackgroundMaintenance& maintenance,
                                 collector::ScanObserver& observer, collector::Config config)
    : executor_(std::move(executor)),
      maintenance_(maintenance),
      observer_(observer),
      config_(std::make_shared<const collector::Config>(std::move(config))),
      store_(store) {}

void ConfiguredScans::use(collector::Config config) {
  config_ = std::make_shared<const collector::Config>(std::move(config));
}

void ConfiguredScans::stop() {
  stopped_ = true;
  for (auto& prepared : running_) prepared.scan->stop();
}

Awaitable<std::optional<UtcTime>> ConfiguredScans::last_start(std::string vcenter) {
  auto last = co_await store_.last_start(vcenter);
  if (last) co_return *last;
  const LogAbout about({.vcenter = vcenter});
  spdlog::warn("taken for never scanned: {}", last.error().sentence());
  co_return std::nullopt;
}

Result<ConfiguredScans::Settings> ConfiguredScans::settings_for(const collector::Config& config,
                                                                const std::string& vcenter) {
  const auto chosen = choose_vcenters(config, {vcenter});
  if (!chosen) return fail(chosen.error());
  auto client = client_options(chosen->front(), config.guest);
  if (!client) return fail(std::move(client.error()));
  client->max_idle_hosts = max_idle_hosts(config.vcenters.size());
  auto rules = selection_rules(config.guest, vcenter);
  if (!rules) return fail(std::move(rules.error()));
  auto scan = scan_options(chosen->front(), config.guest, *rules);
  return Settings{std::move(*client), chosen->front().scope, std::move(scan)};
}

Awaitable<ScanSummary> ConfiguredScans::scan(std::string vcenter) {
  const ConfigPtr config = config_;
  auto job = [config, vcenter] { return settings_for(*config, vcenter); };
  Result<Settings> settings;
  try {
    settings = co_await run_on(secrets_, std::move(job));
  } catch (...) {
    settings = fail(unexpected(std::current_exception(), vcenter + ": preparing the scan"));
  }
  if (stopped_) co_return failed(vcenter, stopped_before(vcenter));
  if (!settings) co_return co_await give_up(vcenter, std::move(settings.error()));
  auto summary = co_await run(vcenter, std::move(*settings));
  if (!summary.scan) co_return summary;
  clocks_.note(vcenter, summary.clock_ahead);
  maintenance_.request(config->keep, clocks_);
  co_return summary;
}

Awaitable<ScanSummary> ConfiguredScans::run(std::string vcenter, Settings settings) {
  auto prepared = prepare_scan(executor_, decoding_, store_, observer_, std::move(settings.client),
                               settings.scope, std::move(settings.scan));
  if (!prepared) co_return co_await give_up(vcenter, std::move(prepared.error()));
  const auto place = running_.insert(running_.end(), std::move(*prepared));
  ScanSummary summary;
  Thrown thrown;
  try {
    summary = co_await place->scan->run();
  } catch (...) {
    thrown.add(std::current_exception());
  }
  running_.erase(place);
  thrown.rethrow();
  co_return summary;
}

// So that a report can say why there is nothing new.
Awaitable<ScanSummary> ConfiguredScans::give_up(std::string vcenter, Error error) {
  const ConfigPtr config = config_;
  const auto& all = config->vcenters;
  const auto known = std::find_if(all.begin(), all.end(),
                                  [&](const auto& entry) { return entry.name == vcenter; });
  collector::ScanStart start{vcenter, known == all.end() ? std::string() : known->url, now_utc()};
  auto scan = co_await store_.begin_scan(std::move(start));
  if (scan) {
    collector::ScanEnd end{model::ScanStatus::kFailed, now_utc(), error.sentence()};
    const auto finished = co_await store_.finish_scan(*scan, std::move(end));
    const LogAbout about({.vcenter = vcenter, .scan = *scan});
    if (!finished) spdlog::warn("its end is not stored: {}", finished.error().sentence());
  }
  co_return failed(std::move(vcenter), std::move(error));
}

}  // namespace ballast::cli
