// The configuration file: what ballast.toml may say, as plain values. docs/CONFIGURATION.md
// explains each key to users.
//
// Every mistake is reported with its line: unknown keys, wrong types, missing keys, values out of
// range. Passwords are never in the file, only where to get them: see secret_source.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "collector/choice/guest_pattern.h"
#include "collector/config/schedule.h"
#include "collector/config/secret_source.h"
#include "collector/ports/retention.h"
#include "collector/ports/stored_scan.h"
#include "collector/scope/scan_scope.h"
#include "model/judged_guest.h"

namespace ballast::collector {

// How ballast logs in to a vCenter: with user and password; with a token that vCenter's single
// sign-on gives for these; or with a token from elsewhere.
enum class LoginKind { kPassword, kSso, kToken };

struct VcenterConfig {
  std::string name;  // what the user calls it; unique; by default the URL's host
  std::string url;
  LoginKind login = LoginKind::kPassword;
  std::string username;  // "" with a token from elsewhere, which says whose it is
  SecretSource password;
  SecretSource token;   // kToken: a file or a command
  std::string sts_url;  // kSso: where tokens are asked for; "": vCenter's own place
  // Shown to servers that ask for a certificate; both are PEM files, or "".
  std::string client_cert_file;
  std::string client_key_file;
  // Whom to trust: at most one of the three is set; if none is, the system's CA store.
  std::string ca_file;
  std::string thumbprint;
  bool insecure = false;
  // The HTTP proxy to vCenter and its hosts, "http://proxy.example.com:3128"; "none" for none; "" to
  // do what HTTPS_PROXY and NO_PROXY of the environment say.
  std::string proxy;
  std::string no_proxy;  // whom to reach without it, with commas between, as in NO_PROXY
  // maxObjects of a listing; 0 lets the server decide, who may put 40,000 VMs into one answer.
  std::int32_t page_size = 1000;
  std::size_t max_connections = 0;  // 0: one for each probe at once, and some for the listing
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds request_timeout{60};
  std::chrono::seconds max_duration = std::chrono::hours(24);  // of a scan
  std::chrono::seconds stall_timeout{0};  // of a scan without progress; 0: by the other deadlines
  ScanScope scope;
  std::vector<VcenterName> others;  // that are in the configuration as well
  Schedule schedule;                // for `ballast collect`
  std::chrono::seconds retry{60};   // pause after a failed scan; see next_try()
};

// Which running Linux guests are probed: all; those that vCenter reports a balloon for; or those at
// every scan, and the others now and then. kReport: none without a login of its own, for they report
// on their own.
enum class ProbePolicy { kAll, kBallooned, kAdaptive, kReport };

// What is done with the guests of one pattern; the first match in the file wins.
struct GuestRule {
  GuestPattern who;
  // Names of the vCenters whose guests it is for; no other one gets its login. Empty: all.
  std::vector<std::string> vcenters;
  std::string username;
  SecretSource password;
  bool skip = false;          // these guests are never probed
  bool reads_report = false;  // these guests report on their own
  std::string name;           // what messages call it: "override 2"; "[guest]"
};

// Tells whether the rule is for guests of the vCenter of that name.
[[nodiscard]] bool is_for(const GuestRule& rule, const std::string& vcenter);

struct GuestConfig {
  std::vector<GuestRule> rules;  // the overrides in their order, then what [guest] says for all
  ProbePolicy probe = ProbePolicy::kAll;
  // kAdaptive: how often guests without a balloon are probed.
  std::chrono::seconds probe_interval = std::chrono::hours(24);
  // By which the output of probes may come, in the order in which they are tried.
  std::vector<model::Channel> channels = {model::Channel::kFile, model::Channel::kGuestinfo};
  std::chrono::seconds longest_report_age = std::chrono::minutes(30);  // of a guest's own
  std::size_t concurrency = 64;          // probes at once in one vCenter
  std::size_t concurrency_per_host = 8;  // … and on one ESXi host
  std::chrono::seconds deadline{60};     // of one probe, without its clean-up
};

struct Config {
  std::string path;  // the file it was read from; "" if it was made of something else
  std::vector<VcenterConfig> vcenters;
  GuestConfig guest;
  std::string database = "/var/lib/ballast/ballast.db";
  Retention keep;
  std::string log_level;  // trace, debug, info, warning, error; "" if it does not say
  bool log_json = false;  // a JSON object a line instead of text
};

// Reads the configuration in `text` of the file at `path`, in whose folder the relative paths in it
// begin; the file is not touched. Errors: kConfig, with one line for each problem:
// "path:line: problem".
[[nodiscard]] Result<Config> parse_config(const std::string& text, const std::string& path);

// Reads the configuration file. Errors: as parse_config(), and kConfig, with the reason, when it
// cannot be read.
[[nodiscard]] Result<Config> load_config(const std::string& path);

}  // namespace ballast::collector
