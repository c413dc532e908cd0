// The few coroutine tools the project needs beyond Asio's own.
//
// Threads: one thread runs the io_context and every coroutine of a collector; TaskGroup, Semaphore
// and sleep_for are used from that thread only. Blocking work (SQLite, decoding of large pages)
// goes through run_on to a thread pool.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace ballast {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

namespace detail {
template <class Job>
Awaitable<std::invoke_result_t<Job&>> invoke_job(Job job) {
  co_return job();
}
}  // namespace detail

// Runs `job()` on a thread of `pool`, and resumes the caller on its own executor with the value.
// The value must be default constructible (an Asio 1.24 need). `job` owns what it uses. It cannot
// be interrupted: cancellation is not handed on to the pool, whose thread would deliver it while
// the caller may already be going on.
template <class Job>
Awaitable<std::invoke_result_t<Job&>> run_on(boost::asio::thread_pool& pool, Job job) {
  auto task = detail::invoke_job(std::move(job));
  co_return co_await boost::asio::co_spawn(
      pool.get_executor(), std::move(task),
      boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(),
                                          boost::asio::use_awaitable));
}

// Waits. Throws boost::system::system_error (operation_aborted) when its task is cancelled.
Awaitable<void> sleep_for(std::chrono::milliseconds duration);

// Whether `error` is Asio's way to say that the task was cancelled.
[[nodiscard]] bool is_cancellation(const std::exception_ptr& error);

// For operations whose error comes as a value: cancellation stays an exception, so that it is never
// taken for something the other side did.
inline void throw_if_aborted(const boost::system::error_code& error) {
  if (error == boost::asio::error::operation_aborted) throw boost::system::system_error(error);
}

// From here on the calling coroutine (and what it awaits) is not interrupted by TaskGroup::cancel,
// even if that was called already: for clean-up that has its own deadlines.
// To be awaited directly: `co_await shield_from_cancellation();`. Not a coroutine, since awaiting
// one would itself be refused in a cancelled task.
[[nodiscard]] inline auto shield_from_cancellation() {
  return boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(),
                                                          boost::asio::disable_cancellation());
}

// A set of concurrent tasks that is joined, never detached. Not copyable, not movable.
// Contract: join() must have returned before destruction. What a task throws is rethrown by
// join() (the first one), except cancellation.
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task`. After cancel() it starts and is cancelled at its first suspension.
  void spawn(Awaitable<void> task);
  // Asks every running task to stop: what it waits for ends with operation_aborted.
  void cancel();
  // Waits until every task has ended, those spawned meanwhile included. Itself not cancellable.
  Awaitable<void> join();
  [[nodiscard]] std::size_t running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Counting semaphore with first-come order. acquire() is cancellable (throws) and then holds
// nothing; release() never blocks. Permit releases on destruction; it must not outlive the
// semaphore.
class Semaphore {
 public:
  Semaphore(boost::asio::any_io_executor executor, std::size_t permits);
  ~Semaphore();
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  class [[nodiscard]] Permit {
   public:
    Permit() = default;
    explicit Permit(Semaphore& owner) : owner_(&owner) {}
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept;
    ~Permit() { release(); }
    void release();

   private:
    Semaphore* owner_ = nullptr;
  };

  Awaitable<Permit> acquire();
  // nullopt when it would have to wait.
  [[nodiscard]] std::optional<Permit> try_acquire();
  [[nodiscard]] std::size_t available() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ballast
