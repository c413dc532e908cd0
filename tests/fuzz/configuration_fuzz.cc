// The configuration file: whatever it says is understood or complained about, line by line.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "collector/config/config.h"
#include "tests/fuzz/check.h"

namespace ballast::fuzz {
namespace {

using namespace collector;
using std::chrono::seconds;
using Kind = SecretSource::Kind;

constexpr const char* kPath = "/etc/ballast/ballast.toml";
// A morning of 2026; what follows it is followed by all that a year has.
constexpr UtcTime kNow{std::chrono::milliseconds(1'772'000'000'000)};

// "path:line: problem"
void check_complaint(std::string_view complaint, std::size_t lines) {
  const auto start = fmt::format("{}:", kPath);
  require(complaint.starts_with(start), "a complaint names the file");
  std::size_t line = 0;
  std::size_t at = start.size();
  for (; at < complaint.size() && complaint[at] >= '0' && complaint[at] <= '9'; ++at) {
    line = line * 10 + static_cast<std::size_t>(complaint[at] - '0');
  }
  require(line >= 1 && line <= lines, "a complaint names a line of the file");
  require(complaint.substr(at).starts_with(": ") && complaint.size() > at + 2,
          "a complaint says what is wrong");
  require(complaint.size() < 4096, "a complaint is bounded");
  require_printable(complaint, "a complaint is one line that can be shown");
}

void check_refusal(const Error& error, std::string_view text) {
  require(error.code == ErrorCode::kConfig, "a wrong configuration is the user's to mend");
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  const auto complaints = split_lines(error.message);
  require(!complaints.empty(), "a refusal says why");
  for (const auto complaint : complaints) check_complaint(complaint, lines);
}

void check_secret(const SecretSource& source) {
  require((source.kind == Kind::kNone) == source.value.empty(), "a source says where it is");
  require(source.kind != Kind::kFile || source.value.starts_with('/'),
          "a file is found wherever ballast is started");
}

void check_login(const VcenterConfig& vcenter) {
  check_secret(vcenter.password);
  check_secret(vcenter.token);
  const bool by_token = vcenter.login == LoginKind::kToken;
  require(by_token == (vcenter.token.kind != Kind::kNone), "a token is for a login by token");
  require(by_token == vcenter.username.empty(), "all other logins have a user");
  require(by_token == (vcenter.password.kind == Kind::kNone), "and a password");
  require(vcenter.sts_url.empty() || vcenter.login == LoginKind::kSso,
          "a place for tokens is for those who ask for one");
  require(vcenter.client_cert_file.empty() == vcenter.client_key_file.empty(),
          "a certificate has its key");
}

void check_trust(const VcenterConfig& vcenter) {
  require(!vcenter.ca_file.empty() + !vcenter.thumbprint.empty() + vcenter.insecure <= 1,
          "there is one way to trust a server");
  require(vcenter.proxy.find('@') == std::string::npos, "a proxy's address holds no password");
}

void check_schedule(const Schedule& schedule) {
  const auto* interval = std::get_if<seconds>(&schedule.when);
  require(schedule.jitter >= seconds(0), "a jitter is not negative");
  require(interval == nullptr || (*interval > seconds(0) && schedule.jitter < *interval),
          "a jitter is shorter than the interval");
  auto at = kNow;
  for (int i = 0; i < 3; ++i) {
    const auto due = next_due(schedule.when, at, at);
    if (!due) return;
    require(*due > at, "the next scan is later");
    at = *due;
  }
}

void check_vcenter(const VcenterConfig& vcenter) {
  require(!vcenter.name.empty() && !vcenter.url.empty(), "a vCenter has a name and a URL");
  check_login(vcenter);
  check_trust(vcenter);
  check_schedule(vcenter.schedule);
  require(vcenter.page_size >= 0 && vcenter.page_size <= 10'000, "a page is bounded");
  require(vcenter.max_connections <= 4096, "connections are bounded");
  for (const auto& other : vcenter.others) require(other.url != vcenter.url, "others are others");
  for (const auto limit :
       {vcenter.connect_timeout, vcenter.request_timeout, vcenter.max_duration, vcenter.retry}) {
    require(limit > seconds(0), "a limit is longer than nothing");
  }
}

void check_rule(const GuestRule& rule) {
  check_secret(rule.password);
  require(rule.username.empty() == (rule.password.kind == Kind::kNone),
          "a user has a password, a password its user");
  require(rule.skip || rule.reads_report || !rule.username.empty(), "a rule says what to do");
  require(!rule.reads_report || rule.username.empty(), "who reports needs no login");
}

void check_guest(const GuestConfig& guest) {
  for (const auto& rule : guest.rules) check_rule(rule);
  require(!guest.channels.empty(), "there is a channel");
  require(guest.concurrency >= 1 && guest.concurrency <= 4096, "probes at once are bounded");
  require(guest.concurrency_per_host >= 1 && guest.concurrency_per_host <= 256,
          "and those on a host");
  for (const auto limit : {guest.deadline, guest.longest_report_age, guest.probe_interval}) {
    require(limit > seconds(0), "a limit is longer than nothing");
  }
}

void check_config(const Config& config) {
  require(config.path == kPath, "the file is known");
  require(!config.vcenters.empty(), "there is a vCenter");
  std::set<std::string> names;
  for (const auto& vcenter : config.vcenters) {
    check_vcenter(vcenter);
    require(names.insert(vcenter.name).second, "names are unique");
  }
  check_guest(config.guest);
  require(config.database.starts_with('/'), "the database is found wherever ballast is started");
  require(config.keep.raw >= std::chrono::days(2) && config.keep.hourly >= config.keep.raw &&
              config.keep.daily >= config.keep.hourly,
          "what is finer goes first");
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ballast::fuzz;
  const auto text = text_of(data, size);
  const auto config = ballast::collector::parse_config(std::string(text), kPath);
  if (config) {
    check_config(*config);
  } else {
    check_refusal(config.error(), text);
  }
  return 0;
}
