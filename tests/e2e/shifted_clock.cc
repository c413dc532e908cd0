// Preloaded into a program, lets it live on another day: its wall clock is BALLAST_TEST_CLOCK_AHEAD
// seconds ahead, and jumps by as many as the file BALLAST_TEST_CLOCK_JUMP says once that is there.
// Timers keep the monotonic clock, and libraries that ask time() this machine's.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <time.h>

namespace {

long seconds_ahead() {
  const char* setting = std::getenv("BALLAST_TEST_CLOCK_AHEAD");
  return setting == nullptr ? 0 : std::strtol(setting, nullptr, 10);
}

// The file is made while the program runs, and never changes.
long seconds_jumped() {
  static const char* const file = std::getenv("BALLAST_TEST_CLOCK_JUMP");
  if (file == nullptr) return 0;
  std::FILE* opened = std::fopen(file, "r");
  if (opened == nullptr) return 0;
  long seconds = 0;
  if (std::fscanf(opened, "%ld", &seconds) != 1) seconds = 0;
  std::fclose(opened);
  return seconds;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const long ahead = seconds_ahead();
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += ahead + seconds_jumped();
  return result;
}
