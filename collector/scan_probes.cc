// Of a scan: whom it probes when, and what becomes of it.
#include <utility>
#include <variant>

#include "base/text.h"
#include "base/time.h"
#include "collector/probe/guest_report.h"
#include "collector/scan_impl.h"

namespace ballast::collector {

using model::UnknownReason;

namespace {

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

// Guests that never took a login wait for the end of the listing, however it ended.
Awaitable<void> Scan::Impl::let_new_guests_try() {
  choice_.logins().listing_ended();
  for (const auto& username : queue_.awaited_logins()) bring_back(username);
  co_await start_probes();
}

// Nothing can be fetched from a closed host.
std::vector<model::Channel> Scan::Impl::channels_for(const std::string& host) const {
  auto channels = options_.channels;
  if (closed_hosts_.contains(host)) std::erase(channels, model::Channel::kFile);
  if (!guestinfo_.is_worth_trying()) std::erase(channels, model::Channel::kGuestinfo);
  return channels;
}

// A listing that was cut short is no reason to leave out the guests that it had.
bool Scan::Impl::may_probe() const {
  return !ending_.has_begun() && !silence_ && !writer_->error() && !asking_vcenter_;
}

Awaitable<void> Scan::Impl::start_probes() {
  LoginGuard& logins = choice_.logins();
  while (may_probe()) {
    auto pending = queue_.start_next();
    if (!pending) co_return;
    const std::string& username = pending->credentials->username;
    if (channels_for(pending->vm.host_moref).empty()) {
      auto why = no_channel(pending->vm.host_moref);
      co_await leave_out(std::move(*pending), std::move(why));
      continue;
    }
    switch (logins.turn_of(username, pending->guest)) {
      case LoginGuard::Turn::kNow:
        logins.started(username);
        watch_.on_probe_started(options_.vcenter_name);
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

Unread Scan::Impl::no_channel(const std::string& host) const {
  const auto closed = closed_hosts_.find(host);
  const std::string why =
      closed == closed_hosts_.end() ? "vCenter shows no guestinfo of other guests" : closed->second;
  return {UnknownReason::kTransferFailed, "not tried: " + why, {}};
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
  target.channels = channels_for(pending.vm.host_moref);
  target.guestinfo = &guestinfo_;
  target.on_login_taken = [this, username = pending.credentials->username] { let_in(username); };
  target.on_failure = [this, began = TimePoint::clock::now()](UnknownReason reason) {
    probe_failed(reason, began);
  };
  ProbeOutcome outcome;
  try {
    const ScanWatch::Waiting waiting(watch_, pending.vm);
    outcome = co_await probe_guest(vcenter_.guests(), std::move(target), options_.probe, ending_);
  } catch (...) {
    // Its place and its login are given back, and the guest gets a result.
    outcome.reason = UnknownReason::kVcenterFailed;
    outcome.detail = unexpected(std::current_exception(), "probing the guest").sentence();
  }
  // Only guestinfo was left to try: why, the outcome itself does not know.
  if (outcome.is_channel_closed && !outcome.is_host_unreachable &&
      closed_hosts_.contains(pending.vm.host_moref)) {
    outcome.detail = closed_hosts_.at(pending.vm.host_moref) + "; " + outcome.detail;
  }
  watch_.on_probe_ended(options_.vcenter_name);
  queue_.done(pending.vm.host_moref);
  note_host(pending.vm.host_moref, outcome);
  co_await note_login(pending, outcome);
  if (outcome.reason == UnknownReason::kNone) {
    answered_at_ = TimePoint::clock::now();
    // The free place is taken before this guest is judged, which may wait for the store.
    co_await start_probes();
    co_await take_output(std::move(pending), outcome);
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
  if (outcome.channel == model::Channel::kFile) {
    served_hosts_.insert(host);
    closed_hosts_.erase(host);
  } else if (outcome.is_host_unreachable && !served_hosts_.contains(host)) {
    closed_hosts_.emplace(host, outcome.host_detail);
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

Awaitable<void> Scan::Impl::take_output(PendingProbe pending, const ProbeOutcome& outcome) {
  auto guest = understand_guest(outcome.output, pending.vm, now_utc());
  if (!guest) {
    co_await keep_failed(std::move(pending), guest.error().reason, std::move(guest.error().detail));
    co_return;
  }
  guest->channel = outcome.channel;
  ReadGuest read{std::move(pending.vm), std::move(*guest)};
  co_await judge(std::move(read));
}

Awaitable<void> Scan::Impl::judge(ReadGuest read) {
  auto results = co_await judge_->add(std::move(read));
  co_await keep_all(std::move(results));
}

}  // namespace ballast::collector
