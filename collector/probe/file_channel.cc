// The channel that always works where vCenter's guest operations do: the probe writes a temporary file,
// which is fetched from the ESXi host.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"
#include "collector/probe/guestinfo_text.h"
#include "collector/probe/probe_attempt.h"
#include "collector/probe_script.h"

namespace ballast::collector {

namespace {

using model::UnknownReason;
using Milliseconds = std::chrono::milliseconds;

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
  note_login_taken(attempt);
  co_return std::nullopt;
}

// The script is one argument of `sh -c`, with the redirection inside, because not every server runs
// the program through a shell of its own.
std::string file_arguments(const std::string& file, const std::string& nonce) {
  static const std::string kScript =
      inside_quotes("\n{ " + std::string(kProbeScript) + "\n} >\"$BALLAST_FILE\" 2>/dev/null");
  return "-c 'BALLAST_NONCE=" + nonce + " BALLAST_FILE=" + inside_quotes(shell_quote(file)) +
         kScript + "'";
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
      co_return forgotten();
    }
    if (!process->ended) continue;
    pid.reset();
    if (process->exit_code.value_or(0) == 0) co_return std::nullopt;
    co_return failed(UnknownReason::kProbeFailed, exit_words(*process->exit_code));
  }
}

// Returns what is wrong with a probe's output that is not of this probe. What is no such output at
// all is left to its parser.
std::optional<ProbeOutcome> of_another_probe(std::string_view output, const std::string& nonce) {
  const bool is_output = output.find("@@ballast begin") != std::string_view::npos;
  const bool is_ours = output.find("\n@@ballast nonce\n" + nonce + "\n") != std::string_view::npos;
  if (!is_output || is_ours) return std::nullopt;
  return failed(UnknownReason::kContradiction,
                "the file that came back is of another probe: another VM's, or an older one");
}

Awaitable<ProbeOutcome> fetch(Attempt& attempt, std::string nonce) {
  const ProbeTarget& target = attempt.target;
  attempt.is_fetching = true;
  auto output =
      co_await attempt.guests.read_file(target.vm, target.credentials, *attempt.leftovers.file,
                                        target.host_thumbprint, attempt.options.max_output_bytes);
  if (output) {
    if (auto problem = of_another_probe(*output, nonce)) co_return std::move(*problem);
    co_return brought(std::move(*output));
  }
  auto outcome = failed(output.error());
  // vCenter and the guest did their part, so it must be the way to the ESXi host.
  if (outcome.reason == UnknownReason::kVcenterFailed) {
    outcome.reason = UnknownReason::kTransferFailed;
  }
  outcome.is_host_unreachable = output.error().code == ErrorCode::kHostUnreachable;
  outcome.is_channel_closed = outcome.is_host_unreachable;
  if (outcome.is_host_unreachable) outcome.host_detail = outcome.detail;
  co_return outcome;
}

}  // namespace

Awaitable<ProbeOutcome> probe_by_file(Attempt& attempt) {
  const auto error = co_await create_file(attempt);
  if (attempt.leftovers.cancelled) co_return stopped();
  if (error) co_return failed(*error);
  const auto began = TimePoint::clock::now();
  auto nonce = new_nonce();
  auto arguments = file_arguments(*attempt.leftovers.file, nonce);
  std::vector<Secret> environment;
  const auto pid = co_await start_shell(attempt, std::move(arguments), std::move(environment));
  const auto took = std::chrono::floor<Milliseconds>(TimePoint::clock::now() - began);
  if (!pid) co_return failed(pid.error());
  if (attempt.leftovers.cancelled) co_return stopped();
  if (auto problem = co_await wait_for_end(attempt, took)) co_return std::move(*problem);
  co_return co_await fetch(attempt, std::move(nonce));
}

}  // namespace ballast::collector
