#include "cli/maintenance.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include "base/time.h"

namespace ballast::cli {

namespace {

constexpr std::chrono::hours kClockJump{12};

}  // namespace

std::string ClockComparison::first_that_disagrees() const {
  const auto found = std::find_if(ahead_.begin(), ahead_.end(), [](const auto& entry) {
    return std::chrono::abs(entry.second) >= kClockJump;
  });
  return found == ahead_.end() ? std::string() : found->first;
}

std::chrono::milliseconds ClockComparison::ahead_of(const std::string& vcenter) const {
  const auto found = ahead_.find(vcenter);
  return found == ahead_.end() ? std::chrono::milliseconds(0) : found->second;
}

void maintain(storage::Store& store, const collector::Retention& keep,
              const ClockComparison& clocks) {
  if (const auto vcenter = clocks.first_that_disagrees(); !vcenter.empty()) {
    spdlog::warn(
        "{}: its clock and this machine's are {} apart: nothing old is removed until they agree",
        vcenter, format_duration(std::chrono::abs(clocks.ahead_of(vcenter))));
    return;
  }
  const auto maintained = store.maintain(keep, now_utc());
  if (!maintained) spdlog::warn("after the scan: {}", maintained.error().sentence());
}

BackgroundMaintenance::~BackgroundMaintenance() {
  stop();
  thread_.join();
}

void BackgroundMaintenance::request(const collector::Retention& keep,
                                    const ClockComparison& clocks) {
  const std::lock_guard lock(mutex_);
  keep_ = keep;
  clocks_ = clocks;
  if (std::exchange(wanted_, true)) return;
  boost::asio::post(thread_, [this] { run(); });
}

void BackgroundMaintenance::stop() {
  const std::lock_guard lock(mutex_);
  wanted_ = false;
}

void BackgroundMaintenance::run() {
  std::unique_lock lock(mutex_);
  if (!std::exchange(wanted_, false)) return;
  const auto keep = keep_;
  const auto clocks = clocks_;
  lock.unlock();
  auto store = storage::Store::open(database_);
  if (store) {
    maintain(**store, keep, clocks);
  } else {
    spdlog::warn("after the scan: {}", store.error().sentence());
  }
}

}  // namespace ballast::cli
