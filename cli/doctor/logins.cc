#include "cli/doctor/logins.h"

#include <variant>

#include <fmt/format.h>

#include "base/words.h"

namespace ballast::cli {

namespace {

std::string rule_in_words(const collector::GuestLoginRule& rule) {
  const auto pattern = collector::describe(rule.who);
  return fmt::format("{}, {}", rule.name, pattern.empty() ? "all others" : pattern);
}

std::string counted_guests(std::size_t count) {
  return counted(static_cast<std::int64_t>(count), "guest");
}

}  // namespace

void LoginUses::note(const model::VmView& vm, const collector::Selection& selection) {
  if (const auto* rule = std::get_if<const collector::GuestLoginRule*>(&selection)) {
    ++guests_[*rule];
    return;
  }
  const auto* reason = std::get_if<model::UnknownReason>(&selection);
  if (reason == nullptr || *reason != model::UnknownReason::kNoCredentials) return;
  const auto undecided = collector::why_no_rule(vm, rules_, facts_);
  if (!undecided) return;
  if (++undecided_ == 1) why_undecided_ = fmt::format("{}: {}", vm.name, undecided->why);
}

// Whoever is handed a login can keep it, so that nobody should be surprised by who is.
void LoginUses::add_to(CheckList& list) const {
  bool has_any = false;
  for (const auto& rule : rules_.logins) {
    if (rule.skip || rule.reads_report) continue;
    has_any = true;
    const auto found = guests_.find(&rule);
    const LoginUse use{rule.credentials.username, rule_in_words(rule),
                       found == guests_.end() ? 0 : found->second};
    list.begin();
    auto& check =
        list.add(kGuestLoginCheck, CheckState::kOk,
                 fmt::format("{} ({}): {}", use.username, use.rule, counted_guests(use.guests)));
    check.login = use;
  }
  if (!has_any) list.skip(kGuestLoginCheck, "none is configured for the guests of this vCenter");
  if (undecided_ > 0) add_undecided(list);
}

void LoginUses::add_undecided(CheckList& list) const {
  list.begin();
  list.add(kGuestLoginCheck, CheckState::kWarning,
           fmt::format("{} without one, because it cannot be told which is for them: {}",
                       counted_guests(undecided_), why_undecided_),
           "an override with instance_uuid for them, above the others");
}

}  // namespace ballast::cli
