#include "base/deadline.h"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>

namespace ballast {

namespace asio = boost::asio;

struct Deadlines::State : std::enable_shared_from_this<State> {
  using List = boost::intrusive::list<Deadline, boost::intrusive::constant_time_size<false>>;

  State(const asio::any_io_executor& executor, std::chrono::milliseconds shortest)
      : timer(executor), least(shortest) {}

  // Brings the timer forward, never sets it back: most deadlines are gone before they come, and to
  // set it anew for each of them would cost more than to wake once for nothing.
  void arm(TimePoint expiry) {
    if (expiry >= armed) return;
    armed = expiry;
    timer.expires_at(expiry);
    timer.async_wait([self = weak_from_this()](boost::system::error_code moved) {
      const auto state = self.lock();
      if (!moved && state) state->expire_due();
    });
  }

  // Without this an io_context would run on until the timer expires.
  void disarm() {
    if (armed == TimePoint::max()) return;
    armed = TimePoint::max();
    timer.cancel();
  }

  void hurry(TimePoint end) {
    if (last && *last <= end) return;
    last = end;
    for (Deadline& deadline : all) deadline.expiry_ = std::min(deadline.expiry_, end);
    if (!all.empty()) arm(end);
  }

  void expire_due() {
    armed = TimePoint::max();
    const auto now = TimePoint::clock::now();
    List due;  // a list apart, because what one of them stops may destroy another
    for (auto next = all.begin(); next != all.end();) {
      Deadline& deadline = *next++;
      if (deadline.expiry() > now) continue;
      deadline.unlink();
      due.push_back(deadline);
    }
    while (!due.empty()) {
      Deadline& deadline = due.front();
      due.pop_front();
      deadline.expire();
    }
    for (const Deadline& deadline : all) arm(deadline.expiry());
  }

  asio::steady_timer timer;
  std::chrono::milliseconds least;
  std::optional<TimePoint> last;
  TimePoint armed = TimePoint::max();
  List all;
};

Deadlines::Deadlines(asio::any_io_executor executor, std::chrono::milliseconds least)
    : state_(std::make_shared<State>(std::move(executor), least)) {}

Deadlines::~Deadlines() = default;

void Deadlines::hurry(TimePoint last) { state_->hurry(last); }

Deadline::Deadline(Deadlines& set, TimePoint expiry) : set_(*set.state_), expiry_(expiry) {
  if (set_.last) {
    expiry_ = std::min(expiry_, std::max(*set_.last, TimePoint::clock::now() + set_.least));
  }
  set_.all.push_back(*this);
  set_.arm(expiry_);
}

Deadline::~Deadline() {
  if (is_linked()) unlink();
  if (set_.all.empty()) set_.disarm();
}

// A deadline that has come already goes back into the set, whose timer then finds it due at once:
// so `stop` is never called from inside the constructor of OnExpiry.
void Deadline::watch(std::function<void()> stop) {
  stop_ = std::move(stop);
  if (!expired_ || is_linked()) return;
  set_.all.push_back(*this);
  set_.arm(expiry_);
}

void Deadline::expire() {
  expired_ = true;
  if (stop_) std::exchange(stop_, nullptr)();
}

namespace detail {

Awaitable<bool> run_by(Deadline& deadline, Awaitable<void> task) {
  const auto executor = co_await asio::this_coro::executor;
  const auto state = co_await asio::this_coro::cancellation_state;
  asio::cancellation_signal stop;
  const Forwarding forwarding(state.slot(), stop);
  const Deadline::OnExpiry on_expiry(deadline,
                                     [&] { stop.emit(asio::cancellation_type::terminal); });
  auto token = asio::bind_cancellation_slot(stop.slot(), asio::use_awaitable);
  try {
    co_await asio::co_spawn(executor, std::move(task), std::move(token));
  } catch (...) {
    // Only the cancellation that the deadline caused is ours to swallow.
    if (!deadline.expired() || !is_cancellation(std::current_exception())) throw;
    co_return false;
  }
  co_return true;
}

}  // namespace detail

}  // namespace ballast
