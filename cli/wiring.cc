#include "cli/wiring.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "base/text.h"
#include "cli/commands/flags.h"
#include "cli/logging.h"
#include "cli/process.h"

namespace ballast::cli {

namespace {

// A guest operation holds a connection until the guest has answered. The listing and the counters
// do not wait for that.
constexpr std::size_t kOtherConnections = 2;

vsphere::LoginWay way_of(collector::LoginKind login) {
  switch (login) {
    case collector::LoginKind::kSso:
      return vsphere::LoginWay::kSso;
    case collector::LoginKind::kToken:
      return vsphere::LoginWay::kToken;
    case collector::LoginKind::kPassword:
      break;
  }
  return vsphere::LoginWay::kPassword;
}

Status set_login(const collector::VcenterConfig& vcenter, vsphere::ClientOptions& options) {
  options.login = way_of(vcenter.login);
  options.username = vcenter.username;
  options.sts_url = vcenter.sts_url;
  if (vcenter.login == collector::LoginKind::kToken) {
    options.fetch_token = [source = vcenter.token] {
      return collector::read_secret(source, collector::SecretForm::kToken);
    };
    return {};
  }
  auto password = collector::read_secret(vcenter.password);
  if (!password) return fail(std::move(password.error()));
  options.password = std::move(*password);
  return {};
}

}  // namespace

Result<collector::Config> load_configuration(const CommonOptions& options, LogLevel level) {
  const auto path = config_path(options);
  if (!path) return fail(path.error());
  auto config = collector::load_config(*path);
  if (!config) return config;
  const auto configured = log_level_from_string(config->log_level).value_or(level);
  set_log_level(log_level(options.verbose, options.quiet, configured));
  const auto text = writes_to_journal() ? LogFormat::kJournal : LogFormat::kText;
  set_log_format(config->log_json ? LogFormat::kJson : text);
  return config;
}

vsphere::ProxyRules proxy_rules(const collector::VcenterConfig& vcenter) {
  if (vcenter.proxy == "none") return {};
  if (!vcenter.proxy.empty()) return {vcenter.proxy, vcenter.no_proxy};
  const auto told = [](const char* name, const char* as_well) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') value = std::getenv(as_well);
    return std::string(value == nullptr ? "" : value);
  };
  return {told("HTTPS_PROXY", "https_proxy"), told("NO_PROXY", "no_proxy"), true};
}

Result<vsphere::TlsIdentity> client_identity(const collector::VcenterConfig& vcenter) {
  if (vcenter.client_cert_file.empty()) return vsphere::TlsIdentity();
  using collector::SecretSource;
  const SecretSource file{SecretSource::Kind::kFile, vcenter.client_key_file};
  auto key = collector::read_secret(file, collector::SecretForm::kKey);
  if (!key) return fail(during(key.error(), "vCenter " + vcenter.name));
  return vsphere::TlsIdentity{vcenter.client_cert_file, std::move(*key)};
}

Result<vsphere::ClientOptions> client_options(const collector::VcenterConfig& vcenter,
                                              const collector::GuestConfig& guest) {
  vsphere::ClientOptions options;
  options.name = vcenter.name;
  options.url = vcenter.url;
  auto login = set_login(vcenter, options);
  if (!login) return fail(during(login.error(), "vCenter " + vcenter.name));
  auto identity = client_identity(vcenter);
  if (!identity) return fail(std::move(identity.error()));
  options.identity = std::move(*identity);
  options.trust = {vcenter.ca_file, vcenter.thumbprint, vcenter.insecure};
  options.proxy = proxy_rules(vcenter);
  options.connect_timeout = vcenter.connect_timeout;
  options.request_timeout = vcenter.request_timeout;
  options.max_connections = vcenter.max_connections == 0 ? guest.concurrency + kOtherConnections
                                                         : vcenter.max_connections;
  options.max_host_connections = std::min<std::size_t>(guest.concurrency_per_host, 4);
  options.page_size = vcenter.page_size;
  return options;
}

std::size_t max_idle_hosts(std::size_t vcenters) {
  constexpr std::size_t kFewest = 4;
  constexpr std::size_t kMost = 4096;  // more than a vCenter has
  const std::size_t share = descriptor_limit() / 4 / std::max<std::size_t>(vcenters, 1);
  return std::clamp(share, kFewest, kMost);
}

