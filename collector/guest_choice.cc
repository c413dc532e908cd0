#include "collector/guest_choice.h"

#include <utility>

#include "collector/adaptive_policy.h"
#include "collector/guest_breaker.h"

namespace ballast::collector {

namespace {

using model::UnknownReason;
using model::VmView;

const std::string& identity(const std::string& instance_uuid, const std::string& moref) {
  return instance_uuid.empty() ? moref : instance_uuid;
}

}  // namespace

model::VmResult unread(VmView vm, Unread why) {
  model::VmResult result;
  result.vm = std::move(vm);
  result.judgement = model::unknown(why.reason);
  result.detail = std::move(why.detail);
  result.setback = std::move(why.setback);
  return result;
}

Awaitable<std::optional<Error>> GuestChoice::prepare(Vcenter& vcenter, SampleStore& store,
                                                     ScanId scan, UtcTime now) {
  auto setbacks = co_await store.login_setbacks();
  if (!setbacks) co_return std::move(setbacks.error());
  logins_ = LoginGuard(std::move(*setbacks), retry_all_, now);
  auto records = co_await store.guest_records(scan, now - model::kHistoryWindow);
  if (!records) co_return std::move(records.error());
  remember(std::move(*records));
  if (!needs_folders(rules_)) co_return std::nullopt;
  auto folders = co_await vcenter.folders();
  if (!folders) {
    co_return during(std::move(folders.error()),
                     "reading the folders that [[guest.override]] chooses logins by");
  }
  folders_ = FolderPaths(std::move(*folders));
  co_return std::nullopt;
}

void GuestChoice::remember(std::vector<model::GuestRecord> records) {
  for (auto& record : records) {
    std::string key = identity(record.instance_uuid, record.moref);
    records_.insert_or_assign(std::move(key), std::move(record));
  }
}

const model::GuestRecord* GuestChoice::record_of(const VmView& vm) const {
  const auto known = records_.find(identity(vm.instance_uuid, vm.moref));
  return known == records_.end() ? nullptr : &known->second;
}

Unread GuestChoice::left_out(UnknownReason reason, const GuestBackground& background) const {
  if (reason != UnknownReason::kNoCredentials || !needs_folders(rules_) || background.folder) {
    return {reason, {}, {}};
  }
  return {reason,
          "which login is for it cannot be told, because its folder is not known (a VM in a vApp "
          "has none). Try: an override with vm, above those with folder",
          {}};
}

GuestChoice::Choice GuestChoice::choose(const VmView& vm, UtcTime now) const {
  const auto* record = record_of(vm);
  GuestBackground background;
  if (needs_folders(rules_)) background.folder = folders_.path_of(vm.folder_moref);
  if (rules_.probe_interval) background.is_due = is_due(vm, record, *rules_.probe_interval, now);
  const auto selection = select_guest(vm, rules_, background);
  if (const auto* reason = std::get_if<UnknownReason>(&selection)) {
    return left_out(*reason, background);
  }
  const auto* login = std::get<const GuestCredentials*>(selection);
  if (!retry_all_ && record != nullptr && record->setback &&
      is_left_alone(*record->setback, login->username, now)) {
    return Unread{record->setback->reason, describe(*record->setback), record->setback};
  }
  if (logins_.turn_of(login->username) == LoginGuard::Turn::kSuspended) {
    return suspended(login->username);
  }
  return login;
}

Unread GuestChoice::failed(const VmView& vm, const std::string& username, UnknownReason reason,
                           std::string detail, UtcTime now) const {
  const auto* record = record_of(vm);
  const auto before = record == nullptr ? std::nullopt : record->setback;
  return {reason, std::move(detail), setback_after(before, reason, username, now)};
}

Unread GuestChoice::suspended(const std::string& username) const {
  return {UnknownReason::kLoginSuspended, logins_.why_suspended(username), {}};
}

}  // namespace ballast::collector
