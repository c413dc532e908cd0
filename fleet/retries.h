// Guests and logins that are left alone for a while because they failed. Names as stored; what is
// returned for people went through printable().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/setback.h"
#include "model/verdict.h"
#include "storage/queries.h"

namespace ballast::fleet {

// Guests of one reason that wait for their next try.
struct Waiting {
  std::int64_t guests = 0;
  UtcTime first{};  // of their next tries
  UtcTime last{};
};
using WaitingGuests = std::map<model::UnknownReason, Waiting>;

// Tells whether the guest was not read and is not tried before a time that is still to come.
[[nodiscard]] bool is_left_alone(const model::JudgedGuest& row, UtcTime now);
// Counts a guest that is left alone.
void add_waiting(const model::Setback& setback, WaitingGuests& waiting);

// Returns "Not tried again before 2026-11-23 14:00 UTC: the guest refused the login of user ballast
// 3 times in a row. Retry now with `ballast scan --retry`."
[[nodiscard]] std::string retry_sentence(const model::Setback& setback);
// Returns "guest login refused: next try 2026-11-23 14:00 UTC", "…: next tries from … to …".
[[nodiscard]] std::string waiting_words(model::UnknownReason reason, const Waiting& waiting);

// Returns those that are suspended now.
[[nodiscard]] std::vector<model::LoginSetback> suspended(std::vector<model::LoginSetback> logins,
                                                         UtcTime now);
// Returns "Login ballast is suspended in vc-1 until 2026-11-23 14:00 UTC: 12 guests not tried."; ""
// without logins.
[[nodiscard]] std::string suspended_sentence(const std::vector<model::LoginSetback>& logins,
                                             std::int64_t guests);

}  // namespace ballast::fleet
