// Turns the signals that ask a program to end into a question that a long loop can ask.
#pragma once

#include <signal.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

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

// Ends the process when ending it in good order takes too long.

// From arm() on the process lives for `limit` at most, unless the object goes before.
class LastResort {
 public:
  LastResort() = default;
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

  // Later calls change nothing.
  void arm(std::chrono::milliseconds limit);

 private:
  void wait(std::chrono::milliseconds limit);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

// What the process does for its own safety before anything else: it holds the logins of a fleet.

// To be called first in main(), once, before there are threads.
//
// - No core dumps, neither files nor to a crash handler, and no debugger of the same user: their
//   memory holds passwords. (Not the latter two in builds with AddressSanitizer: its leak check is
//   a debugger.) Files in /proc/<pid> that are not for every user then belong to root.
// - Files are closed to other users and not writable for the group, whatever the umask was.
// - Descriptors 0 to 2 are open, so that no file can come to stand there and get a message written
//   into it. One that was closed gives nothing, or fails to be written as if it still were.
// - A pipe or connection whose other end has gone is an error like any other, not the end of the
//   process. Programs that it starts have the usual behaviour back.
void harden_process();

// Returns how many descriptors the process may have open.
[[nodiscard]] std::size_t descriptor_limit();

// What `ballast collect` tells the service manager that started it (sd_notify); without one,
// nothing.

class ServiceManager {
 public:
  // Takes the manager's settings out of the environment, so that children do not get them.
  ServiceManager();

  void ready() const;
  void reloading() const;
  void stopping() const;
  // One line: what the service is at. Printable text.
  void status(const std::string& text) const;
  void alive() const;
  // How often alive() is expected at least; nullopt: not at all.
  [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const { return watchdog_; }

 private:
  void tell(const std::string& state) const;

  std::optional<std::chrono::milliseconds> watchdog_;
};

// Whether stderr goes to systemd's journal, which keeps time and level of lines by itself.
[[nodiscard]] bool writes_to_journal();

}  // namespace ballast::cli
