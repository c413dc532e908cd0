// The few coroutine tools the project needs beyond Asio's own.
//
// Threads: one thread runs the io_context and every coroutine. TaskGroup, Semaphore and sleep_for
// are used from that thread only. Blocking work (SQLite, decoding of large pages) goes to a thread
// pool through run_on.
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

// Runs `job()` on a thread of `pool`, then resumes the caller on its own executor with the value,
// which must be default constructible (Asio 1.24 needs that). `job` must own what it uses. A job
// is not interrupted: a cancellation would reach it from another thread, at a time when the caller
// may have gone on.
template <class Job>
Awaitable<std::invoke_result_t<Job&>> run_on(boost::asio::thread_pool& pool, Job job) {
  auto task = detail::invoke_job(std::move(job));
  co_return co_await boost::asio::co_spawn(
      pool.get_executor(), std::move(task),
      boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(),
                                          boost::asio::use_awaitable));
}

// Waits for `duration`. Throws boost::system::system_error (operation_aborted) when the calling
// task is cancelled.
Awaitable<void> sleep_for(std::chrono::milliseconds duration);

// Tells whether `error` is what Asio throws when a task is cancelled.
[[nodiscard]] bool is_cancellation(const std::exception_ptr& error);

// Throws if `error` means that the task was cancelled. For operations that return their error as a
// value: so a cancellation is never taken for something that the other side did.
inline void throw_if_aborted(const boost::system::error_code& error) {
  if (error == boost::asio::error::operation_aborted) throw boost::system::system_error(error);
}

// Protects the calling coroutine, and what it awaits, from TaskGroup::cancel from here on, even if
// that was called already. For clean-up, which has deadlines of its own. Await it directly:
//   co_await shield_from_cancellation();
// It is no coroutine itself, because a cancelled task may not await one.
[[nodiscard]] inline auto shield_from_cancellation() {
  return boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(),
                                                          boost::asio::disable_cancellation());
}

// Runs `task` in a way that no cancellation of the caller's reaches: it goes on to its end. Await it
// directly; the caller hears of its cancellation at the next thing that it awaits.
Awaitable<void> run_uncancelled(Awaitable<void> task);

// A set of concurrent tasks that is joined, never detached. join() must have returned before the
// group is destroyed. What tasks throw, but for cancellations, join() throws, as Thrown does: none of
// it is lost.
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task`. After cancel() it is started too, and cancelled where it first suspends.
  void spawn(Awaitable<void> task);
  // Asks every running task to stop: whatever it waits for ends with operation_aborted.
  void cancel();
  // Waits until every task has ended, also those spawned meanwhile. Cannot be cancelled itself.
  Awaitable<void> join();
  // Returns how many tasks have not ended.
  [[nodiscard]] std::size_t running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Lets a limited number of tasks go on at once; those that wait are served in the order in which
// they came. It must outlive its permits.
class Semaphore {
 public:
  Semaphore(boost::asio::any_io_executor executor, std::size_t permits);
  ~Semaphore();
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  // The right to go on. It is given back when this is destroyed, or by release(), which never
  // waits.
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

  // Waits for a permit. When it is cancelled it throws, and holds nothing.
  Awaitable<Permit> acquire();
  // Returns a permit, or nullopt where it would have to wait.
  [[nodiscard]] std::optional<Permit> try_acquire();
  // Returns how many permits are left.
  [[nodiscard]] std::size_t available() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ballast
