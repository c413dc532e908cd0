// The path of a VM's folder, "Datacenter/Folder/Subfolder", as login rules name it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/login_guard.h"
#include "collector/ports.h"
#include "model/inventory.h"
#include "model/judged_guest.h"
#include "model/setback.h"
#include "model/verdict.h"

namespace ballast::collector {

class FolderPaths {
 public:
  FolderPaths() = default;
  explicit FolderPaths(std::vector<model::Folder> folders);

  // nullopt where it cannot be told: `moref` is "", it or a folder above it is not known, or they
  // go round in a circle.
  [[nodiscard]] std::optional<std::string> path_of(const std::string& moref) const;

 private:
  std::map<std::string, model::Folder> folders_;  // by moref
};

// The adaptive probe policy: guests with a balloon are read at every scan, the others now and then,
// to learn what they leave unaccounted. Pure rules.

// Whether the guest is to be read by a scan at `now`. `record` counts the reads of
// model::kHistoryWindow; null: it was never read. Guests without a balloon are spread over
// `interval` (at least 1 s) by their identity, each at a time of its own.
[[nodiscard]] bool is_due(const model::VmView& vm, const model::GuestRecord* record,
                          std::chrono::seconds interval, UtcTime now);

// Which VMs of a listing are probed, with which login, and what is said of the others.

// A login for the guests that match all patterns; the password has been fetched. Shell patterns,
// ignoring case; "" matches everything.
struct GuestLoginRule {
  std::string vm;
  std::string folder;  // "Datacenter/Folder"; "*" goes across "/"
  std::string guest_family;
  bool skip = false;
  GuestCredentials credentials;
};

struct SelectionRules {
  std::vector<GuestLoginRule> logins;  // first match wins
  bool only_ballooned = false;
  // The adaptive policy: how often guests without a balloon are read; nullopt: at every scan.
  std::optional<std::chrono::seconds> probe_interval;
};

// Whether folders have to be known to choose a login.
[[nodiscard]] bool needs_folders(const SelectionRules& rules);

// What is known of a guest beside its VmView.
struct GuestBackground {
  std::optional<std::string> folder;  // the path of its folder
  bool is_due = true;                 // by the adaptive policy
};

// Either the login to probe with (an element of the rules), or why the guest is not probed.
using Selection = std::variant<const GuestCredentials*, model::UnknownReason>;

// Pure. What can be known without asking the guest is decided here, the cheapest reason first.
// A guest for which it cannot be told whether a rule matches gets no login: that of a later rule
// may be meant for others.
[[nodiscard]] Selection select_guest(const model::VmView& vm, const SelectionRules& rules,
                                     const GuestBackground& background = {});

// Whom one scan probes, and with which login: the rules of the configuration, and what earlier
// scans and the guests asked so far have shown.

// Why a guest has not been read.
struct Unread {
  model::UnknownReason reason = model::UnknownReason::kNone;
  std::string detail;  // the whole sentence; "" where the reason says it all
  std::optional<model::Setback> setback;
};

[[nodiscard]] model::JudgedGuest unread(model::VmView vm, Unread why);

class GuestChoice {
 public:
  // `retry_all`: guests and logins that are left alone for a while are tried all the same.
  GuestChoice(SelectionRules rules, bool retry_all)
      : rules_(std::move(rules)), retry_all_(retry_all) {}

  // Asks for what the choice depends on. What comes back must end the scan: a guest could get a
  // login that is meant for others, or once too often.
  Awaitable<std::optional<Error>> prepare(Vcenter& vcenter, SampleStore& store, ScanId scan,
                                          UtcTime now);

  // The login to probe with (lives as long as this), or why not.
  using Choice = std::variant<const GuestCredentials*, Unread>;
  [[nodiscard]] Choice choose(const model::VmView& vm, UtcTime now) const;

  // What is said of a guest whose probe failed.
  [[nodiscard]] Unread failed(const model::VmView& vm, const std::string& username,
                              model::UnknownReason reason, std::string detail, UtcTime now) const;
  // What is said of a guest that has waited for a login which was suspended meanwhile.
  [[nodiscard]] Unread suspended(const std::string& username) const;

  [[nodiscard]] LoginGuard& logins() { return logins_; }

 private:
  [[nodiscard]] const model::GuestRecord* record_of(const model::VmView& vm) const;
  [[nodiscard]] Unread left_out(model::UnknownReason reason,
                                const GuestBackground& background) const;
  void remember(std::vector<model::GuestRecord> records);

  SelectionRules rules_;
  bool retry_all_;
  FolderPaths folders_;
  std::unordered_map<std::string, model::GuestRecord> records_;  // by instance UUID, else moref
  LoginGuard logins_;
};

}  // namespace ballast::collector
