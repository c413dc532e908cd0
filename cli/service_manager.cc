#include "cli/service_manager.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

namespace ballast::cli {

ServiceManager::ServiceManager() {
  std::uint64_t microseconds = 0;
  constexpr int kUnsetEnvironment = 1;
  if (sd_watchdog_enabled(kUnsetEnvironment, &microseconds) > 0) {
    watchdog_ = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::microseconds(microseconds));
  }
}

void ServiceManager::tell(const std::string& state) const {
  const int told = sd_notify(0, state.c_str());
  if (told < 0) spdlog::debug("telling the service manager: {}", std::strerror(-told));
}

void ServiceManager::ready() const { tell("READY=1"); }

void ServiceManager::reloading() const { tell("RELOADING=1"); }

void ServiceManager::stopping() const { tell("STOPPING=1"); }

void ServiceManager::status(const std::string& text) const { tell("STATUS=" + text); }

void ServiceManager::alive() const { tell("WATCHDOG=1"); }

bool writes_to_journal() {
  // systemd.exec(5): "device:inode" of the stream it connected.
  const char* stream = getenv("JOURNAL_STREAM");
  struct stat status {};
  return stream != nullptr && fstat(STDERR_FILENO, &status) == 0 &&
         fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

}  // namespace ballast::cli
