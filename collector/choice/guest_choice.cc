#include "collector/choice/guest_choice.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "collector/choice/guest_breaker.h"
#include "collector/scope/tags.h"
#include "model/history/judge_history.h"

namespace ballast::collector {

namespace {

using model::UnknownReason;
using model::VmView;
using std::chrono::milliseconds;

// What a VM is known by: its instance UUID, or its moref where vCenter gives none.
const std::string& identity(const std::string& instance_uuid, const std::string& moref) {
  return instance_uuid.empty() ? moref : instance_uuid;
}

}  // namespace

bool needs_folders(const SelectionRules& rules) {
  return std::any_of(rules.logins.begin(), rules.logins.end(), [](const GuestLoginRule& rule) {
    return !rule.who.folder.empty() || !rule.who.folder_ids.empty();
  });
}

std::vector<std::string> needed_tags(const SelectionRules& rules) {
  std::vector<std::string> patterns;
  for (const auto& rule : rules.logins) {
    patterns.insert(patterns.end(), rule.who.tags.begin(), rule.who.tags.end());
  }
  return patterns;
}

namespace {

Awaitable<void> read_tag_facts(Tagging& tagging, std::vector<std::string> patterns,
                               GuestFacts& facts) {
  auto asked_for = patterns;
  auto tags = co_await read_tags(tagging, std::move(asked_for));
  if (!tags) {
    facts.tags_error = std::move(tags.error());
    co_return;
  }
  for (const auto& pattern : patterns) {
    for (const auto& tag : *tags) {
      if (!matches_tag(pattern, tag)) continue;
      facts.tagged[pattern].insert(tag.vms.begin(), tag.vms.end());
    }
  }
}

}  // namespace

Awaitable<void> read_guest_facts(Vcenter& vcenter, const SelectionRules& rules, GuestFacts& facts) {
  if (needs_folders(rules)) {
    auto folders = co_await vcenter.folders();
    if (folders) {
      facts.folders = model::FolderPaths(*folders);
    } else {
      facts.folders_error = std::move(folders.error());
    }
  }
  auto patterns = needed_tags(rules);
  if (patterns.empty()) co_return;
  co_await read_tag_facts(vcenter.tagging(), std::move(patterns), facts);
}

namespace {

// So many readings a baseline is learned from; see judge_with_history().
constexpr std::size_t kReadsToLearn = 3;

// FNV-1a, which is the same in every build and version, so that a guest keeps its time.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1'099'511'628'211U;
  }
  return hash;
}

// Counts the guest's own intervals up to `time`. Its time has come where the count changes.
std::int64_t turn_at(UtcTime time, const model::VmView& vm, milliseconds interval) {
  const auto length = static_cast<std::uint64_t>(interval.count());
  const auto offset =
      static_cast<std::int64_t>(hash_of(identity(vm.instance_uuid, vm.moref)) % length);
  return (time.time_since_epoch().count() + offset) / interval.count();
}

}  // namespace

bool is_due(const VmView& vm, const model::GuestRecord* record, std::chrono::seconds interval,
            UtcTime now) {
  // Unset means unknown, not zero.
  if (vm.stats.balloon_kib != 0) return true;
  if (record == nullptr || record->reads < kReadsToLearn || !record->last_read) return true;
  const UtcTime last = *record->last_read;
  if (last > now) return true;  // the clock was set back
  const bool restarted =
      vm.stats.uptime_s && milliseconds(std::chrono::seconds(*vm.stats.uptime_s)) < now - last;
  return restarted || turn_at(last, vm, interval) != turn_at(now, vm, interval);
}

namespace {

UnknownReason why_not_reachable(const VmView& vm) {
  using model::ConnectionState;
  if (vm.connection != ConnectionState::kConnected && vm.connection != ConnectionState::kUnknown) {
    return UnknownReason::kVmUnavailable;
  }
  if (vm.power == model::PowerState::kPoweredOff) return UnknownReason::kPoweredOff;
  if (vm.power == model::PowerState::kSuspended) return UnknownReason::kSuspended;
  if (!model::is_linux(vm).value_or(true)) return UnknownReason::kNotLinux;
  return UnknownReason::kNone;
}

// The first rule that matches, or may.
struct FoundRule {
  const GuestLoginRule* rule = nullptr;
  Match match = Match::kNo;
};

FoundRule find_rule(const VmView& vm, const SelectionRules& rules, const GuestFacts& facts) {
  for (const auto& rule : rules.logins) {
    const auto found = match(rule.who, vm, facts);
    if (found != Match::kNo) return {&rule, found};
  }
  return {};
}

bool names_one(const GuestPattern& who) { return !who.vm.empty() || !who.instance_uuids.empty(); }

}  // namespace

