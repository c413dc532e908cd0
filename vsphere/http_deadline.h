// A deadline for a coroutine. For http_*.cc only, because of what it includes.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include "base/async.h"

namespace ballast::vsphere {

using TimePoint = std::chrono::steady_clock::time_point;

namespace detail {
template <class T>
Awaitable<void> keep_result(Awaitable<T> work, std::optional<T>& result) {
  result.emplace(co_await std::move(work));
}
}  // namespace detail

// Runs `work` until `deadline` at the latest; then it is cancelled, waited for, and nullopt comes
// back. Throws what `work` throws, which is operation_aborted when the caller is cancelled. Unlike
// `work || timer`, an exception does not wait for the timer.
template <class T>
Awaitable<std::optional<T>> finish_by(TimePoint deadline, Awaitable<T> work) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  std::optional<T> result;
  asio::steady_timer timer(executor, deadline);
  auto task = detail::keep_result(std::move(work), result);
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, std::move(task), asio::deferred), timer.async_wait(asio::deferred));
  const auto [order, error, timer_error] =
      co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const bool expired = !timer_error;
  if (error && !(expired && is_cancellation(error))) std::rethrow_exception(error);
  co_return result;
}

// For operations whose error comes as a value: cancellation stays an exception, so that it is
// never taken for something the server did.
inline void throw_if_aborted(const boost::system::error_code& error) {
  if (error == boost::asio::error::operation_aborted) {
    throw boost::system::system_error(error);
  }
}

}  // namespace ballast::vsphere
