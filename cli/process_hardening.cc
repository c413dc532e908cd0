#include "cli/process_hardening.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace ballast::cli {

namespace {

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

// A handler and not SIG_IGN, which the programs it starts would inherit.
void survive_broken_pipes() {
  struct sigaction action {};
  ::sigemptyset(&action.sa_mask);
  action.sa_handler = do_nothing;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace

void harden_process() {
  forbid_core_dumps();
  tighten_umask();
  open_standard_descriptors();
  survive_broken_pipes();
}

}  // namespace ballast::cli
