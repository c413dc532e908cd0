#include "collector/guest_probe.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/text.h"
#include "base/time.h"
#include "collector/deadline.h"
#include "collector/probe_script.h"

namespace ballast::collector {

namespace {

namespace asio = boost::asio;
using model::UnknownReason;

// The fault of a VM that is busy for a moment: a vMotion, a snapshot, another guest operation.
constexpr std::string_view kBusyFault = "TaskInProgress";

// What a probe has made in the guest and must not leave there.
struct Traces {
  std::optional<std::string> file;
  std::optional<std::int64_t> running_pid;
  bool cancelled = false;  // while one of them was being made
};

ProbeOutcome failed(UnknownReason reason, std::string detail) {
  return ProbeOutcome{reason, std::move(detail), {}};
}

ProbeOutcome stopped() { return failed(UnknownReason::kCancelled, "the scan was stopped"); }

ProbeOutcome failed(const Error& error) { return failed(reason_of(error), error.sentence()); }

// Awaits a call whose answer names something made in the guest. Interrupted half-way, that would be
// left there with nobody knowing: so cancellation is noted in `traces` and acted on afterwards.
template <class T>
Awaitable<T> uninterrupted(Awaitable<T> call, Traces& traces) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation(),
                                                     asio::disable_cancellation());
  T answer = co_await std::move(call);
  const auto state = co_await asio::this_coro::cancellation_state;
  traces.cancelled = state.cancelled() != asio::cancellation_type::none;
  co_await asio::this_coro::reset_cancellation_state();
  co_await asio::this_coro::throw_if_cancelled(true);
  co_return answer;
}

Awaitable<std::optional<Error>> create_file(GuestOperations& guests, const ProbeTarget& target,
                                            Traces& traces) {
  std::string prefix = "ballast-";
  std::string suffix = ".txt";
  auto call = guests.create_temporary_file(target.vm, target.credentials, std::move(prefix),
                                           std::move(suffix));
  auto file = co_await uninterrupted(std::move(call), traces);
  if (!file) co_return std::move(file.error());
  traces.file = std::move(*file);
  co_return std::nullopt;
}

// One argument to `sh -c`, with the redirection inside: not every server hands arguments to a
// shell of its own.
std::string shell_arguments(const std::string& file) {
  std::string script(kProbeScript);
  const std::string redirected = "{ " + script + "\n} >" + shell_quote(file) + " 2>/dev/null";
  return "-c " + shell_quote(redirected);
}

// Waits until the program has ended. What comes back is a failure, or nothing when it ended well.
Awaitable<std::optional<ProbeOutcome>> wait_for_end(GuestOperations& guests,
                                                    const ProbeTarget& target,
                                                    const ProbeOptions& options, Traces& traces) {
  auto interval = options.first_poll;
  for (;;) {
    co_await sleep_for(interval);
    interval = std::min(interval * 2, options.longest_poll);
    const auto state = co_await guests.process(target.vm, target.credentials, *traces.running_pid);
    if (!state) co_return failed(state.error());
    if (!state->known) {
      traces.running_pid.reset();
      co_return failed(UnknownReason::kProbeFailed,
                       "the guest no longer knows the probe's process: VMware Tools restarted "
                       "or the guest rebooted meanwhile");
    }
    if (!state->ended) continue;
    traces.running_pid.reset();
    if (state->exit_code.value_or(0) == 0) co_return std::nullopt;
    co_return failed(UnknownReason::kProbeFailed,
                     fmt::format("the probe exited with status {}: /bin/sh is missing or too "
                                 "restricted, or /proc/meminfo cannot be read",
                                 *state->exit_code));
  }
}

Awaitable<ProbeOutcome> run_program(GuestOperations& guests, const ProbeTarget& target,
                                    const ProbeOptions& options, Traces& traces) {
  std::string path = "/bin/sh";
  std::string arguments = shell_arguments(*traces.file);
  auto call =
      guests.start_program(target.vm, target.credentials, std::move(path), std::move(arguments));
  const auto pid = co_await uninterrupted(std::move(call), traces);
  if (!pid) co_return failed(pid.error());
  traces.running_pid = *pid;
  if (traces.cancelled) co_return stopped();
  if (auto problem = co_await wait_for_end(guests, target, options, traces)) {
    co_return std::move(*problem);
  }
  auto output = co_await guests.read_file(target.vm, target.credentials, *traces.file,
                                          target.host_thumbprint, options.max_output_bytes);
  if (output) co_return ProbeOutcome{UnknownReason::kNone, {}, std::move(*output)};
  auto outcome = failed(output.error());
  // vCenter and the guest did their part; what is left is the way to the ESXi host.
  if (outcome.reason == UnknownReason::kVcenterFailed) {
    outcome.reason = UnknownReason::kTransferFailed;
  }
  co_return outcome;
}

Awaitable<ProbeOutcome> try_once(GuestOperations& guests, const ProbeTarget& target,
                                 const ProbeOptions& options, Traces& traces) {
  auto error = co_await create_file(guests, target, traces);
  if (error && error->fault == kBusyFault && !traces.cancelled) {
    co_await sleep_for(options.busy_retry);
    error = co_await create_file(guests, target, traces);
  }
  if (traces.cancelled) co_return stopped();
  if (error) co_return failed(*error);
  co_return co_await run_program(guests, target, options, traces);
}

Awaitable<bool> remove_traces(GuestOperations& guests, const ProbeTarget& target, Traces& traces) {
  const std::string vm = printable(target.vm, 64);
  if (traces.running_pid) {
    const auto ended =
        co_await guests.terminate_process(target.vm, target.credentials, *traces.running_pid);
    if (!ended) spdlog::info("{}: ending the probe: {}", vm, ended.error().message);
  }
  if (traces.file) {
    const auto deleted = co_await guests.delete_file(target.vm, target.credentials, *traces.file);
    if (!deleted) {
      spdlog::warn("{}: {} is left in the guest: {}", vm, printable(*traces.file, 256),
                   deleted.error().sentence());
    }
  }
  co_return true;
}

}  // namespace

std::string shell_quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options) {
  Traces traces;
  ProbeOutcome outcome = stopped();
  std::exception_ptr thrown;
  try {
    auto task = try_once(guests, target, options, traces);
    auto finished = co_await with_deadline(std::move(task), options.deadline);
    outcome = finished ? std::move(*finished)
                       : failed(UnknownReason::kTimedOut,
                                fmt::format("the probe did not finish within {}",
                                            format_duration(options.deadline)));
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await shield_from_cancellation();
  auto clean_up = remove_traces(guests, target, traces);
  const auto cleaned = co_await with_deadline(std::move(clean_up), options.clean_up_deadline);
  if (!cleaned) {
    spdlog::warn("{}: clean-up in the guest did not finish in time; {} may be left there",
                 printable(target.vm, 64), printable(traces.file.value_or("nothing"), 256));
  }
  if (thrown && !is_cancellation(thrown)) std::rethrow_exception(thrown);
  co_return outcome;
}

}  // namespace ballast::collector
