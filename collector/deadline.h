// A deadline for a coroutine. Separate from base/async.h because of what it includes.
#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/async.h"

namespace ballast::collector {

// Runs `task`; when `limit` passes first, cancels it, waits for it to unwind and gives nullopt.
// Cancellation from outside reaches the task and is rethrown. `task` must not throw on its own.
template <class T>
Awaitable<std::optional<T>> with_deadline(Awaitable<T> task, std::chrono::milliseconds limit) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto timer = sleep_for(limit);
  auto both = std::move(task) || std::move(timer);
  auto outcome = co_await std::move(both);
  if (outcome.index() == 0) co_return std::optional<T>(std::move(std::get<0>(outcome)));
  co_return std::nullopt;
}

}  // namespace ballast::collector
