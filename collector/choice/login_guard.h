// Keeps one account from being locked in a whole fleet. A login that no guest has taken yet is
// tried on few guests at once (those that fail for other reasons make room for more), and one that
// guest after guest refuses is suspended: the rest does not get it. Logins are told apart by user
// name, as accounts are, and hold for the guests of one vCenter: those of another, which may be
// hostile or new, suspend nothing here. Each scan has its own; pure.
//
// Guests that never took a login say little by refusing it: there are appliances in each fleet, and
// they may come first. So those that an earlier scan has read are asked before all others, and once
// one guest has taken the login, only they can have it suspended. Where nobody was ever read, the
// others wait until all are listed, so that their order decides nothing.
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

  // Whether a guest took a login in an earlier scan. (Which one is not stored: a guest that was read
  // before and refuses the login of today shows that something is wrong with it.)
  enum class Guest { kKnown, kNew };

  // Notes that a known guest is going to be asked.
  void expect_known(const std::string& username);
  // Notes that a known guest that was expected is not asked after all.
  void left_out(const std::string& username, Guest guest);
  // Notes that every guest has been listed, or that no more will be.
  void listing_ended() { is_listed_ = true; }

  enum class Turn {
    kNow,        // a probe may start; then call started()
    kLater,      // enough guests try it, or others have to go first: wait for the outcome
    kSuspended,  // no more guests; see why_suspended()
  };
  [[nodiscard]] Turn turn_of(const std::string& username, Guest guest) const;
  void started(const std::string& username);
  // Notes that a guest has taken the login; its probe goes on.
  void taken(const std::string& username);
  [[nodiscard]] bool is_taken(const std::string& username) const {
    return login(username).is_taken;
  }
  [[nodiscard]] bool is_suspended(const std::string& username) const {
    return login(username).is_suspended;
  }

  enum class Answer { kTaken, kRefused, kNone };
  // Notes what became of the login in a probe that was started, once for each. Returns what has to
  // be written to the store at once, if anything.
  std::optional<model::LoginSetback> ended(const std::string& username, Guest guest, Answer answer,
                                           UtcTime now);

  // Tells whether nobody has to wait: the login was taken, or it is suspended, and its guests are
  // only told so.
  [[nodiscard]] bool is_settled(const std::string& username) const;
  // Returns how many probes with this login may start now, as long as it is not settled.
  [[nodiscard]] std::size_t free_slots(const std::string& username) const;
  // Tells whether guests that never took this login may try it.
  [[nodiscard]] bool is_for_new_guests(const std::string& username) const;
  // Returns those that are suspended, by user name.
  [[nodiscard]] std::vector<model::LoginSetback> suspended() const;
  // Returns why: "other guests refused the login probe, last at …Z; not tried again before …Z".
  [[nodiscard]] std::string why_suspended(const std::string& username) const;

 private:
  struct Login {
    model::LoginSetback setback;
    bool is_suspended = false;
    bool is_taken = false;  // by a guest of this scan
    int refusals = 0;       // in a row, of guests that count
    std::size_t running = 0;
    std::size_t other_failures = 0;  // guests that neither took nor refused it
    bool has_known = false;          // guests that took it in an earlier scan
    std::size_t known_expected = 0;  // of these, who has not answered yet
  };
  [[nodiscard]] const Login& login(const std::string& username) const;
  static void suspend(Login& login, UtcTime now);

  std::map<std::string, Login> logins_;  // by user name
  bool is_listed_ = false;
};

}  // namespace ballast::collector
