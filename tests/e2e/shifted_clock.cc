// Preloaded into a program, lets it live on another day: its wall clock is BALLAST_TEST_CLOCK_AHEAD
// seconds ahead. Timers keep the monotonic clock, and libraries that ask time() this machine's.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include <time.h>

namespace {

long seconds_ahead() {
  const char* setting = std::getenv("BALLAST_TEST_CLOCK_AHEAD");
  return setting == nullptr ? 0 : std::strtol(setting, nullptr, 10);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const long ahead = seconds_ahead();
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += ahead;
  return result;
}
