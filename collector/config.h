// The configuration file: what ballast.toml may say, read once into plain values.
//
// Every mistake is reported, each with its line: unknown keys, wrong types, missing keys, values
// out of range. Passwords are never in the file, only where to get them; see secret_source.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "base/result.h"
#include "collector/schedule.h"
#include "collector/secret_source.h"

namespace ballast::collector {

struct VcenterConfig {
  std::string name;  // how the user calls it; unique; defaults to the URL's host
  std::string url;
  std::string username;
  SecretSource password;
  // Trust: at most one of the three; none means the system's CA store.
  std::string ca_file;
  std::string thumbprint;
  bool insecure = false;
  std::int32_t page_size = 0;       // maxObjects of a listing; 0 lets the server decide
  std::size_t max_connections = 0;  // 0: as many as probes at once, and some for the listing
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds request_timeout{60};
  Schedule schedule;               // of `ballast collect`
  std::chrono::seconds retry{60};  // after a failed scan; doubles up to the schedule's own pace
};

// Which running Linux guests are probed: every one, those vCenter reports a balloon for, or those
// and the others now and then.
enum class ProbePolicy { kAll, kBallooned, kAdaptive };

// Login for the guests that match all patterns; the first match in the file wins. Shell patterns,
// ignoring case; "" matches everything, "*" in a folder's path goes across "/".
struct GuestRule {
  std::string vm;            // the VM's name
  std::string folder;        // "Datacenter/Folder/Subfolder"
  std::string guest_family;  // "linuxGuest"
  std::string username;
  SecretSource password;
  bool skip = false;  // never probe these
};

struct GuestConfig {
  std::vector<GuestRule> rules;  // the overrides in order, then [guest]'s own login as "*"
  ProbePolicy probe = ProbePolicy::kAll;
  std::chrono::seconds probe_interval = std::chrono::hours(24);  // kAdaptive: without a balloon
  std::size_t concurrency = 64;                                  // probes at once, per vCenter
  std::size_t concurrency_per_host = 8;                          // … and per ESXi host
  std::chrono::seconds deadline{60};                             // one probe, clean-up not included
};

// How long the store keeps what it has.
struct RetentionConfig {
  std::chrono::seconds raw = std::chrono::days(30);  // at least 2 days: a day is built from them
  std::chrono::seconds hourly = std::chrono::days(180);  // at least as long as raw
  std::chrono::seconds daily = std::chrono::days(1825);  // at least as long as hourly
};

struct Config {
  std::vector<VcenterConfig> vcenters;
  GuestConfig guest;
  std::string database = "/var/lib/ballast/ballast.db";
  RetentionConfig keep;
  std::string log_level;  // trace, debug, info, warning, error; "" if it does not say
  bool log_json = false;  // a JSON object a line instead of text
};

// `path` is for messages. Errors: kConfig, one line a problem, each "path:line: problem".
[[nodiscard]] Result<Config> parse_config(const std::string& text, const std::string& path);

// Errors: those of parse_config, and kConfig when the file cannot be read.
[[nodiscard]] Result<Config> load_config(const std::string& path);

// One TOML table being read: typed access by key, and a complaint with file and line for everything
// that is wrong with it. Private to config.cc.

// Whether "0s" is a duration.
enum class ZeroDuration { kRefused, kAllowed };

class ConfigTable {
 public:
  // Keeps references to all three.
  ConfigTable(const toml::table& table, const std::string& path, std::vector<std::string>& problems)
      : table_(&table), path_(&path), problems_(&problems) {}

  // Each of these marks `key` as known; a wrong type or value is a complaint and gives the default.
  std::string text(std::string_view key, std::string otherwise = {});
  std::string required_text(std::string_view key);
  std::string one_of(std::string_view key, const std::string& otherwise,
                     std::initializer_list<std::string_view> choices);
  std::int64_t number(std::string_view key, std::int64_t otherwise, std::int64_t least,
                      std::int64_t most);
  bool flag(std::string_view key, bool otherwise);
  std::chrono::seconds duration(std::string_view key, std::chrono::seconds otherwise,
                                ZeroDuration zero = ZeroDuration::kRefused);
  std::optional<ConfigTable> table(std::string_view key);
  std::vector<ConfigTable> tables(std::string_view key);  // [[key]]

  // `key` must not be there; `why` says what to do instead.
  void refuse(std::string_view key, const std::string& why);
  // Complains about the value of `key`; about the table where it is not there.
  void complain_about(std::string_view key, const std::string& problem);
  // Complains about the table as a whole.
  void complain(const std::string& problem);
  // Complains about every key that was never asked for. Last call on a table.
  void finish();

 private:
  const toml::node* take(std::string_view key);
  void complain_at(const toml::node& node, const std::string& problem);

  const toml::table* table_;
  const std::string* path_;
  std::vector<std::string>* problems_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace ballast::collector
