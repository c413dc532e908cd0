#include "collector/scan.h"

#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "collector/ending.h"
#include "collector/probe/guest_choice.h"
#include "collector/probe/judge_guest.h"
#include "collector/probe/probe_queue.h"
#include "collector/result_writer.h"
#include "collector/scan_log.h"
#include "collector/vcenter_facts.h"

namespace ballast::collector {

namespace {

using model::JudgedGuest;
using model::ScanStatus;
using model::UnknownReason;
using model::VmView;

bool shows_silence(UnknownReason reason) {
  // A transfer begins with a call of vCenter's.
  return reason == UnknownReason::kVcenterFailed || reason == UnknownReason::kTimedOut ||
         reason == UnknownReason::kTransferFailed;
}

LoginGuard::Answer answer_to_login(const ProbeOutcome& outcome) {
  if (outcome.reason == UnknownReason::kInvalidGuestLogin) return LoginGuard::Answer::kRefused;
  return outcome.login_taken ? LoginGuard::Answer::kTaken : LoginGuard::Answer::kNone;
}

}  // namespace

class Scan::Impl {
 public:
  Impl(boost::asio::any_io_executor executor, Vcenter& vcenter, SampleStore& store,
       ScanObserver& observer, ScanOptions options)
      : vcenter_(vcenter),
        store_(store),
        observer_(observer),
        options_(std::move(options)),
        choice_(std::move(options_.selection), options_.retry_all),
        queue_(options_.concurrency, options_.concurrency_per_host),
        ending_(executor, options_.stop_patience),
        tasks_(std::move(executor)) {}

  Awaitable<ScanSummary> run();
  void stop();

 private:
  Awaitable<void> scan_into_store();
  Awaitable<std::optional<Error>> prepare();
  Awaitable<void> list();
  Awaitable<void> read_pages(VmPages& pages);
  Awaitable<void> let_new_guests_try();
  Awaitable<void> take_page(std::vector<VmView> page);
  void tell_apart(VmView& vm);
  Awaitable<void> probe(PendingProbe pending);
  Awaitable<void> leave_out(PendingProbe pending, Unread why);
  void let_in(const std::string& username);
  void bring_back(const std::string& username);
  void note_host(const std::string& host, const ProbeOutcome& outcome);
  Awaitable<void> note_login(const PendingProbe& pending, const ProbeOutcome& outcome);
  void probe_failed(UnknownReason reason, TimePoint began);
  Awaitable<void> ask_vcenter();
  Awaitable<void> take_output(PendingProbe pending, const std::string& output);
  Awaitable<void> keep_failed(PendingProbe pending, UnknownReason reason, std::string detail);
  Awaitable<void> keep_all(std::vector<model::JudgedGuest> results);
  Awaitable<void> leave_out_unstarted();
  Awaitable<void> keep(model::JudgedGuest result);
  Awaitable<void> finish();
  Awaitable<void> start_probes();
  [[nodiscard]] bool may_probe() const;
  void end_early();
  void fail_with(Error error);
  [[nodiscard]] ScanStatus status() const;

