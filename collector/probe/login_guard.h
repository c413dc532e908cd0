// Keeps one account from being locked in a whole fleet. A login that no guest has taken yet is
// tried on few guests at once, and one that guest after guest refuses is suspended: the rest does
// not get it. Logins are told apart by user name, as accounts are. Each scan has its own; pure.
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
  // `known`: what the store remembers. `retry_all`: logins that are suspended may be tried at once.
  LoginGuard(std::vector<model::LoginSetback> known, bool retry_all, UtcTime now);

  enum class Turn {
    kNow,        // a probe may start; then call started()
    kLater,      // enough guests try it: wait for the outcome
    kSuspended,  // no more guests; see why_suspended()
  };
  [[nodiscard]] Turn turn_of(const std::string& username) const;
  void started(const std::string& username);
  // Notes that a guest has taken the login; its probe goes on.
  void taken(const std::string& username);
  [[nodiscard]] bool is_taken(const std::string& username) const {
    return login(username).is_taken;
  }

  enum class Answer { kTaken, kRefused, kNone };
  // Notes what became of the login in a probe that was started, once for each. Returns what has to
  // be written to the store at once, if anything.
  std::optional<model::LoginSetback> ended(const std::string& username, Answer answer, UtcTime now);

  // Returns how many probes with this login may start now. A login that was taken has no limit; nor
  // has a suspended one, whose guests are only told so.
  [[nodiscard]] std::size_t free_slots(const std::string& username) const;
  // Returns why: "other guests refused the login probe, last at …Z; not tried again before …Z".
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
