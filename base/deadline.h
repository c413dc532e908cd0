// Deadlines for coroutines.
//
// In place of `task || timer` of Asio's awaitable operators, which starts two coroutines and a
// group for every deadline: here one timer serves a whole set, and only the task is started.
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

// A set of deadlines that can be brought forward together. One thread, that of its executor;
// outlives its deadlines.
class Deadlines {
 public:
  // A deadline set after hurry() comes `least` from then at the earliest.
  explicit Deadlines(boost::asio::any_io_executor executor, std::chrono::milliseconds least = {});
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // From now on none is later than `last`. A second call can only bring them forward.
  void hurry(TimePoint last);

 private:
  friend class Deadline;
  struct State;
  std::shared_ptr<State> state_;
};

// `duration` from now.
inline TimePoint from_now(std::chrono::milliseconds duration) {
  return TimePoint::clock::now() + duration;
}

// One of a set, from construction to destruction.
class Deadline : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  explicit Deadline(Deadlines& set, TimePoint expiry = TimePoint::max());
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  [[nodiscard]] TimePoint expiry() const { return expiry_; }
  // Whether it came, rather than that the time has.
  [[nodiscard]] bool expired() const { return expired_; }

  // Has `stop` called when the deadline comes, or soon if it came before; at most once, as long as
  // this lives. It must not throw. One at a time.
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

// Hands the cancellation of the calling coroutine on to what it started.
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

// Runs `task`, cancels it when the deadline comes, and waits for it. Whether it came to its own
// end. Throws what the task throws, but for the deadline's cancellation.
Awaitable<bool> run_by(Deadline& deadline, Awaitable<void> task);

template <class T>
Awaitable<void> keep_result(Awaitable<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

}  // namespace detail

// Runs `task`; when the deadline comes, cancels it, waits for it to unwind, and gives nullopt
// (unless it came to its end nevertheless). Throws what `task` throws, which is operation_aborted
// when the caller is cancelled.
template <class T>
Awaitable<std::optional<T>> finish_by(Deadline& deadline, Awaitable<T> task) {
  std::optional<T> result;
  auto kept = detail::keep_result(std::move(task), result);
  co_await detail::run_by(deadline, std::move(kept));
  co_return result;
}

// The same for a task without a value: whether it came to its own end.
inline Awaitable<bool> finish_by(Deadline& deadline, Awaitable<void> task) {
  return detail::run_by(deadline, std::move(task));
}

// The same with a deadline of its own.
template <class T>
Awaitable<std::optional<T>> finish_by(TimePoint expiry, Awaitable<T> task) {
  Deadlines one(co_await boost::asio::this_coro::executor);
  Deadline deadline(one, expiry);
  co_return co_await finish_by(deadline, std::move(task));
}

}  // namespace ballast
