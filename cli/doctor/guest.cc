#include "cli/doctor/guest.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "collector/probe/guest_report.h"
#include "collector/probe/guestinfo_text.h"

namespace ballast::cli {
namespace {

using Clock = std::chrono::steady_clock;
using collector::GuestCredentials;
using collector::GuestProcess;

enum class Step { kCreate, kStart, kWait, kFetch, kEnd, kDelete };

struct Record {
  Clock::time_point began;
  Clock::time_point ended;
  bool done = false;  // as it should
  std::string detail;
  std::optional<Error> error;
};

// Passes every call on, and notes how long it took and what came of it.
class RecordingGuests : public collector::GuestOperations {
 public:
  explicit RecordingGuests(collector::GuestOperations& guests) : guests_(guests) {}

  Awaitable<Result<std::string>> create_temporary_file(std::string vm, GuestCredentials who,
                                                       std::string prefix,
                                                       std::string suffix) override {
    auto call = guests_.create_temporary_file(std::move(vm), std::move(who), std::move(prefix),
                                              std::move(suffix));
    auto file = co_await noted(Step::kCreate, std::move(call));
    if (file) records_[Step::kCreate].detail = *file;
    co_return file;
  }

  Awaitable<Result<std::int64_t>> start_program(std::string vm, GuestCredentials who,
                                                std::string path, std::string arguments,
                                                std::vector<Secret> environment) override {
    std::string program = path;
    auto call = guests_.start_program(std::move(vm), std::move(who), std::move(path),
                                      std::move(arguments), std::move(environment));
    const auto pid = co_await noted(Step::kStart, std::move(call));
    if (pid) records_[Step::kStart].detail = fmt::format("{}, process {}", program, *pid);
    co_return pid;
  }

  Awaitable<Result<std::optional<GuestProcess>>> process(std::string vm, GuestCredentials who,
                                                         std::int64_t pid) override {
    ++looks_;
    auto call = guests_.process(std::move(vm), std::move(who), pid);
    auto process = co_await noted(Step::kWait, std::move(call));
    auto& record = records_[Step::kWait];
    // The pauses between two looks belong to it as well.
    record.began = records_[Step::kStart].ended;
    record.done =
        process && *process && (*process)->ended && (*process)->exit_code.value_or(0) == 0;
    if (record.done)
      record.detail = fmt::format("it ended well; asked {}", counted(looks_, "time"));
    co_return process;
  }

  Awaitable<Status> terminate_process(std::string vm, GuestCredentials who,
                                      std::int64_t pid) override {
    records_[Step::kEnd].detail = fmt::format("process {}", pid);
    auto call = guests_.terminate_process(std::move(vm), std::move(who), pid);
    co_return co_await noted(Step::kEnd, std::move(call));
  }

  Awaitable<Result<std::string>> read_file(std::string vm, GuestCredentials who, std::string path,
                                           std::string host_thumbprint,
                                           std::size_t max_bytes) override {
    auto call = guests_.read_file(std::move(vm), std::move(who), std::move(path),
                                  std::move(host_thumbprint), max_bytes);
    auto text = co_await noted(Step::kFetch, std::move(call));
    if (text) {
      records_[Step::kFetch].detail = format_size(kib_from_bytes(std::ssize(*text)));
    }
    co_return text;
  }

  Awaitable<Status> delete_file(std::string vm, GuestCredentials who, std::string path) override {
    records_[Step::kDelete].detail = path;
    auto call = guests_.delete_file(std::move(vm), std::move(who), std::move(path));
    co_return co_await noted(Step::kDelete, std::move(call));
  }

  [[nodiscard]] const Record* find(Step step) const {
    const auto found = records_.find(step);
    return found == records_.end() ? nullptr : &found->second;
  }

 private:
  // Also when the call is given up, which throws.
  struct NotesEnd {
    Record& record;
    ~NotesEnd() { record.ended = Clock::now(); }
  };

  template <class T>
  Awaitable<Result<T>> noted(Step step, Awaitable<Result<T>> call) {
    Record& record = records_[step];
    record.began = Clock::now();
    const NotesEnd at_end{record};
    auto answer = co_await std::move(call);
    record.done = answer.has_value();
    record.error = answer ? std::nullopt : std::optional(answer.error());
    co_return answer;
  }

