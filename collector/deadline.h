// Deadlines for coroutines. Separate from base/async.h because of what it includes.
#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/async.h"

namespace ballast::collector {

// Runs `task`; when `end` returns first, cancels it, waits for it to unwind and gives nullopt.
// Cancellation from outside reaches the task and is rethrown. Neither must throw on its own.
template <class T>
Awaitable<std::optional<T>> until(Awaitable<T> task, Awaitable<void> end) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto both = std::move(task) || std::move(end);
  auto outcome = co_await std::move(both);
  if (outcome.index() == 0) co_return std::optional<T>(std::move(std::get<0>(outcome)));
  co_return std::nullopt;
}

// The same for a task without a value: whether it came to its own end.
inline Awaitable<bool> until(Awaitable<void> task, Awaitable<void> end) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto both = std::move(task) || std::move(end);
  const auto outcome = co_await std::move(both);
  co_return outcome.index() == 0;
}

template <class T>
Awaitable<std::optional<T>> with_deadline(Awaitable<T> task, std::chrono::milliseconds limit) {
  return until(std::move(task), sleep_for(limit));
}

// Returns when `limit` has passed, or `end` returns.
inline Awaitable<void> sooner_of(std::chrono::milliseconds limit, Awaitable<void> end) {
  auto timer = sleep_for(limit);
  co_await until(std::move(timer), std::move(end));
}

}  // namespace ballast::collector
