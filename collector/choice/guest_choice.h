// Whom one scan probes, with which login, and what is said of the others: by the rules of the
// configuration, by what earlier scans have shown, and by the guests that this scan asked so far.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/choice/guest_pattern.h"
#include "collector/choice/login_guard.h"
#include "collector/ports/guest_operations.h"
#include "collector/ports/sample_store.h"
#include "collector/ports/vcenter.h"
#include "model/inventory.h"
#include "model/judged_guest.h"
#include "model/setback.h"
#include "model/verdict.h"

namespace ballast::collector {

// What is done with the guests of one pattern; where that is a login, its password has been fetched.
struct GuestLoginRule {
  GuestPattern who;
  bool skip = false;
  GuestCredentials credentials = {};
  bool reads_report = false;  // these guests report on their own: no login is used
  std::string name = {};      // what messages call it: "override 2"
};

struct SelectionRules {
  std::vector<GuestLoginRule> logins;  // the first match wins
  // When a login's password was changed, by user name, as far as is known: what failed before says
  // nothing about it.
  std::map<std::string, UtcTime> passwords_since;
  bool only_ballooned = false;
  // The adaptive policy: how often guests without a balloon are read; nullopt: at every scan.
  std::optional<std::chrono::seconds> probe_interval;
};

// Tell what must be known beside the VMs to choose a login.
[[nodiscard]] bool needs_folders(const SelectionRules& rules);
[[nodiscard]] std::vector<std::string> needed_tags(const SelectionRules& rules);

// Asks a vCenter for what the rules go by, hosts aside, and for nothing else. What cannot be read is
// no error: the guests that depend on it get no login. The references must outlive the call.
Awaitable<void> read_guest_facts(Vcenter& vcenter, const SelectionRules& rules, GuestFacts& facts);

// Tells whether the adaptive policy wants this guest to be read by a scan at `now`. Guests with a
// balloon are read at every scan. The others are read once in each `interval` (at least 1 s), to
// learn what they leave unaccounted; each has a time of its own, by its identity, so that they are
// spread over the interval. `record` has the reads of model::kHistoryWindow; null if it was never
// read. Pure.
[[nodiscard]] bool is_due(const model::VmView& vm, const model::GuestRecord* record,
                          std::chrono::seconds interval, UtcTime now);

// The guest is not probed: it reports on its own (kReportKey).
struct OwnReport {};

// Either the rule with the login to probe with, or that there is a report, or why the guest is not
// read.
using Selection = std::variant<const GuestLoginRule*, OwnReport, model::UnknownReason>;

// Decides what can be known without asking the guest, the cheapest reason first. Appliances are
// left out unless a rule names them by `vm` or `instance_uuid`. Where it cannot be told whether a
// rule matches, the guest gets no login: that of a later rule may be meant for others. `is_due`: by
// the adaptive policy. Pure.
[[nodiscard]] Selection select_guest(const model::VmView& vm, const SelectionRules& rules,
                                     const GuestFacts& facts = {}, bool is_due = true);

// Returns why it cannot be told which rule is for the guest; nullopt where it can. Pure.
[[nodiscard]] std::optional<Undecided> why_no_rule(const model::VmView& vm,
                                                   const SelectionRules& rules,
                                                   const GuestFacts& facts);

// Why a guest has not been read.
struct Unread {
  model::UnknownReason reason = model::UnknownReason::kNone;
  std::string detail;  // the whole sentence; "" where the reason says it all
  std::optional<model::Setback> setback;
};

// Makes the result of a VM that was not read.
[[nodiscard]] model::JudgedGuest unread(model::VmView vm, Unread why);

// Chooses for one scan. Used from one thread.
class GuestChoice {
 public:
  // `retry_all`: also try guests and logins that are to be left alone for a while.
  GuestChoice(SelectionRules rules, bool retry_all)
      : rules_(std::move(rules)), retry_all_(retry_all) {}

  // Sets the hosts of the vCenter, by moref, for rules that go by them.
  void know_hosts(std::map<std::string, model::Host> hosts) { facts_.hosts = std::move(hosts); }
  // Asks store and vCenter for what the choice depends on. The scan must end if this returns an
  // error: without it a guest could be asked once too often. Folders and tags that cannot be read
  // are no error: the guests that need them get no login.
  Awaitable<std::optional<Error>> prepare(Vcenter& vcenter, SampleStore& store, ScanId scan,
                                          UtcTime now);

  // The login to probe with (lives as long as this object), or how else it is read, or why not.
  using Choice = std::variant<const GuestCredentials*, OwnReport, Unread>;
  [[nodiscard]] Choice choose(const model::VmView& vm, UtcTime now) const;

  // Tells whether the guest was read by an earlier scan, and has not refused its login since.
  [[nodiscard]] LoginGuard::Guest standing_of(const model::VmView& vm) const;

  // Returns what is said of a guest whose probe failed.
  [[nodiscard]] Unread failed(const model::VmView& vm, const std::string& username,
                              model::UnknownReason reason, std::string detail, UtcTime now) const;
  // Returns what is said of a guest that waited for a login which was suspended meanwhile.
  [[nodiscard]] Unread suspended(const std::string& username) const;

  [[nodiscard]] LoginGuard& logins() { return logins_; }

 private:
  [[nodiscard]] const model::GuestRecord* record_of(const model::VmView& vm) const;
  // Tells whether the login has had another password since then.
  [[nodiscard]] bool is_changed_since(const std::string& username, UtcTime then) const;
  [[nodiscard]] Unread left_out(model::UnknownReason reason, const model::VmView& vm) const;
  void remember(std::vector<model::GuestRecord> records);

  SelectionRules rules_;
  bool retry_all_;
  GuestFacts facts_;
  std::unordered_map<std::string, model::GuestRecord> records_;  // by instance UUID, else moref
  LoginGuard logins_;
};

}  // namespace ballast::collector