Result<collector::SelectionRules> selection_rules(const collector::GuestConfig& guest,
                                                  const std::string& vcenter) {
  collector::SelectionRules rules;
  rules.only_ballooned = guest.probe == collector::ProbePolicy::kBallooned;
  if (guest.probe == collector::ProbePolicy::kAdaptive) rules.probe_interval = guest.probe_interval;
  for (const auto& rule : guest.rules) {
    if (!collector::is_for(rule, vcenter)) continue;
    collector::GuestLoginRule login{
        rule.who, rule.skip, {rule.username, {}}, rule.reads_report, rule.name};
    if (!rule.skip && !rule.reads_report) {
      auto password = collector::read_secret(rule.password);
      if (!password) {
        return fail(during(password.error(), fmt::format("guest login {}", rule.username)));
      }
      login.credentials.password = std::move(*password);
      if (const auto since = collector::changed_at(rule.password)) {
        auto& known = rules.passwords_since[rule.username];
        known = std::max(known, *since);
      }
    }
    rules.logins.push_back(std::move(login));
  }
  return rules;
}

namespace {

// Well above what a scan may have to wait for: a call that has to be made again in a new session, or
// a guest until its probe's deadline.
std::chrono::milliseconds stall_timeout(const collector::VcenterConfig& vcenter,
                                        const collector::GuestConfig& guest) {
  constexpr int kCalls = 5;
  constexpr std::chrono::minutes kLeast{15};
  if (vcenter.stall_timeout.count() > 0) return vcenter.stall_timeout;
  const auto call = vcenter.connect_timeout + vcenter.request_timeout;
  return std::max<std::chrono::milliseconds>(kLeast, kCalls * std::max(call, guest.deadline));
}

}  // namespace

collector::ScanOptions scan_options(const collector::VcenterConfig& vcenter,
                                    const collector::GuestConfig& guest,
                                    const collector::SelectionRules& rules) {
  collector::ScanOptions options;
  options.vcenter_name = vcenter.name;
  options.vcenter_url = vcenter.url;
  options.longest = vcenter.max_duration;
  options.stall_timeout = stall_timeout(vcenter, guest);
  options.limited_to = collector::describe(vcenter.scope);
  options.others = vcenter.others;
  options.selection = rules;
  options.concurrency = guest.concurrency;
  options.concurrency_per_host = guest.concurrency_per_host;
  options.probe.deadline = guest.deadline;
  options.channels = guest.channels;
  options.longest_report_age = guest.longest_report_age;
  return options;
}

Result<std::vector<collector::VcenterConfig>> choose_vcenters(
    const collector::Config& config, const std::vector<std::string>& names) {
  if (names.empty()) return config.vcenters;
  std::vector<collector::VcenterConfig> chosen;
  for (const auto& name : names) {
    const auto found = std::find_if(config.vcenters.begin(), config.vcenters.end(),
                                    [&](const auto& vcenter) { return vcenter.name == name; });
    if (found == config.vcenters.end()) {
      std::vector<std::string> known;
      for (const auto& vcenter : config.vcenters) known.push_back(vcenter.name);
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("no vCenter is named \"{}\"", printable(name, 60)),
                  fmt::format("one of {}", fmt::join(known, ", ")));
    }
    chosen.push_back(*found);
  }
  return chosen;
}

Result<std::unique_ptr<vsphere::Client>> make_client(const boost::asio::any_io_executor& executor,
                                                     boost::asio::thread_pool& pool,
                                                     vsphere::ClientOptions options) {
  if (options.trust.insecure) {
    spdlog::warn("{}: insecure = true: whoever answers at {} gets the password", options.name,
                 options.url);
  }
  if (glob_match("http:*", options.url)) {
    spdlog::warn("{}: http://: passwords travel unprotected, for anybody on the way to read",
                 options.name);
  }
  return vsphere::Client::create(executor, pool, std::move(options));
}

Result<PreparedScan> prepare_scan(const boost::asio::any_io_executor& executor,
                                  boost::asio::thread_pool& pool, collector::SampleStore& store,
                                  collector::ScanObserver& observer, vsphere::ClientOptions client,
                                  const collector::ScanScope& scope,
                                  collector::ScanOptions options) {
  auto vcenter = make_client(executor, pool, std::move(client));
  if (!vcenter) return fail(std::move(vcenter.error()));
  PreparedScan prepared;
  prepared.vcenter = std::move(*vcenter);
  collector::Vcenter* seen = prepared.vcenter.get();
  if (scope.is_limited()) {
    prepared.scoped =
        std::make_unique<collector::ScopedVcenter>(*seen, options.vcenter_name, scope);
    seen = prepared.scoped.get();
  }
  prepared.scan =
      std::make_unique<collector::Scan>(executor, *seen, store, observer, std::move(options));
  return prepared;
}

Result<std::unique_ptr<storage::Store>> open_store_for_scans(const std::string& path) {
  storage::OpenOptions options;
  options.on_wait = [](const std::string& sentence) { spdlog::warn("{}", sentence); };
  return storage::Store::open(path, std::move(options));
}

}  // namespace ballast::cli
