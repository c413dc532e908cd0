#include "collector/ending.h"

#include <boost/asio/redirect_error.hpp>

namespace ballast::collector {

namespace asio = boost::asio;

Ending::Ending(const asio::any_io_executor& executor, std::chrono::milliseconds patience)
    : patience_(patience),
      calls_(executor, Timer::time_point::max()),
      clean_up_(executor, Timer::time_point::max()),
      all_(executor, Timer::time_point::max()) {}

void Ending::begin() {
  if (has_begun_) return;
  has_begun_ = true;
  const auto now = Timer::clock_type::now();
  calls_.expires_at(now + patience_);
  clean_up_.expires_at(now + patience_ * 13 / 10);
  all_.expires_at(now + patience_ * 3 / 2);
}

Awaitable<void> Ending::reached(Timer& timer) {
  // Moving the time wakes those who wait; so does cancelling them, and then the next wait throws.
  boost::system::error_code moved = asio::error::operation_aborted;
  while (moved) co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, moved));
}

}  // namespace ballast::collector
