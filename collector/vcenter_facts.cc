#include "collector/vcenter_facts.h"

#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "base/text.h"

namespace ballast::collector {

Awaitable<std::optional<Error>> VcenterFacts::read() {
  if (auto error = co_await connect()) co_return error;
  co_await compare_clocks();
  if (auto error = co_await read_hosts()) co_return error;
  co_return co_await read_pools();
}

std::string VcenterFacts::thumbprint_of(const std::string& host_moref) const {
  const auto known = hosts_.find(host_moref);
  return known == hosts_.end() ? std::string() : known->second.ssl_thumbprint;
}

Awaitable<std::optional<Error>> VcenterFacts::connect() {
  observer_.on_phase(name_, "connecting");
  auto about = co_await vcenter_.connect();
  if (!about) co_return std::move(about.error());
  {
    const LogAbout line(subject());
    spdlog::info("{} (API {})", printable(about->full_name, 128),
                 printable(about->api_version, 32));
  }
  auto kept = co_await store_.write_vcenter(scan_, std::move(*about));
  if (!kept) co_return std::move(kept.error());
  co_return std::nullopt;
}

Awaitable<void> VcenterFacts::compare_clocks() {
  const auto time = co_await vcenter_.current_time();
  if (time) {
    clock_ahead_ = *time - now_utc();
    co_return;
  }
  const LogAbout line(subject());
  spdlog::warn("vCenter's clock is taken for right: {}", time.error().sentence());
}

Awaitable<std::optional<Error>> VcenterFacts::read_hosts() {
  observer_.on_phase(name_, "reading hosts");
  auto hosts = co_await vcenter_.hosts();
  if (!hosts) {
    const LogAbout line(subject());
    spdlog::warn("hosts stay unknown, and with them causes: {}", hosts.error().sentence());
    co_return std::nullopt;
  }
  std::vector<std::string> morefs;
  for (const auto& host : *hosts) morefs.push_back(host.moref);
  // A scan does without memory states: they say why, not whether, a guest was ballooned.
  const auto states = co_await vcenter_.host_memory_states(std::move(morefs));
  if (!states) {
    const LogAbout line(subject());
    spdlog::warn("the hosts' memory states stay unknown: {}", states.error().sentence());
  }
  for (auto& host : *hosts) {
    if (states && states->contains(host.moref)) host.memory_state = states->at(host.moref);
    hosts_.emplace(host.moref, host);
  }
  auto written = co_await store_.write_hosts(scan_, std::move(*hosts));
  if (!written) co_return std::move(written.error());
  co_return std::nullopt;
}

// Pools are for causes only, so a scan does without them.
Awaitable<std::optional<Error>> VcenterFacts::read_pools() {
  auto pools = co_await vcenter_.resource_pools();
  if (!pools) {
    const LogAbout line(subject());
    spdlog::warn("resource pools stay unknown: {}", pools.error().sentence());
    co_return std::nullopt;
  }
  auto written = co_await store_.write_pools(scan_, std::move(*pools));
  if (!written) co_return std::move(written.error());
  co_return std::nullopt;
}

}  // namespace ballast::collector
