#include "collector/probe/guest_probe.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/deadline.h"
#include "base/log_subject.h"
#include "base/text.h"
#include "base/time.h"
#include "collector/probe/probe_faults.h"
#include "collector/probe_script.h"

namespace ballast::collector {

namespace {

namespace asio = boost::asio;
using model::UnknownReason;
using Milliseconds = std::chrono::milliseconds;

// What a probe has made in the guest and must not leave there.
struct Leftovers {
  std::optional<std::string> file;
  std::optional<std::int64_t> running_pid;
  bool cancelled = false;  // the task was cancelled while one of them was being made
  bool given_up = false;   // one of them may be there, but no answer told its name
};

// Returns `text` as it stands between single quotes of a shell.
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

ProbeOutcome failed(UnknownReason reason, std::string detail) {
  return ProbeOutcome{reason, std::move(detail), {}};
}

ProbeOutcome stopped() { return failed(UnknownReason::kCancelled, "the scan was stopped"); }

ProbeOutcome failed(const Error& error) { return failed(reason_of(error), error.sentence()); }

// One attempt at one guest.
struct Attempt {
  GuestOperations& guests;
  const ProbeTarget& target;
  const ProbeOptions& options;
  Ending& ending;
  Leftovers leftovers;
  bool is_fetching = false;  // the output, from the ESXi host
};

// Awaits a call whose answer names something made in the guest. If it were interrupted half-way,
// that would stay there and nobody would know. So a cancellation is only noted, and acted on
// afterwards. Only a scan that has to end gives the call up.
template <class T>
Awaitable<Result<T>> uninterrupted(Awaitable<Result<T>> call, Attempt& attempt) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation(),
                                                     asio::disable_cancellation());
  Deadline end(attempt.ending.calls());
  auto answer = co_await finish_by(end, std::move(call));
  const auto state = co_await asio::this_coro::cancellation_state;
  attempt.leftovers.cancelled = state.cancelled() != asio::cancellation_type::none;
  co_await asio::this_coro::reset_cancellation_state();
  co_await asio::this_coro::throw_if_cancelled(true);
  if (answer) co_return std::move(*answer);
  attempt.leftovers.given_up = true;
  co_return fail(ErrorCode::kCancelled, "no answer before the scan had to end");
}

Awaitable<std::optional<Error>> create_file(Attempt& attempt) {
  const ProbeTarget& target = attempt.target;
  // The script knows by it what probes that were cut short have left.
  std::string prefix = "ballast-probe-";
  std::string suffix = ".txt";
  auto call = attempt.guests.create_temporary_file(target.vm, target.credentials, std::move(prefix),
                                                   std::move(suffix));
  auto file = co_await uninterrupted(std::move(call), attempt);
  if (!file) co_return std::move(file.error());
  attempt.leftovers.file = std::move(*file);
  if (target.on_login_taken) target.on_login_taken();
  co_return std::nullopt;
}

// The script is one argument of `sh -c`, with the redirection inside, because not every server runs
// the program through a shell of its own.
std::string shell_arguments(const std::string& file) {
  static const std::string kScript =
      inside_quotes("\n{ " + std::string(kProbeScript) + "\n} >\"$BALLAST_FILE\" 2>/dev/null");
  return "-c 'BALLAST_FILE=" + inside_quotes(shell_quote(file)) + kScript + "'";
}

// What a shell's exit status says of the probe.
std::string exit_words(int status) {
  constexpr int kNotFound = 127;
  constexpr int kNotExecutable = 126;
  const std::string_view why =
      status == kNotFound        ? "awk is missing in the guest, or is nowhere in its PATH"
      : status == kNotExecutable ? "awk may not be run by this guest user"
                                 : "/bin/sh is too restricted, or /proc/meminfo cannot be read";
  return fmt::format("the probe exited with status {}: {}", status, why);
}

