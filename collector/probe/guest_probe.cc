#include "collector/probe/guest_probe.h"

#include <exception>
#include <string_view>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/deadline.h"
#include "base/log_subject.h"
#include "base/text.h"
#include "base/thrown.h"
#include "base/time.h"
#include "collector/probe/probe_attempt.h"
#include "collector/probe/probe_faults.h"

namespace ballast::collector {

namespace asio = boost::asio;
using model::Channel;
using model::UnknownReason;

std::string inside_quotes(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string shell_quote(std::string_view text) { return "'" + inside_quotes(text) + "'"; }

ProbeOutcome brought(std::string output) {
  ProbeOutcome outcome;
  outcome.output = std::move(output);
  return outcome;
}

ProbeOutcome failed(UnknownReason reason, std::string detail) {
  ProbeOutcome outcome;
  outcome.reason = reason;
  outcome.detail = std::move(detail);
  return outcome;
}

ProbeOutcome failed(const Error& error) { return failed(reason_of(error), error.sentence()); }

ProbeOutcome stopped() { return failed(UnknownReason::kCancelled, "the scan was stopped"); }

ProbeOutcome forgotten() {
  return failed(UnknownReason::kProbeFailed,
                "the guest no longer knows the probe's process: VMware Tools restarted or the "
                "guest rebooted meanwhile");
}

std::string exit_words(int status) {
  constexpr int kNotFound = 127;
  constexpr int kNotExecutable = 126;
  const std::string_view why =
      status == kNotFound        ? "awk is missing in the guest, or is nowhere in its PATH"
      : status == kNotExecutable ? "awk may not be run by this guest user"
                                 : "/bin/sh is too restricted, or /proc/meminfo cannot be read";
  return fmt::format("the probe exited with status {}: {}", status, why);
}

void note_login_taken(Attempt& attempt) {
  if (attempt.login_taken) return;
  attempt.login_taken = true;
  if (attempt.target.on_login_taken) attempt.target.on_login_taken();
}

Awaitable<Result<std::int64_t>> start_shell(Attempt& attempt, std::string arguments,
                                            std::vector<Secret> environment) {
  const ProbeTarget& target = attempt.target;
  std::string path = "/bin/sh";
  auto call = attempt.guests.start_program(target.vm, target.credentials, std::move(path),
                                           std::move(arguments), std::move(environment));
  auto pid = co_await uninterrupted(std::move(call), attempt);
  if (pid) attempt.leftovers.running_pid = *pid;
  co_return pid;
}

namespace {

Awaitable<ProbeOutcome> probe_by(Channel channel, Attempt& attempt) {
  ProbeOutcome outcome;
  if (channel == Channel::kGuestinfo) {
    outcome = co_await probe_by_guestinfo(attempt);
  } else {
    outcome = co_await probe_by_file(attempt);
  }
  if (outcome.reason == UnknownReason::kNone) outcome.channel = channel;
  co_return outcome;
}

// Keeps what is known of the ESXi host from the channel before.
void remember_host(ProbeOutcome& next, const ProbeOutcome& before) {
  if (!before.is_host_unreachable) return;
  next.is_host_unreachable = true;
  next.host_detail = before.host_detail;
}

Awaitable<ProbeOutcome> try_channels(Attempt& attempt) {
  const auto& channels = attempt.target.channels;
  auto outcome = co_await probe_by(channels.front(), attempt);
  for (std::size_t i = 1; i < channels.size() && outcome.is_channel_closed; ++i) {
    attempt.is_fetching = false;
    auto next = co_await probe_by(channels[i], attempt);
    remember_host(next, outcome);
    if (next.reason != UnknownReason::kNone) next.detail = outcome.detail + "; " + next.detail;
    outcome = std::move(next);
  }
  co_return outcome;
}

LogSubject about(const ProbeTarget& target) {
  return {.vcenter = target.vcenter, .scan = target.scan, .vm = target.vm};
}

ProbeOutcome out_of_time(const Attempt& attempt) {
  const auto limit = format_duration(attempt.options.deadline);
  if (!attempt.is_fetching) {
    return failed(UnknownReason::kTimedOut, "the probe did not finish within " + limit);
  }
  return failed(UnknownReason::kTransferFailed,
                fmt::format("the ESXi host did not hand over the probe's output within the {} that "
                            "a probe may take",
                            limit));
}

Awaitable<void> remove_leftovers(Attempt& attempt) {
  const ProbeTarget& target = attempt.target;
  const Leftovers& leftovers = attempt.leftovers;
  if (leftovers.running_pid) {
    const auto ended = co_await attempt.guests.terminate_process(target.vm, target.credentials,
                                                                 *leftovers.running_pid);
    if (!ended) {
      const LogAbout subject(about(target));
      spdlog::info("ending the probe: {}", ended.error().message);
    }
  }
  if (!leftovers.file) co_return;
  const auto deleted =
      co_await attempt.guests.delete_file(target.vm, target.credentials, *leftovers.file);
  if (deleted) co_return;
  const LogAbout subject(about(target));
  spdlog::warn("{} is left in the guest: {}", printable(*leftovers.file, 256),
               deleted.error().sentence());
}

Awaitable<void> clean_up(Attempt& attempt) {
  auto removal = remove_leftovers(attempt);
  Deadline end(attempt.ending.clean_up(), from_now(attempt.options.clean_up_deadline));
  const bool cleaned = co_await finish_by(end, std::move(removal));
  const LogAbout subject(about(attempt.target));
  if (attempt.leftovers.given_up) {
    spdlog::warn("the guest did not answer in time; a temporary file or a probe may be left there");
  }
  if (cleaned) co_return;
  spdlog::warn("clean-up in the guest did not finish in time; {} may be left there",
               printable(attempt.leftovers.file.value_or("nothing"), 256));
}

}  // namespace

Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options, Ending& ending) {
  Attempt attempt{guests, target, options, ending};
  ProbeOutcome outcome = stopped();
  Thrown thrown;
  try {
    auto task = try_channels(attempt);
    Deadline deadline(ending.all(), from_now(options.deadline));
    auto finished = co_await finish_by(deadline, std::move(task));
    // A task that a deadline cancels says that it was stopped, as it would if the scan were.
    const bool is_late = deadline.expired() && !ending.has_begun();
    if (is_late && (!finished || finished->reason == UnknownReason::kCancelled)) {
      outcome = out_of_time(attempt);
    } else if (finished) {
      outcome = std::move(*finished);
    }
  } catch (...) {
    const auto error = std::current_exception();
    if (!is_cancellation(error)) thrown.add(error);
  }
  if (outcome.reason != UnknownReason::kNone && target.on_failure)
    target.on_failure(outcome.reason);
  co_await shield_from_cancellation();
  try {
    co_await clean_up(attempt);
  } catch (...) {
    thrown.add(std::current_exception());
  }
  thrown.rethrow();
  outcome.login_taken = attempt.login_taken;
  co_return outcome;
}

Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options) {
  Ending never(co_await asio::this_coro::executor, std::chrono::milliseconds(0));
  co_return co_await probe_guest(guests, std::move(target), options, never);
}

}  // namespace ballast::collector
