// Keeps one account from being locked in a whole fleet: a login that no guest has taken yet is
// tried by few at once, and one that guest after guest refuses is not given to the rest. Pure;
// logins are told apart by user name, as accounts are. One scan each.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/setback.h"

namespace ballast::collector {

class LoginGuard {
 public:
  LoginGuard() = default;
  // `known`: what the store remembers. `retry_all`: what was suspended may be tried at once.
  LoginGuard(std::vector<model::LoginSetback> known, bool retry_all, UtcTime now);

  enum class Turn {
    kNow,        // a probe may start; started() is to be called
    kLater,      // so many try it already that the outcome is waited for
    kSuspended,  // no more guests, see why_suspended()
  };
  [[nodiscard]] Turn turn_of(const std::string& username) const;
  void started(const std::string& username);
  // One that was started has been let in, though it goes on.
  void taken(const std::string& username);
  [[nodiscard]] bool is_taken(const std::string& username) const {
    return login(username).is_taken;
  }

  enum class Answer { kTaken, kRefused, kNone };
  // What became of a probe that was started. What has to be written at once, if anything.
  std::optional<model::LoginSetback> ended(const std::string& username, Answer answer, UtcTime now);

  // How many of those that wait may be brought back now; all of them if it is not limited.
  [[nodiscard]] std::size_t free_slots(const std::string& username) const;
  // "other guests refused the login probe, last at …Z; not tried again before …Z"
  [[nodiscard]] std::string why_suspended(const std::string& username) const;

 private:
  struct Login {
    model::LoginSetback setback;
    bool is_suspended = false;
    bool is_taken = false;  // by a guest of this scan
    int refusals = 0;       // in a row
    std::size_t running = 0;
  };
  [[nodiscard]] const Login& login(const std::string& username) const;
  static void suspend(Login& login, UtcTime now);

  std::map<std::string, Login> logins_;  // by user name
};

}  // namespace ballast::collector
