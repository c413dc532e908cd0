#include "cli/last_resort.h"

#include <unistd.h>

#include <spdlog/spdlog.h>

#include "cli/context.h"

namespace ballast::cli {

LastResort::~LastResort() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LastResort::arm(std::chrono::milliseconds limit) {
  if (!thread_.joinable()) thread_ = std::thread([this, limit] { wait(limit); });
}

void LastResort::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, limit, [this] { return over_; })) return;
  spdlog::error(
      "ending took more than {} s: what was under way is abandoned; scans not yet stored "
      "are marked failed at the next start",
      std::chrono::duration_cast<std::chrono::seconds>(limit).count());
  ::_exit(kExitFailed);
}

}  // namespace ballast::cli