  collector::GuestOperations& guests_;
  std::map<Step, Record> records_;
  int looks_ = 0;
};

std::string_view name_of(Step step) {
  switch (step) {
    case Step::kCreate:
      return kGuestChecks[0];
    case Step::kStart:
      return kGuestChecks[1];
    case Step::kWait:
      return kGuestChecks[2];
    case Step::kFetch:
      return kGuestChecks[3];
    case Step::kEnd:
      return "guest: end program";
    case Step::kDelete:
      break;
  }
  return kGuestChecks[4];
}

Check check_of(Step step, const Record* record) {
  Check check{{}, std::string(name_of(step))};
  if (record == nullptr) return check;
  check.detail = record->detail;
  check.took = std::chrono::duration_cast<std::chrono::milliseconds>(record->ended - record->began);
  return check;
}

// The step at which the probe ended early.
std::optional<Step> failed_step(const RecordingGuests& guests) {
  for (const auto step : {Step::kCreate, Step::kStart, Step::kWait, Step::kFetch}) {
    const auto* record = guests.find(step);
    if (record == nullptr || !record->done) return step;
  }
  return std::nullopt;
}

// The output came through the hypervisor: there was no file.
void add_guestinfo_steps(const RecordingGuests& guests, CheckList& list) {
  for (const auto step : {Step::kCreate, Step::kStart, Step::kWait, Step::kFetch}) {
    const auto* record = guests.find(step);
    if (step == Step::kStart && record != nullptr) {
      list.add(check_of(step, record));
    } else {
      list.skip(name_of(step), "not needed: the output came by guestinfo");
    }
  }
}

void add_steps(const RecordingGuests& guests, const collector::ProbeOutcome& outcome,
               CheckList& list) {
  if (outcome.channel == model::Channel::kGuestinfo) return add_guestinfo_steps(guests, list);
  const auto failed = failed_step(guests);
  for (const auto step : {Step::kCreate, Step::kStart, Step::kWait, Step::kFetch}) {
    if (failed && step > *failed) {
      list.skip(name_of(step), fmt::format("not tried: {} failed", name_of(*failed)));
      continue;
    }
    const auto* record = guests.find(step);
    auto check = check_of(step, record);
    if (step == failed) {
      const bool refused = record != nullptr && record->error;
      check.state = CheckState::kFailed;
      check.detail = refused ? record->error->message : outcome.detail;
      check.hint = refused && !record->error->hint.empty()
                       ? record->error->hint
                       : std::string(model::remedy(outcome.reason));
    }
    list.add(std::move(check));
  }
}

// What the probe leaves to the log, because a scan goes on without it.
void add_clean_up(Step step, const RecordingGuests& guests, const std::string& hint,
                  CheckList& list) {
  const auto* record = guests.find(step);
  if (record == nullptr) return;
  auto check = check_of(step, record);
  if (!record->done) {
    check.state = CheckState::kFailed;
    check.detail = fmt::format("{} is left in the guest: {}", record->detail,
                               record->error ? record->error->message : "no answer in time");
    check.hint = hint;
  }
  list.add(std::move(check));
}

void say_what_was_read(const collector::Understood& guest, const std::string& name, Check& check) {
  if (guest) {
    check.detail = fmt::format("{}: Linux {}, {} unaccounted of {}", name, guest->kernel_release,
                               format_size(guest->account.unaccounted_kib),
                               format_size(guest->account.mem_total_kib));
    return;
  }
  const auto& why = guest.error();
  check.state = CheckState::kFailed;
  check.detail =
      fmt::format("{}: {}", name, why.detail.empty() ? model::describe(why.reason) : why.detail);
  check.hint = model::remedy(why.reason);
}

// The probe as a whole: what was found, or that nothing was.
Check sum_up(const model::VmView& vm, const collector::ProbeOutcome& outcome) {
  const std::string& name = vm.name;
  Check check{{}, std::string(kGuestChecks.back())};
  if (outcome.reason != model::UnknownReason::kNone) {
    check.state = CheckState::kFailed;
    check.detail = fmt::format("{}: {}", name, model::describe(outcome.reason));
    check.hint = fmt::format("put right the step above, then: ballast doctor --guest \"{}\"", name);
    return check;
  }
  say_what_was_read(collector::understand_guest(outcome.output, vm, now_utc()), name, check);
  return check;
}

}  // namespace

Awaitable<void> check_guest(collector::GuestOperations& guests, model::VmView vm,
                            collector::ProbeTarget target, collector::ProbeOptions options,
                            CheckList& list) {
  RecordingGuests recording(guests);
  const auto began = Clock::now();
  const auto outcome = co_await collector::probe_guest(recording, std::move(target), options);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  add_steps(recording, outcome, list);
  add_clean_up(Step::kEnd, recording, "end the process by hand, or restart vmtoolsd in the guest",
               list);
  add_clean_up(Step::kDelete, recording, "delete the file by hand", list);
  if (recording.find(Step::kDelete) == nullptr) {
    list.skip(name_of(Step::kDelete), "there is no file");
  }
  auto sum = sum_up(vm, outcome);
  sum.took = took;
  list.add(std::move(sum));
}

Awaitable<void> check_report(collector::Vcenter& vcenter, model::VmView vm,
                             std::chrono::milliseconds longest_age, CheckList& list) {
  list.begin();
  std::vector<std::string> vms = {vm.moref};
  std::string key(collector::kReportKey);
  const auto told = co_await vcenter.guestinfo(std::move(vms), std::move(key));
  Check check{{}, "guest report"};
  say_what_was_read(collector::understand_report(told, vm, now_utc(), longest_age), vm.name, check);
  list.add(std::move(check));
}

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
