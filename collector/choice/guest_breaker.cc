#include "collector/choice/guest_breaker.h"

#include <algorithm>

#include <fmt/format.h>

namespace ballast::collector {

namespace {

using model::Setback;
using model::UnknownReason;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr hours kFirstLoginPause{1};
constexpr hours kLongestLoginPause{24};
constexpr minutes kFirstPause{15};
constexpr hours kLongestPause{6};
constexpr int kTriesBeforePause = 3;

bool is_login(UnknownReason reason) { return reason == UnknownReason::kInvalidGuestLogin; }

seconds pause_after(UnknownReason reason, int failures) {
  if (is_login(reason)) return doubled(kFirstLoginPause, failures, kLongestLoginPause);
  if (failures < kTriesBeforePause) return seconds(0);
  return doubled(kFirstPause, failures - kTriesBeforePause + 1, kLongestPause);
}

}  // namespace

seconds doubled(seconds first, int failures, seconds longest) {
  seconds pause = first;
  for (int i = 1; i < failures && pause < longest; ++i) pause *= 2;
  return std::min(pause, longest);
}

bool is_guests_own(UnknownReason reason) {
  // A new reason counts as not the guest's own: to try a guest too often does less harm than to
  // leave it alone for what others did.
  switch (reason) {
    case UnknownReason::kInvalidGuestLogin:
    case UnknownReason::kGuestPermissionDenied:
    case UnknownReason::kGuestOperationsDisabled:
    case UnknownReason::kGuestOperationsUnavailable:
    case UnknownReason::kProbeFailed:
    case UnknownReason::kOutputUnreadable:
    case UnknownReason::kOutputTooLarge:
    case UnknownReason::kTimedOut:
      return true;
    default:
      return false;
  }
}

std::optional<Setback> setback_after(const std::optional<Setback>& before, UnknownReason reason,
                                     const std::string& username, UtcTime now) {
  if (!is_guests_own(reason)) return std::nullopt;
  // A login that is refused and a guest that does not answer have nothing to do with each other.
  const bool again = before && before->username == username &&
                     is_login(before->reason) == is_login(reason) && before->failures > 0;
  Setback setback;
  setback.reason = reason;
  setback.failures = again ? before->failures + 1 : 1;
  setback.last_try = now;
  setback.next_try = now + pause_after(reason, setback.failures);
  setback.username = username;
  return setback;
}

bool is_left_alone(const Setback& setback, const std::string& username, UtcTime now) {
  if (setback.username != username || setback.next_try <= now) return false;
  return setback.next_try - now <= (is_login(setback.reason) ? kLongestLoginPause : kLongestPause);
}

std::string describe(const Setback& setback) {
  const std::string times =
      setback.failures == 1 ? "once" : fmt::format("{} times in a row", setback.failures);
  const std::string what =
      is_login(setback.reason)
          ? fmt::format("guest login refused {}, last", times)
          : fmt::format("failed {}, last ({})", times, model::describe(setback.reason));
  return fmt::format("{} at {}; not tried again before {}", what, format_iso8601(setback.last_try),
                     format_iso8601(setback.next_try));
}

}  // namespace ballast::collector
