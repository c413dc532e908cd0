// Turns the signals that ask a program to end into a question that a long loop can ask.
#pragma once

#include <signal.h>

#include <array>

namespace ballast::cli {

// While it lives, SIGINT, SIGTERM and SIGHUP do not end the process. Signals that were ignored stay
// ignored. One at a time, on the main thread.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // Whether one of them came while a guard lives.
  [[nodiscard]] static bool interrupted();

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace ballast::cli
