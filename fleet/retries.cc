#include "fleet/retries.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/words.h"

namespace ballast::fleet {

namespace {

constexpr std::size_t kMostOfName = 80;  // bytes
constexpr std::size_t kMostLogins = 5;

std::string times_in_a_row(int failures) {
  return failures == 1 ? "once" : fmt::format("{} times in a row", grouped(failures));
}

std::string why(const model::Setback& setback) {
  const std::string times = times_in_a_row(setback.failures);
  if (setback.reason == model::UnknownReason::kInvalidGuestLogin) {
    return fmt::format("the guest refused the login of user {} {}",
                       printable(setback.username, kMostOfName), times);
  }
  return fmt::format("it failed {}, {}with \"{}\"", times, setback.failures == 1 ? "" : "last ",
                     model::describe(setback.reason));
}

}  // namespace

bool is_left_alone(const model::JudgedGuest& row, UtcTime now) {
  return !row.guest && row.setback && row.setback->next_try > now &&
         model::is_failure(row.judgement.reason);
}

void add_waiting(const model::Setback& setback, WaitingGuests& waiting) {
  const auto [entry, is_new] = waiting.try_emplace(setback.reason);
  Waiting& one = entry->second;
  ++one.guests;
  one.first = is_new ? setback.next_try : std::min(one.first, setback.next_try);
  one.last = is_new ? setback.next_try : std::max(one.last, setback.next_try);
}

std::string retry_sentence(const model::Setback& setback) {
  return fmt::format("Not tried again before {}: {}. Retry now with `ballast scan --retry`.",
                     format_when(setback.next_try), why(setback));
}

std::string waiting_words(model::UnknownReason reason, const Waiting& waiting) {
  const std::string first = format_when(waiting.first);
  const std::string last = format_when(waiting.last);
  return first == last
             ? fmt::format("{}: next try {}", model::describe(reason), first)
             : fmt::format("{}: next tries from {} to {}", model::describe(reason), first, last);
}

std::vector<model::LoginSetback> suspended(std::vector<model::LoginSetback> logins, UtcTime now) {
  std::erase_if(logins, [now](const model::LoginSetback& login) { return login.next_try <= now; });
  return logins;
}

std::string suspended_sentence(const std::vector<model::LoginSetback>& logins,
                               std::int64_t guests) {
  if (logins.empty()) return {};
  const std::string not_tried = guests == 0 ? "" : ": " + counted(guests, "guest") + " not tried";
  if (logins.size() == 1) {
    return fmt::format(
        "Login {} is suspended in {} until {}{}.", printable(logins[0].username, kMostOfName),
        printable(logins[0].vcenter, kMostOfName), format_when(logins[0].next_try), not_tried);
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(logins.size(), kMostLogins); ++i) {
    parts.push_back(fmt::format("{} in {} until {}", printable(logins[i].username, kMostOfName),
                                printable(logins[i].vcenter, kMostOfName),
                                format_when(logins[i].next_try)));
  }
  if (logins.size() > kMostLogins) {
    parts.push_back(
        fmt::format("{} more", grouped(static_cast<std::int64_t>(logins.size() - kMostLogins))));
  }
  return fmt::format("Logins are suspended ({}){}.", fmt::join(parts, ", "), not_tried);
}

}  // namespace ballast::fleet