Selection select_guest(const VmView& vm, const SelectionRules& rules, const GuestFacts& facts,
                       bool is_due) {
  if (const auto reason = why_not_reachable(vm); reason != UnknownReason::kNone) return reason;
  if (rules.only_ballooned && vm.stats.balloon_kib == 0) return UnknownReason::kNotSelected;
  if (!is_due) return UnknownReason::kNotSelected;
  const auto [rule, how] = find_rule(vm, rules, facts);
  const bool found = how == Match::kYes;
  if (found && rule->skip) return UnknownReason::kNotSelected;
  if (model::is_appliance(vm) && !(found && names_one(rule->who))) {
    return UnknownReason::kAppliance;
  }
  if (vm.tools == model::ToolsState::kNotRunning) return UnknownReason::kToolsNotRunning;
  if (found && rule->reads_report) return OwnReport();
  // Unset means that this server does not tell: then only trying shows.
  if (!vm.guest_operations_ready.value_or(true)) return UnknownReason::kGuestOperationsUnavailable;
  if (!found) return UnknownReason::kNoCredentials;
  return rule;
}

std::optional<Undecided> why_no_rule(const VmView& vm, const SelectionRules& rules,
                                     const GuestFacts& facts) {
  const auto [rule, how] = find_rule(vm, rules, facts);
  if (how != Match::kUndecided) return std::nullopt;
  return why_undecided(rule->who, vm, facts);
}

model::JudgedGuest unread(VmView vm, Unread why) {
  model::JudgedGuest result;
  result.vm = std::move(vm);
  result.judgement = model::unknown(why.reason);
  result.detail = std::move(why.detail);
  result.setback = std::move(why.setback);
  return result;
}

Awaitable<std::optional<Error>> GuestChoice::prepare(Vcenter& vcenter, SampleStore& store,
                                                     ScanId scan, UtcTime now) {
  auto setbacks = co_await store.login_setbacks(scan);
  if (!setbacks) co_return std::move(setbacks.error());
  for (auto& setback : *setbacks) {
    if (is_changed_since(setback.username, setback.last_try)) setback.next_try = now;
  }
  logins_ = LoginGuard(std::move(*setbacks), retry_all_, now);
  auto records = co_await store.guest_records(scan, now - model::kHistoryWindow);
  if (!records) co_return std::move(records.error());
  remember(std::move(*records));
  co_await read_guest_facts(vcenter, rules_, facts_);
  co_return std::nullopt;
}

void GuestChoice::remember(std::vector<model::GuestRecord> records) {
  for (auto& record : records) {
    std::string key = identity(record.instance_uuid, record.moref);
    records_.insert_or_assign(std::move(key), std::move(record));
  }
}

bool GuestChoice::is_changed_since(const std::string& username, UtcTime then) const {
  const auto known = rules_.passwords_since.find(username);
  return known != rules_.passwords_since.end() && known->second > then;
}

const model::GuestRecord* GuestChoice::record_of(const VmView& vm) const {
  const auto known = records_.find(identity(vm.instance_uuid, vm.moref));
  return known == records_.end() ? nullptr : &known->second;
}

Unread GuestChoice::left_out(UnknownReason reason, const VmView& vm) const {
  const auto undecided = reason == UnknownReason::kNoCredentials ? why_no_rule(vm, rules_, facts_)
                                                                 : std::optional<Undecided>();
  if (!undecided) return {reason, {}, {}};
  std::string detail = "which login is for it cannot be told: " + undecided->why;
  if (undecided->reason == UnknownReason::kNoCredentials) {
    detail += ". Try: an override with instance_uuid, above the others";
  }
  return {undecided->reason, std::move(detail), {}};
}

GuestChoice::Choice GuestChoice::choose(const VmView& vm, UtcTime now) const {
  const auto* record = record_of(vm);
  const bool due = !rules_.probe_interval || is_due(vm, record, *rules_.probe_interval, now);
  const auto selection = select_guest(vm, rules_, facts_, due);
  if (const auto* reason = std::get_if<UnknownReason>(&selection)) return left_out(*reason, vm);
  if (std::holds_alternative<OwnReport>(selection)) return OwnReport();
  const auto* login = &std::get<const GuestLoginRule*>(selection)->credentials;
  if (!retry_all_ && record != nullptr && record->setback &&
      is_left_alone(*record->setback, login->username, now) &&
      !(record->setback->reason == UnknownReason::kInvalidGuestLogin &&
        is_changed_since(login->username, record->setback->last_try))) {
    return Unread{record->setback->reason, describe(*record->setback), record->setback};
  }
  if (logins_.is_suspended(login->username)) {
    return suspended(login->username);
  }
  return login;
}

LoginGuard::Guest GuestChoice::standing_of(const VmView& vm) const {
  const auto* record = record_of(vm);
  const bool was_read = record != nullptr && record->probes > 0;
  const bool refuses =
      was_read && record->setback && record->setback->reason == UnknownReason::kInvalidGuestLogin;
  return was_read && !refuses ? LoginGuard::Guest::kKnown : LoginGuard::Guest::kNew;
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
