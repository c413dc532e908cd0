#include "collector/config/guest_section.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/spelling.h"
#include "base/text.h"
#include "collector/config/config_table.h"
#include "collector/scope/scan_scope.h"

namespace ballast::collector {

namespace {

using std::chrono::seconds;
using Vcenters = std::vector<VcenterConfig>;

constexpr const char* kEveryVcenter = "*";

GuestRule read_rule(ConfigTable& table) {
  GuestRule rule;
  rule.username = table.text("username");
  rule.password = read_secret_source(table);
  if (!rule.username.empty() && rule.password.kind == SecretSource::Kind::kNone) {
    table.complain("username without a password");
  }
  if (rule.username.empty() && rule.password.kind != SecretSource::Kind::kNone) {
    table.complain("password without a username");
  }
  return rule;
}

// A pattern that silently matches nothing gives a guest the login that is meant for others.
std::string read_name_pattern(ConfigTable& table, std::string_view key) {
  auto pattern = table.text(key);
  if (const auto problem = escape_problem(pattern); !problem.empty()) {
    table.complain_about(key, fmt::format("{}: {}", key, problem));
  }
  return pattern;
}

void refuse_login(ConfigTable& table, const GuestRule& rule) {
  if (rule.username.empty()) return;
  table.complain("username has no use with probe = \"guestinfo\": the guest reports on its own");
}

std::string unknown_vcenter(const std::string& name, const Vcenters& all) {
  if (name == kEveryVcenter) return "vcenter: \"*\" means every vCenter, and stands alone";
  NearNames near(name, 3);
  std::vector<std::string> known;
  for (const auto& vcenter : all) {
    near.offer(vcenter.name);
    known.push_back(printable(vcenter.name, 60));
  }
  const auto best = near.best();
  return fmt::format("vcenter: no [[vcenter]] is named \"{}\"; {}", printable(name, 60),
                     best.empty() ? fmt::format("known here: {}", fmt::join(known, ", "))
                                  : fmt::format("did you mean {}?", fmt::join(best, " or ")));
}

// Whose guests a rule is for; none: of every vCenter.
std::vector<std::string> read_vcenters(ConfigTable& table, const Vcenters& all) {
  auto names = table.text_or_texts("vcenter");
  if (names.size() == 1 && names.front() == kEveryVcenter) return {};
  for (const auto& name : names) {
    const bool is_known = std::any_of(all.begin(), all.end(),
                                      [&](const auto& vcenter) { return vcenter.name == name; });
    if (!is_known) table.complain_about("vcenter", unknown_vcenter(name, all));
  }
  return names;
}

// What a vCenter says of its guests decides which login it is handed: so nobody's is handed to
// another one by default.
void require_vcenter(ConfigTable& table, const GuestRule& rule, const Vcenters& all) {
  if (rule.username.empty() || all.size() < 2 || table.has("vcenter")) return;
  std::vector<std::string> known;
  for (const auto& vcenter : all) known.push_back(printable(vcenter.name, 60));
  table.complain(fmt::format(
      "which vCenter's guests get the login of {}? With several [[vcenter]], write vcenter = "
      "\"{}\", or a list of [\"{}\"]; \"*\" hands it to every one of them",
      printable(rule.username, 60), known.front(), fmt::join(known, "\", \"")));
}

// group-v123 of vCenter, ha-folder-vm of an ESXi host. Folders of hosts, networks and datacenters
// have other letters, and no VM is known to be in them: a rule by one would keep all guests from
// later rules.
bool is_folder_id(std::string_view id) {
  constexpr std::string_view kPrefix = "group-v";
  const bool is_of_vcenter =
      id.starts_with(kPrefix) && id.size() > kPrefix.size() &&
      id.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
  return is_of_vcenter || id == "ha-folder-vm";
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool fits =
        kForm[i] == '-' ? text[i] == '-' : kHex.find(text[i]) != std::string_view::npos;
    if (!fits) return false;
  }
  return true;
}

std::string problem_of_entry(std::string_view key, const std::string& entry) {
  if (key == "folder_id" && !is_folder_id(entry)) {
    return "no id of a folder of VMs; vSphere Client has it in its address: \"group-v123\"";
  }
  if (key == "instance_uuid" && !is_uuid(entry)) {
    return "no UUID, which is like \"5012f0a4-6c1e-4f6b-9d3a-0123456789ab\"";
  }
  if (key != "tag") return {};
  return pattern_problem({"tag", "tag", &ScanScope::tags}, entry);
}

GuestPattern read_pattern(ConfigTable& table) {
  GuestPattern who;
  for (const auto& [key, text] : kGuestPatternTexts) who.*text = read_name_pattern(table, key);
  for (const auto& [key, list] : kGuestPatternLists) {
    who.*list = table.text_or_texts(key);
    for (const auto& entry : who.*list) {
      const auto problem = problem_of_entry(key, entry);
      if (problem.empty()) continue;
      table.complain_about(key, fmt::format("{}: \"{}\": {}", key, printable(entry, 60), problem));
    }
  }
  return who;
}

// Ids say nothing beyond their vCenter, and not every vCenter shows its tags.
void check_against_vcenters(ConfigTable& table, const GuestRule& rule, const Vcenters& all) {
  if (!rule.who.folder_ids.empty() && all.size() > 1 && rule.vcenters.size() != 1) {
    table.complain_about("folder_id",
                         "folder_id is one vCenter's, and another folder in the next: write whose, "
                         "vcenter = \"NAME\"");
  }
  if (rule.who.tags.empty()) return;
  for (const auto& vcenter : all) {
    if (vcenter.login != LoginKind::kToken || !is_for(rule, vcenter.name)) continue;
    table.complain_about(
        "tag", fmt::format("tag needs a login with a password at {}: the REST API, which has tags, "
                           "takes no token",
                           printable(vcenter.name, 60)));
  }
}

GuestRule read_override(ConfigTable table, const Vcenters& vcenters) {
  GuestRule rule = read_rule(table);
  rule.who = read_pattern(table);
  rule.vcenters = read_vcenters(table, vcenters);
  if (rule.who.matches_all() && !table.has("vcenter")) {
    table.complain(
        "an override needs to say for whom it is: vm, folder or another pattern, or vcenter");
  }
  rule.skip = table.flag("skip", false);
  rule.reads_report = table.one_of("probe", "", {"", "guestinfo"}) == "guestinfo";
  if (!rule.skip && !rule.reads_report && rule.username.empty()) {
    table.complain(
        "an override needs a username and password, or probe = \"guestinfo\", or skip = true");
  }
  if (rule.reads_report) refuse_login(table, rule);
  require_vcenter(table, rule, vcenters);
  check_against_vcenters(table, rule, vcenters);
  table.finish();
  return rule;
}

// What [guest] itself says, for the guests that no override matches.
void read_default(ConfigTable& table, const Vcenters& vcenters, GuestConfig& guest) {
  GuestRule own = read_rule(table);
  own.name = "[guest]";
  own.vcenters = read_vcenters(table, vcenters);
  own.reads_report = guest.probe == ProbePolicy::kReport;
  if (own.reads_report) refuse_login(table, own);
  require_vcenter(table, own, vcenters);
  if (own.reads_report || !own.username.empty()) {
    guest.rules.push_back(std::move(own));
  } else {
    table.refuse("vcenter", "vcenter says whose guests get the login of [guest], which has none");
  }
}

void read_policy(ConfigTable& table, GuestConfig& guest) {
  // A baseline takes three readings within 14 days.
  constexpr std::chrono::days kLongestInterval{4};
  const std::string policy =
      table.one_of("probe", "all", {"all", "ballooned", "adaptive", "guestinfo"});
  guest.probe = policy == "all"         ? ProbePolicy::kAll
                : policy == "ballooned" ? ProbePolicy::kBallooned
                : policy == "adaptive"  ? ProbePolicy::kAdaptive
                                        : ProbePolicy::kReport;
  if (guest.probe != ProbePolicy::kAdaptive) {
    table.refuse("probe_interval", "probe_interval needs probe = \"adaptive\"");
    return;
  }
  guest.probe_interval = table.duration("probe_interval", guest.probe_interval);
  if (guest.probe_interval > kLongestInterval) {
    table.complain_about("probe_interval",
                         "probe_interval must be at most \"4d\": a baseline is learned from three "
                         "readings within 14 days");
  }
}

std::vector<model::Channel> read_channels(ConfigTable& table) {
  using model::Channel;
  const std::string first = table.one_of("channel", "auto", {"auto", "file", "guestinfo"});
  if (first == "file") return {Channel::kFile};
  if (first == "guestinfo") return {Channel::kGuestinfo, Channel::kFile};
  return {Channel::kFile, Channel::kGuestinfo};
}

}  // namespace

GuestConfig read_guest(ConfigTable table, const Vcenters& vcenters) {
  GuestConfig guest;
  for (auto& entry : table.tables("override")) {
    guest.rules.push_back(read_override(entry, vcenters));
    guest.rules.back().name = fmt::format("override {}", guest.rules.size());
  }
  read_policy(table, guest);
  read_default(table, vcenters, guest);
  guest.channels = read_channels(table);
  guest.longest_report_age = table.duration("longest_report_age", guest.longest_report_age);
  guest.concurrency = static_cast<std::size_t>(table.number("concurrency", 64, 1, 4096));
  guest.concurrency_per_host =
      static_cast<std::size_t>(table.number("concurrency_per_host", 8, 1, 256));
  guest.deadline = table.duration("deadline", seconds(60));
  table.finish();
  return guest;
}

}  // namespace ballast::collector
