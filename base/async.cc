#include "base/async.h"

#include <exception>
#include <list>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/channel_error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/thrown.h"

namespace ballast {

namespace asio = boost::asio;

Awaitable<void> sleep_for(std::chrono::milliseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

bool is_cancellation(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const asio::multiple_exceptions& e) {  // what `a || b` throws when both are cancelled
    return is_cancellation(e.first_exception());
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted ||
           e.code() == asio::experimental::error::channel_cancelled;
  } catch (...) {
    return false;
  }
}

struct TaskGroup::State {
  using Signals = std::list<asio::cancellation_signal>;
  explicit State(asio::any_io_executor ex) : executor(std::move(ex)), all_done(executor) {
    all_done.expires_at(asio::steady_timer::time_point::max());
  }

  // Removes a task that has ended. After cancel() its signal cannot go at once: Asio posts a
  // cancellation, and the handler that it posts uses the signal. So the signal is kept until all
  // that was posted so far has run.
  void remove(Signals::iterator signal) {
    Signals ended;
    ended.splice(ended.begin(), signals, signal);
    if (cancelled) asio::post(executor, [ended = std::move(ended)] {});
    if (signals.empty()) all_done.cancel();
  }

  asio::any_io_executor executor;
  asio::steady_timer all_done;
  Signals signals;
  Thrown thrown;
  bool cancelled = false;
};

Awaitable<void> run_uncancelled(Awaitable<void> task) {
  auto uncancelled = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
  co_await asio::co_spawn(co_await asio::this_coro::executor, std::move(task), uncancelled);
}

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(Awaitable<void> task) {
  auto signal = state_->signals.emplace(state_->signals.end());
  auto when_done = [state = state_, signal](const std::exception_ptr& error) {
    if (error && !is_cancellation(error)) state->thrown.add(error);
    state->remove(signal);
  };
  asio::co_spawn(state_->executor, std::move(task),
                 asio::bind_cancellation_slot(signal->slot(), std::move(when_done)));
  if (state_->cancelled) signal->emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel() {
  state_->cancelled = true;
  for (auto it = state_->signals.begin(); it != state_->signals.end();) {
    auto current = it++;  // a task may end, and leave the list, while it is told
    current->emit(asio::cancellation_type::terminal);
  }
}

Awaitable<void> TaskGroup::join() {
  co_await shield_from_cancellation();
  while (!state_->signals.empty()) {
    boost::system::error_code ignored;
    co_await state_->all_done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  state_->thrown.rethrow();
}

std::size_t TaskGroup::running() const { return state_->signals.size(); }

struct Semaphore::State {
  State(asio::any_io_executor executor, std::size_t count)
      : held(executor, count), permits(count) {}

  // Each permit that is held is one element in the channel, so acquire() is to send: that waits
  // while the channel is full.
  asio::experimental::channel<void(boost::system::error_code)> held;
  std::size_t permits;
  std::size_t in_use = 0;
};

Semaphore::Semaphore(asio::any_io_executor executor, std::size_t permits)
    : state_(std::make_unique<State>(std::move(executor), permits)) {}

Semaphore::~Semaphore() = default;

Awaitable<Semaphore::Permit> Semaphore::acquire() {
  co_await state_->held.async_send(boost::system::error_code(), asio::use_awaitable);
  ++state_->in_use;
  co_return Permit(*this);
}

std::optional<Semaphore::Permit> Semaphore::try_acquire() {
  if (!state_->held.try_send(boost::system::error_code())) return std::nullopt;
  ++state_->in_use;
  return Permit(*this);
}

std::size_t Semaphore::available() const { return state_->permits - state_->in_use; }

Semaphore::Permit& Semaphore::Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
  }
  return *this;
}

void Semaphore::Permit::release() {
  if (owner_ == nullptr) return;
  auto& state = *std::exchange(owner_, nullptr)->state_;
  --state.in_use;
  state.held.try_receive([](boost::system::error_code) {});
}

}  // namespace ballast
