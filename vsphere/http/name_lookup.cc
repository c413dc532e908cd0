#include "vsphere/http/name_lookup.h"

#include <signal.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ballast::vsphere {

namespace asio = boost::asio;

namespace {

constexpr int kMostAtOnce = 32;
std::atomic<int> g_lookups{0};

// Lives in the waiting coroutine's frame, and so no longer than its io_context.
struct Waiter {
  explicit Waiter(const asio::any_io_executor& ex)
      : executor(ex), done(ex, asio::steady_timer::time_point::max()) {}
  asio::any_io_executor executor;
  asio::steady_timer done;
};

// What the thread and the coroutine share. The thread may outlive everything else.
struct Exchange {
  std::mutex mutex;
  Waiter* waiter = nullptr;  // null once nobody waits any more
  std::optional<Lookup> outcome;
};

void wake(const std::shared_ptr<Exchange>& exchange) {
  const std::lock_guard lock(exchange->mutex);
  if (exchange->waiter != nullptr) exchange->waiter->done.cancel();
}

void deliver(const std::shared_ptr<Exchange>& exchange, Lookup outcome) {
  const std::lock_guard lock(exchange->mutex);
  exchange->outcome = std::move(outcome);
  if (exchange->waiter == nullptr) return;
  asio::post(exchange->waiter->executor, [exchange] { wake(exchange); });
}

// A new thread inherits this: signals are for the threads that expect them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// Returns false if no thread is to be had.
bool start(std::function<void()> job) {
  if (g_lookups.fetch_add(1) >= kMostAtOnce) {
    --g_lookups;
    return false;
  }
  const SignalsBlocked in_the_new_thread;
  try {
    std::thread([job = std::move(job)] {
      job();
      --g_lookups;
    }).detach();
  } catch (const std::system_error&) {
    --g_lookups;
    return false;
  }
  return true;
}

// Tells the thread, however the coroutine ends, that nobody waits any more.
class Waiting {
 public:
  Waiting(Exchange& exchange, Waiter& waiter) : exchange_(exchange) { set(&waiter); }
  ~Waiting() { set(nullptr); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  void set(Waiter* waiter) {
    const std::lock_guard lock(exchange_.mutex);
    exchange_.waiter = waiter;
  }
  Exchange& exchange_;
};

}  // namespace

Lookup look_up_blocking(const std::string& host, std::uint16_t port) {
  asio::io_context unused;
  asio::ip::tcp::resolver resolver(unused);
  Lookup outcome;
  const auto found = resolver.resolve(host, std::to_string(port),
                                      asio::ip::resolver_base::numeric_service, outcome.first);
  for (const auto& entry : found) outcome.second.push_back(entry.endpoint());
  return outcome;
}

Awaitable<Lookup> look_up(std::string host, std::uint16_t port,
                          std::function<Lookup(const std::string&, std::uint16_t)> blocking) {
  const auto exchange = std::make_shared<Exchange>();
  Waiter waiter(co_await asio::this_coro::executor);
  const Waiting waiting(*exchange, waiter);
  auto job = [exchange, host = std::move(host), port, blocking = std::move(blocking)] {
    deliver(exchange, blocking(host, port));
  };
  if (!start(std::move(job))) {
    co_return Lookup(make_error_code(boost::system::errc::resource_unavailable_try_again), {});
  }
  boost::system::error_code woken;
  co_await waiter.done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  const std::lock_guard lock(exchange->mutex);
  if (!exchange->outcome) throw_if_aborted(woken);
  co_return std::move(*exchange->outcome);
}

}  // namespace ballast::vsphere
