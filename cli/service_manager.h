// What `ballast collect` tells the service manager that started it (sd_notify); without one,
// nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace ballast::cli {

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
