#include "cli/interrupt.h"

#include <cstddef>

namespace ballast::cli {

namespace {

volatile sig_atomic_t g_interrupted = 0;

void note(int /*signal*/) { g_interrupted = 1; }

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

}  // namespace ballast::cli
