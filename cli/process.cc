#include "cli/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "cli/context.h"

namespace ballast::cli {

namespace {

volatile sig_atomic_t g_interrupted = 0;

void note(int /*signal*/) { g_interrupted = 1; }

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kIsTracedByItself = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kIsTracedByItself = true;
#else
constexpr bool kIsTracedByItself = false;
#endif
#else
constexpr bool kIsTracedByItself = false;
#endif

constexpr mode_t kNotForOthers = 0027;

void forbid_core_dumps() {
  // The limit alone does not keep the kernel from feeding a crash handler.
  if (!kIsTracedByItself) ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

void tighten_umask() {
  const mode_t before = ::umask(kNotForOthers);
  ::umask(before | kNotForOthers);
}

void open_standard_descriptors() {
  // Standard output only for reading: a report that goes nowhere has to be an error.
  constexpr std::array<int, 3> kFlags = {O_RDONLY, O_RDONLY, O_WRONLY};
  for (int fd = 0; fd < 3; ++fd) {
    // The lowest free number is this one, since those below it are open.
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", kFlags[fd]);
  }
}

void do_nothing(int /*signal*/) {}

// As many descriptors as this user may have: a scan has connections to hundreds of hosts. (The soft
// limit is low for programs that use select(), as this one does not.)
void raise_descriptor_limit() {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return;
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
}

// A broken pipe, and a file that grew to the limit of `ulimit -f`, are errors of the call. A handler
// and not SIG_IGN, which the programs it starts would inherit.
void survive_failed_writes() {
  struct sigaction action {};
  ::sigemptyset(&action.sa_mask);
  action.sa_handler = do_nothing;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPIPE, &action, nullptr);
  ::sigaction(SIGXFSZ, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &before_[i], nullptr);
  }
  g_interrupted = 0;
}

bool InterruptGuard::interrupted() { return g_interrupted != 0; }

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

void harden_process() {
  forbid_core_dumps();
  tighten_umask();
  open_standard_descriptors();
  raise_descriptor_limit();
  survive_failed_writes();
}

std::size_t descriptor_limit() {
  constexpr std::size_t kUsual = 1024;
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return kUsual;
  return descriptors.rlim_cur;
}

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
