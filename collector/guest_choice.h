// Whom one scan probes, and with which login: the rules of the configuration, and what earlier
// scans and the guests asked so far have shown.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/folder_paths.h"
#include "collector/login_guard.h"
#include "collector/ports.h"
#include "collector/selection.h"
#include "model/vm_result.h"

namespace ballast::collector {

// Why a guest has not been read.
struct Unread {
  model::UnknownReason reason = model::UnknownReason::kNone;
  std::string detail;  // the whole sentence; "" where the reason says it all
  std::optional<model::Setback> setback;
};

[[nodiscard]] model::VmResult unread(model::VmView vm, Unread why);

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
