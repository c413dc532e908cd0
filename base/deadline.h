// Deadlines for coroutines: run a task, and cancel it when its time is up.
//
// Asio's own way, `task || timer`, starts two coroutines and a group for each deadline. Here one
// timer serves a whole set of deadlines, and nothing but the task is started.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>

#include "base/async.h"

namespace ballast {

using TimePoint = std::chrono::steady_clock::time_point;

// A set of deadlines that share one timer and can be brought forward together. It must outlive its
// deadlines. Used from one thread, that of its executor.
class Deadlines {
 public:
  // `least`: how much time hurry() leaves to a deadline that is made after it.
  explicit Deadlines(boost::asio::any_io_executor executor, std::chrono::milliseconds least = {});
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // Brings every deadline that is later than `last` forward to it, also those made from now on. A
  // second call can only bring them further forward.
  void hurry(TimePoint last);

 private:
  friend class Deadline;
  struct State;
  std::shared_ptr<State> state_;
};

// Returns the moment that is `duration` from now.
inline TimePoint from_now(std::chrono::milliseconds duration) {
  return TimePoint::clock::now() + duration;
}

// One deadline. It belongs to its set from construction to destruction.
class Deadline : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  explicit Deadline(Deadlines& set, TimePoint expiry = TimePoint::max());
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Returns the moment at which it comes; hurry() may have brought it forward.
  [[nodiscard]] TimePoint expiry() const { return expiry_; }
  // Tells whether the set's timer has found it due. That happens a little after expiry().
  [[nodiscard]] bool expired() const { return expired_; }

  // Calls `stop` once, when the deadline comes; soon, if it has come already; never after this
  // object is destroyed. `stop` must not throw. A deadline can have one of these at a time.
  class OnExpiry {
   public:
    OnExpiry(Deadline& deadline, std::function<void()> stop) : deadline_(deadline) {
      deadline_.watch(std::move(stop));
    }
    ~OnExpiry() { deadline_.stop_ = nullptr; }
    OnExpiry(const OnExpiry&) = delete;
    OnExpiry& operator=(const OnExpiry&) = delete;

   private:
    Deadline& deadline_;
  };

 private:
  friend struct Deadlines::State;
  void watch(std::function<void()> stop);
  void expire();

  Deadlines::State& set_;
  TimePoint expiry_;
  bool expired_ = false;
  std::function<void()> stop_;
};

namespace detail {

// Passes a cancellation of the calling coroutine on to the task that it started.
class Forwarding {
 public:
  Forwarding(boost::asio::cancellation_slot from, boost::asio::cancellation_signal& to)
      : from_(from) {
    if (from_.is_connected()) {
      from_.assign([&to](boost::asio::cancellation_type type) { to.emit(type); });
    }
  }
  ~Forwarding() {
    if (from_.is_connected()) from_.clear();
  }
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;

 private:
  boost::asio::cancellation_slot from_;
};

// Does the work of finish_by() for a task without a value; see there.
Awaitable<bool> run_by(Deadline& deadline, Awaitable<void> task);

template <class T>
Awaitable<void> keep_result(Awaitable<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

}  // namespace detail

// Runs `task` and returns its value. When the deadline comes first, it cancels the task, waits
// until the task has unwound, and returns nullopt – or the value, if the task finished all the
// same. Throws what `task` throws; that is operation_aborted when the caller is cancelled.
template <class T>
Awaitable<std::optional<T>> finish_by(Deadline& deadline, Awaitable<T> task) {
  std::optional<T> result;
  auto kept = detail::keep_result(std::move(task), result);
  co_await detail::run_by(deadline, std::move(kept));
  co_return result;
}

// Does the same for a task without a value. Returns true if the task finished, false if the
// deadline cut it short.
inline Awaitable<bool> finish_by(Deadline& deadline, Awaitable<void> task) {
  return detail::run_by(deadline, std::move(task));
}

// Does the same with a deadline of its own, at `expiry`.
template <class T>
Awaitable<std::optional<T>> finish_by(TimePoint expiry, Awaitable<T> task) {
  Deadlines one(co_await boost::asio::this_coro::executor);
  Deadline deadline(one, expiry);
  co_return co_await finish_by(deadline, std::move(task));
}

}  // namespace ballast
