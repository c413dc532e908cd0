#include "collector/config/config.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/text.h"
#include "base/trusted_file.h"
#include "collector/config/config_table.h"
#include "collector/config/guest_section.h"

namespace ballast::collector {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string host_of(const std::string& url) {
  const auto scheme = url.find("://");
  const auto start = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(start, url.find_first_of("/?", start) - start);
}

// A tenth of an interval is enough to keep scans of several vCenters apart. Whoever writes a
// calendar time means that time.
seconds usual_jitter(const When& when) {
  const auto* interval = std::get_if<seconds>(&when);
  return interval == nullptr ? seconds(0) : std::min<seconds>(*interval / 10, minutes(5));
}

Schedule read_schedule(ConfigTable& table) {
  Schedule schedule;
  if (const std::string text = table.text("schedule"); !text.empty()) {
    auto when = parse_when(text);
    if (when) {
      schedule.when = *when;
    } else {
      table.complain_about("schedule", fmt::format("schedule: {}", when.error().sentence()));
    }
  }
  const seconds usual = usual_jitter(schedule.when);
  schedule.jitter = table.duration("jitter", usual, ZeroDuration::kAllowed);
  const auto* interval = std::get_if<seconds>(&schedule.when);
  if (interval != nullptr && schedule.jitter >= *interval) {
    table.complain_about("jitter", "jitter must be shorter than the schedule's interval");
  }
  return schedule;
}

ScanScope read_scope(ConfigTable& table) {
  ScanScope scope;
  for (const auto& list : kScopeLists) {
    scope.*list.patterns = table.texts(list.key);
    for (const auto& pattern : scope.*list.patterns) {
      const auto problem = pattern_problem(list, pattern);
      if (problem.empty()) continue;
      table.complain_about(list.key, fmt::format("{}: \"{}\": {}", list.key, pattern, problem));
    }
  }
  return scope;
}

// A token says whose it is; all else takes user and password.
void read_user(ConfigTable& table, VcenterConfig& vcenter) {
  const bool by_token = vcenter.login == LoginKind::kToken;
  vcenter.username = by_token ? table.text("username") : table.required_text("username");
  vcenter.password = read_secret_source(table);
  const bool has_password = vcenter.password.kind != SecretSource::Kind::kNone;
  if (by_token && (has_password || !vcenter.username.empty())) {
    table.complain("a token takes no username and no password: it says itself whose it is");
  }
  if (!by_token && !has_password) {
    table.complain("no password: set password_file, password_env or password_command");
  }
}

void read_login(ConfigTable& table, VcenterConfig& vcenter) {
  vcenter.token = take_source(
      table, "token_file and token_command",
      {{"token_file", SecretSource::Kind::kFile}, {"token_command", SecretSource::Kind::kCommand}});
  table.refuse("token", "a token does not belong in this file; use token_file or token_command");
  const bool has_token = vcenter.token.kind != SecretSource::Kind::kNone;
  const auto login =
      table.one_of("login", has_token ? "token" : "password", {"password", "sso", "token"});
  vcenter.login = login == "token" ? LoginKind::kToken
                  : login == "sso" ? LoginKind::kSso
                                   : LoginKind::kPassword;
  if (has_token != (vcenter.login == LoginKind::kToken)) {
    table.complain_about("login", has_token
                                      ? "token_file and token_command need login = \"token\""
                                      : "login = \"token\" needs token_file or token_command");
  }
  vcenter.sts_url = table.text("sts_url");
  if (!vcenter.sts_url.empty() && vcenter.login != LoginKind::kSso) {
    table.complain_about("sts_url", "sts_url needs login = \"sso\"");
  }
  read_user(table, vcenter);
}

void read_client_certificate(ConfigTable& table, VcenterConfig& vcenter) {
  vcenter.client_cert_file = table.text("client_cert_file");
  vcenter.client_key_file = table.text("client_key_file");
  if (vcenter.client_cert_file.empty() != vcenter.client_key_file.empty()) {
    table.complain("client_cert_file and client_key_file need each other");
  }
}

VcenterConfig read_vcenter(ConfigTable table) {
  VcenterConfig vcenter;
  vcenter.url = table.required_text("url");
  vcenter.name = table.text("name", host_of(vcenter.url));
  if (vcenter.name.empty() && !vcenter.url.empty() && !table.has("name")) {
    table.complain_about("url", "url has no host; it is like \"https://vcenter.example.com\"");
  }
  read_login(table, vcenter);
  read_client_certificate(table, vcenter);
  vcenter.ca_file = table.text("ca_file");
  vcenter.thumbprint = table.text("thumbprint");
  vcenter.insecure = table.flag("insecure", false);
  if (!vcenter.ca_file.empty() + !vcenter.thumbprint.empty() + vcenter.insecure > 1) {
    table.complain("ca_file, thumbprint and insecure exclude each other");
  }
  vcenter.proxy = table.text("proxy");
  vcenter.no_proxy = table.text("no_proxy");
  if (!vcenter.no_proxy.empty() && (vcenter.proxy.empty() || vcenter.proxy == "none")) {
    table.complain_about("no_proxy", "no_proxy needs a proxy");
  }
  if (vcenter.proxy.find('@') != std::string::npos) {
    table.complain_about("proxy",
                         "a login does not belong here: a proxy that asks for one is not "
                         "supported");
  }
  vcenter.page_size =
      static_cast<std::int32_t>(table.number("page_size", vcenter.page_size, 0, 10'000));
  vcenter.max_connections = static_cast<std::size_t>(table.number("max_connections", 0, 1, 4096));
  vcenter.connect_timeout = table.duration("connect_timeout", seconds(10));
  vcenter.request_timeout = table.duration("request_timeout", seconds(60));
  vcenter.max_duration = table.duration("max_duration", vcenter.max_duration);
  vcenter.stall_timeout = table.duration("stall_timeout", vcenter.stall_timeout);
  vcenter.scope = read_scope(table);
  if (!vcenter.scope.tags.empty() && vcenter.login == LoginKind::kToken) {
    table.complain_about("tags",
                         "tags need a login with a password: the REST API, which has them, "
                         "takes no token");
  }
  const bool is_other_server =
      !vcenter.sts_url.empty() && host_of(vcenter.sts_url) != host_of(vcenter.url);
  if (is_other_server && !vcenter.thumbprint.empty()) {
    table.complain_about("sts_url",
                         "sts_url needs ca_file in place of thumbprint, which is that of "
                         "vCenter's own certificate");
  }
  vcenter.schedule = read_schedule(table);
  vcenter.retry = table.duration("retry", vcenter.retry);
  table.finish();
  return vcenter;
}

void check_names(ConfigTable& root, const std::vector<VcenterConfig>& vcenters) {
  if (vcenters.empty()) root.complain("there is no [[vcenter]] section");
  std::set<std::string> names;
  for (const auto& vcenter : vcenters) {
    if (vcenter.name == "*")
      root.complain("no vCenter can be named \"*\", which means all of them");
    if (!names.insert(vcenter.name).second) {
      root.complain(fmt::format("two vCenters are named \"{}\"", vcenter.name));
    }
  }
}

// A server must not pass for another one: see ScanStart.
void tell_each_of_the_others(std::vector<VcenterConfig>& vcenters) {
  for (auto& vcenter : vcenters) {
    for (const auto& other : vcenters) {
      if (other.url != vcenter.url) vcenter.others.push_back({other.name, other.url});
    }
  }
}

void read_storage(ConfigTable& table, Config& config) {
  config.database = table.text("path", config.database);
  Retention& keep = config.keep;
  keep.raw = table.duration("keep_raw", keep.raw);
  keep.hourly = table.duration("keep_hourly", std::max(keep.hourly, keep.raw));
  keep.daily = table.duration("keep_daily", std::max(keep.daily, keep.hourly));
  if (keep.raw < std::chrono::days(2)) {
    table.complain("keep_raw must be at least \"2d\": days are built from samples");
  }
  if (keep.hourly < keep.raw || keep.daily < keep.hourly) {
    table.complain(
        "keep_hourly must not be shorter than keep_raw, nor keep_daily than keep_hourly");
  }
  table.finish();
}

// A password command gets the environment without the variables that hold other passwords.
void hide_variables(Config& config) {
  std::vector<SecretSource*> sources;
  for (auto& vcenter : config.vcenters) {
    sources.push_back(&vcenter.password);
    sources.push_back(&vcenter.token);
  }
  for (auto& rule : config.guest.rules) sources.push_back(&rule.password);
  std::vector<std::string> names;
  for (const auto* source : sources) {
    if (source->kind == SecretSource::Kind::kEnvironment) names.push_back(source->value);
  }
  for (auto* source : sources) source->hidden = names;
}

// What `path` means in a file of that folder.
void start_at(const std::filesystem::path& folder, std::string& path) {
  if (!path.empty()) path = (folder / path).string();  // an absolute path stays as it is
}

// Whoever runs ballast, and from where, makes no difference to what its configuration names.
void start_paths_at(const std::filesystem::path& folder, Config& config) {
  const auto secret = [&](SecretSource& source) {
    if (source.kind == SecretSource::Kind::kFile) start_at(folder, source.value);
  };
  for (auto& vcenter : config.vcenters) {
    start_at(folder, vcenter.ca_file);
    start_at(folder, vcenter.client_cert_file);
    start_at(folder, vcenter.client_key_file);
    secret(vcenter.password);
    secret(vcenter.token);
  }
  for (auto& rule : config.guest.rules) secret(rule.password);
  start_at(folder, config.database);
}

void read_root(ConfigTable root, Config& config) {
  for (auto& table : root.tables("vcenter")) config.vcenters.push_back(read_vcenter(table));
  check_names(root, config.vcenters);
  tell_each_of_the_others(config.vcenters);
  if (auto table = root.table("guest")) config.guest = read_guest(*table, config.vcenters);
  if (auto table = root.table("storage")) read_storage(*table, config);
  if (auto table = root.table("log")) {
    config.log_level = table->one_of("level", "", {"trace", "debug", "info", "warning", "error"});
    config.log_json = table->one_of("format", "text", {"text", "json"}) == "json";
    table->finish();
  }
  root.finish();
  hide_variables(config);
}

}  // namespace

bool is_for(const GuestRule& rule, const std::string& vcenter) {
  return rule.vcenters.empty() ||
         std::find(rule.vcenters.begin(), rule.vcenters.end(), vcenter) != rule.vcenters.end();
}

Result<Config> parse_config(const std::string& text, const std::string& path) {
  std::vector<std::string> problems;
  Config config;
  config.path = path;
  try {
    const toml::table parsed = toml::parse(text);
    read_root(ConfigTable(parsed, path, problems), config);
    start_paths_at(std::filesystem::path(path).parent_path(), config);
  } catch (const toml::parse_error& error) {
    problems.push_back(
        fmt::format("{}:{}: {}", path, error.source().begin.line, printable(error.description())));
  }
  if (problems.empty()) return config;
  return fail(ErrorCode::kConfig, fmt::format("{}", fmt::join(problems, "\n")));
}

Result<Config> load_config(const std::string& path) {
  const TrustedFile file{"the configuration file", path, false, "give its path with --config"};
  const auto text = read_trusted_file(file);
  if (!text) return fail(text.error());
  return parse_config(*text, path);
}

}  // namespace ballast::collector