// Waits until the program has ended, and returns a failure, or nothing if it ended well. `took` is
// how long the call took that started the program. Its way back and the first question's way there
// take about as long, and the program runs meanwhile: so the first pause is shorter by that.
Awaitable<std::optional<ProbeOutcome>> wait_for_end(Attempt& attempt, Milliseconds took) {
  const ProbeTarget& target = attempt.target;
  auto& pid = attempt.leftovers.running_pid;
  auto interval = attempt.options.first_poll;
  auto pause = interval - took;
  for (;;) {
    if (pause > Milliseconds(0)) co_await sleep_for(pause);
    pause = interval;
    interval = std::min(interval * 2, attempt.options.longest_poll);
    const auto answer = co_await attempt.guests.process(target.vm, target.credentials, *pid);
    if (!answer) co_return failed(answer.error());
    const auto& process = *answer;
    if (!process) {
      pid.reset();
      co_return failed(UnknownReason::kProbeFailed,
                       "the guest no longer knows the probe's process: VMware Tools restarted "
                       "or the guest rebooted meanwhile");
    }
    if (!process->ended) continue;
    pid.reset();
    if (process->exit_code.value_or(0) == 0) co_return std::nullopt;
    co_return failed(UnknownReason::kProbeFailed, exit_words(*process->exit_code));
  }
}

Awaitable<ProbeOutcome> run_program(Attempt& attempt) {
  const ProbeTarget& target = attempt.target;
  std::string path = "/bin/sh";
  std::string arguments = shell_arguments(*attempt.leftovers.file);
  auto call = attempt.guests.start_program(target.vm, target.credentials, std::move(path),
                                           std::move(arguments));
  const auto began = TimePoint::clock::now();
  const auto pid = co_await uninterrupted(std::move(call), attempt);
  const auto took = std::chrono::floor<Milliseconds>(TimePoint::clock::now() - began);
  if (!pid) co_return failed(pid.error());
  attempt.leftovers.running_pid = *pid;
  if (attempt.leftovers.cancelled) co_return stopped();
  if (auto problem = co_await wait_for_end(attempt, took)) co_return std::move(*problem);
  attempt.is_fetching = true;
  auto output =
      co_await attempt.guests.read_file(target.vm, target.credentials, *attempt.leftovers.file,
                                        target.host_thumbprint, attempt.options.max_output_bytes);
  if (output) co_return ProbeOutcome{UnknownReason::kNone, {}, std::move(*output)};
  auto outcome = failed(output.error());
  // vCenter and the guest did their part, so it must be the way to the ESXi host.
  if (outcome.reason == UnknownReason::kVcenterFailed) {
    outcome.reason = UnknownReason::kTransferFailed;
  }
  outcome.is_host_unreachable = output.error().code == ErrorCode::kHostUnreachable;
  co_return outcome;
}

Awaitable<ProbeOutcome> try_once(Attempt& attempt) {
  const auto error = co_await create_file(attempt);
  if (attempt.leftovers.cancelled) co_return stopped();
  if (error) co_return failed(*error);
  co_return co_await run_program(attempt);
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

std::string shell_quote(std::string_view text) { return "'" + inside_quotes(text) + "'"; }

Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options, Ending& ending) {
  Attempt attempt{guests, target, options, ending, {}};
  ProbeOutcome outcome = stopped();
  std::exception_ptr thrown;
  try {
    auto task = try_once(attempt);
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
    thrown = std::current_exception();
  }
  if (outcome.reason != UnknownReason::kNone && target.on_failure)
    target.on_failure(outcome.reason);
  co_await shield_from_cancellation();
  co_await clean_up(attempt);
  if (thrown && !is_cancellation(thrown)) std::rethrow_exception(thrown);
  outcome.login_taken = attempt.leftovers.file.has_value();
  co_return outcome;
}

Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options) {
  Ending never(co_await asio::this_coro::executor, std::chrono::milliseconds(0));
  co_return co_await probe_guest(guests, std::move(target), options, never);
}

}  // namespace ballast::collector
