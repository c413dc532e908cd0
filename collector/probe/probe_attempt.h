// Private to the probe: one attempt at one guest, and what its channels have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/async.h"
#include "base/deadline.h"
#include "base/result.h"
#include "collector/ending.h"
#include "collector/ports/guest_operations.h"
#include "collector/probe/guest_probe.h"

namespace ballast::collector {

// What a probe has made in the guest and must not leave there.
struct Leftovers {
  std::optional<std::string> file;
  std::optional<std::int64_t> running_pid;
  bool cancelled = false;  // the task was cancelled while one of them was being made
  bool given_up = false;   // one of them may be there, but no answer told its name
};

struct Attempt {
  GuestOperations& guests;
  const ProbeTarget& target;
  const ProbeOptions& options;
  Ending& ending;
  Leftovers leftovers = {};
  bool login_taken = false;
  bool is_fetching = false;  // the output, from the ESXi host
};

// Probe by one channel. An outcome with `is_channel_closed` says that the guest did its part, but
// that nothing came back this way.
Awaitable<ProbeOutcome> probe_by_file(Attempt& attempt);
Awaitable<ProbeOutcome> probe_by_guestinfo(Attempt& attempt);

[[nodiscard]] ProbeOutcome brought(std::string output);
[[nodiscard]] ProbeOutcome failed(model::UnknownReason reason, std::string detail);
[[nodiscard]] ProbeOutcome failed(const Error& error);
[[nodiscard]] ProbeOutcome stopped();
// Says that the guest has forgotten the probe's process.
[[nodiscard]] ProbeOutcome forgotten();
// Returns what a shell's exit status says of the probe.
[[nodiscard]] std::string exit_words(int status);

// Notes that the guest has accepted the login.
void note_login_taken(Attempt& attempt);

// Returns `text` as it stands between single quotes of a shell.
[[nodiscard]] std::string inside_quotes(std::string_view text);

// Awaits a call whose answer names something made in the guest. If it were interrupted half-way,
// that would stay there and nobody would know. So a cancellation is only noted, and acted on
// afterwards. Only a scan that has to end gives the call up.
template <class T>
Awaitable<Result<T>> uninterrupted(Awaitable<Result<T>> call, Attempt& attempt) {
  namespace asio = boost::asio;
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

// Starts /bin/sh with these arguments in the guest, and returns its process id, which is also in
// the attempt's leftovers.
Awaitable<Result<std::int64_t>> start_shell(Attempt& attempt, std::string arguments,
                                            std::vector<Secret> environment);

}  // namespace ballast::collector
