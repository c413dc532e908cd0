#include "collector/ending.h"

namespace ballast::collector {

Ending::Ending(const boost::asio::any_io_executor& executor, std::chrono::milliseconds patience)
    : patience_(patience), calls_(executor), clean_up_(executor), all_(executor) {}

void Ending::begin() {
  if (has_begun_) return;
  has_begun_ = true;
  const auto now = TimePoint::clock::now();
  // Each stage gets time of its own after the one before: calls, then clean-up, then the logout.
  calls_.hurry(now + patience_);
  clean_up_.hurry(now + patience_ * 13 / 10);
  all_.hurry(now + patience_ * 3 / 2);
}

}  // namespace ballast::collector