  Vcenter& vcenter_;
  SampleStore& store_;
  ScanObserver& observer_;
  ScanOptions options_;
  GuestChoice choice_;
  ProbeQueue queue_;
  Ending ending_;
  TaskGroup tasks_;
  std::optional<ResultWriter> writer_;
  std::optional<GuestJudge> judge_;
  std::optional<ScanLog> log_;
  std::optional<VcenterFacts> facts_;
  TimePoint answered_at_{};                          // when vCenter last showed that it is there
  bool asking_vcenter_ = false;                      // whether it is still there
  std::optional<Error> silence_;                     // once vCenter stopped answering
  std::set<std::string> served_hosts_;               // morefs; guests' files came from there
  std::map<std::string, std::string> closed_hosts_;  // moref -> why no file can come from there
  std::unordered_map<std::string, std::string> morefs_;  // by instance UUID, of what was listed
  bool stopped_ = false;
  bool over_ = false;
  bool listed_all_ = false;
  UtcTime started_{};
  ScanSummary summary_;
};

Awaitable<ScanSummary> Scan::Impl::run() {
  started_ = now_utc();
  summary_.vcenter = options_.vcenter_name;
  ScanStart start{options_.vcenter_name, options_.vcenter_url, started_};
  auto scan = co_await store_.begin_scan(std::move(start));
  if (scan) {
    summary_.scan = *scan;
    writer_.emplace(store_, *scan, options_.batch);
    facts_.emplace(vcenter_, store_, observer_, options_.vcenter_name, *scan);
    log_.emplace(options_.vcenter_name, *scan);
    log_->begun();
    co_await scan_into_store();
  } else {
    fail_with(std::move(scan.error()));
  }
  over_ = true;
  summary_.duration = now_utc() - started_;
  if (log_) log_->ended(summary_);
  co_return summary_;
}

Awaitable<void> Scan::Impl::scan_into_store() {
  if (!stopped_) tasks_.spawn(list());
  co_await tasks_.join();
  if (judge_) {
    auto results = co_await judge_->judge_gathered();
    co_await keep_all(std::move(results));
  }
  // Each VM gets a result, also those whose turn never came.
  co_await leave_out_unstarted();
  auto goodbye = vcenter_.disconnect();
  Deadline end(ending_.all());
  co_await finish_by(end, std::move(goodbye));
  co_await writer_->flush();
  if (writer_->error()) fail_with(*writer_->error());
  co_await finish();
}

// Does everything that comes before the first VM. Returns what makes the scan end here, if
// anything.
Awaitable<std::optional<Error>> Scan::Impl::prepare() {
  if (auto error = co_await facts_->read()) co_return error;
  summary_.clock_ahead = facts_->clock_ahead();
  GuestJudge::Options judging{options_.vcenter_name, summary_.clock_ahead,
                              options_.counters_deadline, options_.longest_gathering};
  judge_.emplace(vcenter_, store_, *summary_.scan, ending_, std::move(judging));
  co_return co_await choice_.prepare(vcenter_, store_, *summary_.scan, now_utc());
}

Awaitable<void> Scan::Impl::list() {
  if (auto error = co_await prepare()) {
    fail_with(std::move(*error));
    co_return;
  }
  observer_.on_phase(options_.vcenter_name, "listing VMs");
  auto pages = co_await vcenter_.list_vms();
  if (!pages) {
    fail_with(std::move(pages.error()));
    co_return;
  }
  std::exception_ptr thrown;
  try {
    co_await read_pages(**pages);
  } catch (...) {
    thrown = std::current_exception();
  }
  // The server keeps an open listing, so it is closed whatever happened.
  co_await shield_from_cancellation();
  auto closing = (*pages)->close();
  Deadline end(ending_.clean_up());
  co_await finish_by(end, std::move(closing));
  if (thrown) std::rethrow_exception(thrown);
  co_await let_new_guests_try();
}

// Guests that never took a login wait for the end of the listing, however it ended.
Awaitable<void> Scan::Impl::let_new_guests_try() {
  choice_.logins().listing_ended();
  for (const auto& username : queue_.awaited_logins()) bring_back(username);
  co_await start_probes();
}

Awaitable<void> Scan::Impl::read_pages(VmPages& pages) {
  while (!stopped_ && !summary_.error) {
    auto page = co_await pages.next();
    if (!page) {
      if (page.error().code != ErrorCode::kCancelled) fail_with(std::move(page.error()));
      co_return;
    }
    if (page->empty()) {
      listed_all_ = true;
      observer_.on_phase(options_.vcenter_name, "probing guests");
      co_return;
    }
    summary_.listed += page->size();
    observer_.on_vms_listed(options_.vcenter_name, summary_.listed);
    co_await take_page(std::move(*page));
  }
}

// Two VMs can have one instance UUID: a copy on a stand-alone host, or one that a backup restored.
// The second one is known by its moref.
void Scan::Impl::tell_apart(VmView& vm) {
  if (vm.instance_uuid.empty()) return;
  const auto [first, is_new] = morefs_.emplace(vm.instance_uuid, vm.moref);
  if (is_new || first->second == vm.moref) return;
  log_->warn(
      fmt::format("{} ({}) has the instance UUID of {}, as a copy may: it is told apart by "
                  "its managed object id",
                  printable(vm.name, 80), printable(vm.moref, 80), printable(first->second, 80)));
  vm.instance_uuid.clear();
  vm.is_twin = true;
}

Awaitable<void> Scan::Impl::take_page(std::vector<VmView> page) {
  for (auto& vm : page) {
    tell_apart(vm);
    auto choice = choice_.choose(vm, now_utc());
    if (const auto* login = std::get_if<const GuestCredentials*>(&choice)) {
      const auto standing = choice_.standing_of(vm);
      if (standing == LoginGuard::Guest::kKnown) choice_.logins().expect_known((*login)->username);
      PendingProbe pending{std::move(vm), *login, standing};
      queue_.push(std::move(pending));
      continue;
    }
    // Kept now, not at the end: a fleet has far more VMs than should be in memory at once.
    auto result = unread(std::move(vm), std::move(std::get<Unread>(choice)));
    co_await keep(std::move(result));
  }
  co_await start_probes();
}

// A listing that was cut short is no reason to leave out the guests that it had.
bool Scan::Impl::may_probe() const {
  return !stopped_ && !silence_ && !writer_->error() && !asking_vcenter_;
}

Awaitable<void> Scan::Impl::start_probes() {
  LoginGuard& logins = choice_.logins();
  while (may_probe()) {
    auto pending = queue_.start_next();
    if (!pending) co_return;
    const std::string& username = pending->credentials->username;
    if (const auto closed = closed_hosts_.find(pending->vm.host_moref);
        closed != closed_hosts_.end()) {
      Unread why{UnknownReason::kTransferFailed, "not tried: " + closed->second, {}};
      co_await leave_out(std::move(*pending), std::move(why));
      continue;
    }
    switch (logins.turn_of(username, pending->guest)) {
      case LoginGuard::Turn::kNow:
        logins.started(username);
        observer_.on_probe_started(options_.vcenter_name);
        tasks_.spawn(probe(std::move(*pending)));
        break;
      case LoginGuard::Turn::kLater:
        queue_.put_aside(std::move(*pending));
        break;
      case LoginGuard::Turn::kSuspended: {
        auto why = choice_.suspended(username);
        co_await leave_out(std::move(*pending), std::move(why));
        break;
      }
    }
  }
}

// Keeps a guest whose turn has come, but who is not asked.
Awaitable<void> Scan::Impl::leave_out(PendingProbe pending, Unread why) {
  const std::string& username = pending.credentials->username;
  queue_.done(pending.vm.host_moref);
  choice_.logins().left_out(username, pending.guest);
  bring_back(username);
  auto result = unread(std::move(pending.vm), std::move(why));
  co_await keep(std::move(result));
}

// Lets those try who may now.
void Scan::Impl::bring_back(const std::string& username) {
  const LoginGuard& logins = choice_.logins();
  if (logins.is_settled(username)) {
    queue_.bring_all_back(username);
  } else {
    queue_.bring_back(username, logins.free_slots(username), logins.is_for_new_guests(username));
  }
}

Awaitable<void> Scan::Impl::probe(PendingProbe pending) {
  ProbeTarget target{pending.vm.moref, facts_->thumbprint_of(pending.vm.host_moref),
                     *pending.credentials, options_.vcenter_name, *summary_.scan};
  target.on_login_taken = [this, username = pending.credentials->username] { let_in(username); };
  target.on_failure = [this, began = TimePoint::clock::now()](UnknownReason reason) {
    probe_failed(reason, began);
  };
  auto outcome =
      co_await probe_guest(vcenter_.guests(), std::move(target), options_.probe, ending_);
  observer_.on_probe_ended(options_.vcenter_name);
  queue_.done(pending.vm.host_moref);
  note_host(pending.vm.host_moref, outcome);
  co_await note_login(pending, outcome);
  if (outcome.reason == UnknownReason::kNone) {
    answered_at_ = TimePoint::clock::now();
    // The free place is taken before this guest is judged, which may wait for the store.
    co_await start_probes();
    co_await take_output(std::move(pending), outcome.output);
  } else {
    co_await keep_failed(std::move(pending), outcome.reason, std::move(outcome.detail));
    co_await start_probes();
  }
}

// One guest has taken the login: the others need not wait for the end of its probe.
void Scan::Impl::let_in(const std::string& username) {
  LoginGuard& logins = choice_.logins();
  if (logins.is_taken(username)) return;
  logins.taken(username);
  bring_back(username);
  tasks_.spawn(start_probes());
}

// What a guest says of its login decides whether others are asked.
Awaitable<void> Scan::Impl::note_login(const PendingProbe& pending, const ProbeOutcome& outcome) {
  const std::string& username = pending.credentials->username;
  auto setback =
      choice_.logins().ended(username, pending.guest, answer_to_login(outcome), now_utc());
  bring_back(username);
  if (!setback) co_return;
  if (setback->failures > 0) log_->warn(choice_.suspended(username).detail);
  co_await writer_->add_at_once(std::move(*setback));
}

// A host whose port cannot be reached keeps each of its guests waiting as long, and none gets read.
void Scan::Impl::note_host(const std::string& host, const ProbeOutcome& outcome) {
  if (outcome.reason == UnknownReason::kNone) {
    served_hosts_.insert(host);
    closed_hosts_.erase(host);
  } else if (outcome.is_host_unreachable && !served_hosts_.contains(host)) {
    closed_hosts_.emplace(host, outcome.detail);
  }
}

// A guest that does not answer, and a vCenter that has gone, look alike to one probe. Where nobody
// else was answered meanwhile, vCenter itself is asked.
void Scan::Impl::probe_failed(UnknownReason reason, TimePoint began) {
  if (reason == UnknownReason::kCancelled) return;
  if (!shows_silence(reason)) {
    answered_at_ = TimePoint::clock::now();
  } else if (answered_at_ <= began && may_probe()) {
    asking_vcenter_ = true;
    tasks_.spawn(ask_vcenter());
  }
}

// No probe starts while it is asked.
Awaitable<void> Scan::Impl::ask_vcenter() {
  auto question = vcenter_.current_time();
  Deadline end(ending_.calls(), from_now(options_.answer_deadline));
  const auto answer = co_await finish_by(end, std::move(question));
  asking_vcenter_ = false;
  if (stopped_) co_return;
  if (answer && *answer) {
    answered_at_ = TimePoint::clock::now();
    co_await start_probes();
    co_return;
  }
  const Error late{
      ErrorCode::kTimeout, "no answer within " + format_duration(options_.answer_deadline), {}, {}};
  silence_ = during(answer ? answer->error() : late,
                    options_.vcenter_name + ": vCenter stopped answering while guests were probed");
  fail_with(*silence_);
  end_early();
}

Awaitable<void> Scan::Impl::keep_failed(PendingProbe pending, UnknownReason reason,
                                        std::string detail) {
  if (reason == UnknownReason::kCancelled && silence_) {
    reason = UnknownReason::kVcenterFailed;
    detail = silence_->sentence();
  }
  auto why = choice_.failed(pending.vm, pending.credentials->username, reason, std::move(detail),
                            now_utc());
  auto result = unread(std::move(pending.vm), std::move(why));
  co_await keep(std::move(result));
}

Awaitable<void> Scan::Impl::take_output(PendingProbe pending, const std::string& output) {
  auto guest = understand_guest(output, now_utc());
  if (!guest) {
    co_await keep_failed(std::move(pending), UnknownReason::kOutputUnreadable,
                         guest.error().sentence());
    co_return;
  }
  ReadGuest read{std::move(pending.vm), std::move(*guest)};
  auto results = co_await judge_->add(std::move(read));
  co_await keep_all(std::move(results));
}

Awaitable<void> Scan::Impl::keep_all(std::vector<model::JudgedGuest> results) {
  for (auto& result : results) co_await keep(std::move(result));
}

Awaitable<void> Scan::Impl::leave_out_unstarted() {
  while (auto pending = queue_.take_unstarted()) {
    Unread why{UnknownReason::kCancelled, "the scan ended before this guest's turn", {}};
    if (silence_) why = {UnknownReason::kVcenterFailed, silence_->sentence(), {}};
    auto result = unread(std::move(pending->vm), std::move(why));
    co_await keep(std::move(result));
  }
}

// A refused login is written at once: after a crash the guest would be asked again too soon.
Awaitable<void> Scan::Impl::keep(model::JudgedGuest result) {
  count(summary_, result);
  observer_.on_result(options_.vcenter_name, result);
  log_->kept(result);
  if (result.setback && result.setback->last_try >= started_ &&
      result.setback->reason == UnknownReason::kInvalidGuestLogin) {
    co_await writer_->add_at_once(std::move(result));
  } else {
    co_await writer_->add(std::move(result));
  }
  if (writer_->error() && !summary_.error) {
    fail_with(*writer_->error());
    stop();
  }
}

// The first error is the cause; later ones are often only its consequence.
void Scan::Impl::fail_with(Error error) {
  if (!summary_.error) summary_.error = std::move(error);
}

ScanStatus Scan::Impl::status() const {
  const bool store_broke = writer_->error().has_value();
  if (store_broke || (summary_.listed == 0 && !listed_all_)) return ScanStatus::kFailed;
  return listed_all_ && !stopped_ && !summary_.error ? ScanStatus::kComplete : ScanStatus::kPartial;
}

Awaitable<void> Scan::Impl::finish() {
  if (stopped_) {
    fail_with(
        Error{ErrorCode::kCancelled, options_.vcenter_name + ": the scan was stopped", {}, {}});
  }
  summary_.status = status();
  ScanEnd end{summary_.status, now_utc(), summary_.error ? summary_.error->sentence() : ""};
  auto finished = co_await store_.finish_scan(*summary_.scan, std::move(end));
  if (!finished) {
    summary_.status = ScanStatus::kFailed;
    fail_with(std::move(finished.error()));
  }
}

void Scan::Impl::stop() {
  if (over_) return;
  stopped_ = true;
  end_early();
}

void Scan::Impl::end_early() {
  ending_.begin();
  vcenter_.hurry(std::chrono::steady_clock::now() + options_.stop_patience);
  tasks_.cancel();
}

Scan::Scan(boost::asio::any_io_executor executor, Vcenter& vcenter, SampleStore& store,
           ScanObserver& observer, ScanOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor), vcenter, store, observer,
                                   std::move(options))) {}

Scan::~Scan() = default;

Awaitable<ScanSummary> Scan::run() { co_return co_await impl_->run(); }

void Scan::stop() { impl_->stop(); }

}  // namespace ballast::collector
