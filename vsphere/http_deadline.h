// A deadline for a coroutine. For http_*.cc only, because of what it includes.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>
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

// Whether the timer's time came, and not a cancellation. It may be moved meanwhile.
inline Awaitable<bool> until_expiry(boost::asio::steady_timer& timer) {
  namespace asio = boost::asio;
  while (timer.expiry() > std::chrono::steady_clock::now()) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return false;
    boost::system::error_code moved;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, moved));
  }
  co_return true;
}
}  // namespace detail

// Runs `work` until `deadline` expires, which may be moved meanwhile; then it is cancelled, waited
// for, and nullopt comes back. Throws what `work` throws, which is operation_aborted when the
// caller is cancelled. Unlike `work || timer`, an exception does not wait for the timer.
template <class T>
Awaitable<std::optional<T>> finish_by(boost::asio::steady_timer& deadline, Awaitable<T> work) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  std::optional<T> result;
  auto task = detail::keep_result(std::move(work), result);
  auto expiry = detail::until_expiry(deadline);
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, std::move(task), asio::deferred),
      asio::co_spawn(executor, std::move(expiry), asio::deferred));
  const auto [order, error, timer_error, expired] =
      co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (error && !(expired && is_cancellation(error))) std::rethrow_exception(error);
  co_return result;
}

// The same with a deadline that stays.
template <class T>
Awaitable<std::optional<T>> finish_by(TimePoint deadline, Awaitable<T> work) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, deadline);
  co_return co_await finish_by(timer, std::move(work));
}

// For operations whose error comes as a value: cancellation stays an exception, so that it is
// never taken for something the server did.
inline void throw_if_aborted(const boost::system::error_code& error) {
  if (error == boost::asio::error::operation_aborted) {
    throw boost::system::system_error(error);
  }
}

}  // namespace ballast::vsphere
