#include "collector/choice/login_guard.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "collector/choice/guest_breaker.h"

namespace ballast::collector {

namespace {

using model::LoginSetback;

constexpr std::chrono::hours kFirstSuspension{1};
constexpr std::chrono::hours kLongestSuspension{24};
// While no guest has taken it. A few more refusals could lock the account.
constexpr std::size_t kTriesAtOnce = 3;
// … where guests fail for other reasons: no more than may refuse a login that others have taken.
constexpr std::size_t kMostTriesAtOnce = 10;
constexpr int kRefusalsUnproven = 3;
constexpr int kRefusalsInARow = 10;

}  // namespace

LoginGuard::LoginGuard(std::vector<LoginSetback> known, bool retry_all, UtcTime now) {
  for (auto& setback : known) {
    Login& login = logins_[setback.username];
    // A pause longer than any that suspend() makes comes from a clock that jumped.
    login.is_suspended =
        !retry_all && setback.next_try > now && setback.next_try - now <= kLongestSuspension;
    login.setback = std::move(setback);
  }
}

const LoginGuard::Login& LoginGuard::login(const std::string& username) const {
  static const Login unknown;
  const auto known = logins_.find(username);
  return known == logins_.end() ? unknown : known->second;
}

void LoginGuard::expect_known(const std::string& username) {
  Login& login = logins_[username];
  login.has_known = true;
  ++login.known_expected;
}

void LoginGuard::left_out(const std::string& username, Guest guest) {
  if (guest == Guest::kKnown) --logins_[username].known_expected;
}

bool LoginGuard::is_settled(const std::string& username) const {
  const Login& known = login(username);
  return known.is_taken || known.is_suspended;
}

bool LoginGuard::is_for_new_guests(const std::string& username) const {
  return is_settled(username) || (is_listed_ && login(username).known_expected == 0);
}

LoginGuard::Turn LoginGuard::turn_of(const std::string& username, Guest guest) const {
  if (login(username).is_suspended) return Turn::kSuspended;
  if (login(username).is_taken) return Turn::kNow;
  if (guest == Guest::kNew && !is_for_new_guests(username)) return Turn::kLater;
  return free_slots(username) > 0 ? Turn::kNow : Turn::kLater;
}

std::size_t LoginGuard::free_slots(const std::string& username) const {
  const Login& known = login(username);
  // After a suspension one guest goes first. Otherwise each refusal leaves one try less, so that
  // never more than three are refused.
  std::size_t most =
      known.setback.failures > 0 ? 1 : kTriesAtOnce - static_cast<std::size_t>(known.refusals);
  // Guests that failed for other reasons say nothing about the login, and hold up few: all that run
  // may be refused at once.
  if (known.refusals == 0) most = std::min(most + known.other_failures, kMostTriesAtOnce);
  return known.running < most ? most - known.running : 0;
}

void LoginGuard::started(const std::string& username) { ++logins_[username].running; }

void LoginGuard::taken(const std::string& username) {
  Login& login = logins_[username];
  login.is_taken = true;
  login.is_suspended = false;
  login.refusals = 0;
}

void LoginGuard::suspend(Login& login, UtcTime now) {
  login.is_suspended = true;
  login.is_taken = false;
  ++login.setback.failures;
  login.setback.last_try = now;
  login.setback.next_try =
      now + doubled(kFirstSuspension, login.setback.failures, kLongestSuspension);
}

std::optional<LoginSetback> LoginGuard::ended(const std::string& username, Guest guest,
                                              Answer answer, UtcTime now) {
  Login& login = logins_[username];
  login.setback.username = username;
  --login.running;
  left_out(username, guest);
  if (answer == Answer::kNone) {
    ++login.other_failures;
    return std::nullopt;
  }
  if (answer == Answer::kTaken) {
    taken(username);
    if (login.setback.failures == 0) return std::nullopt;
    login.setback.failures = 0;
    return login.setback;
  }
  // Known guests are refusing it, too: then it may be the password.
  const bool is_doubtful = !login.has_known || login.refusals > 0;
  const bool counts = guest == Guest::kKnown || (!login.is_taken && is_doubtful);
  if (login.is_suspended || !counts) return std::nullopt;
  ++login.refusals;
  const int most = login.is_taken                ? kRefusalsInARow
                   : login.setback.failures == 0 ? kRefusalsUnproven
                                                 : 1;
  if (login.refusals < most) return std::nullopt;
  suspend(login, now);
  return login.setback;
}

std::vector<LoginSetback> LoginGuard::suspended() const {
  std::vector<LoginSetback> out;
  for (const auto& [username, login] : logins_) {
    if (login.is_suspended) out.push_back(login.setback);
  }
  return out;
}

std::string LoginGuard::why_suspended(const std::string& username) const {
  const LoginSetback& setback = login(username).setback;
  return fmt::format("other guests refused the login {}, last at {}; not tried again before {}",
                     printable(username, 64), format_iso8601(setback.last_try),
                     format_iso8601(setback.next_try));
}

}  // namespace ballast::collector
