// When a guest whose probe keeps failing is tried again. Pure rules.
//
// After a refused login the pause is an hour, then two, up to a day, so that no account gets
// locked. Other failures of the guest's own: the first three tries are made scan by scan, then the
// pause is 15 minutes, doubled with each failure up to six hours.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "model/setback.h"
#include "model/verdict.h"

namespace ballast::collector {

// Tells whether a failure is the guest's own. It is not if vCenter failed, if the scan was stopped,
// or if the reason was known without asking the guest.
[[nodiscard]] bool is_guests_own(model::UnknownReason reason);

// Returns what to remember of a guest after a probe that failed. nullopt if there is nothing new,
// so that what was known (`before`) stays as it is.
[[nodiscard]] std::optional<model::Setback> setback_after(
    const std::optional<model::Setback>& before, model::UnknownReason reason,
    const std::string& username, UtcTime now);

// Tells whether the guest must not be tried now with this login. A pause longer than any that these
// rules make comes from a clock that jumped, and does not count.
[[nodiscard]] bool is_left_alone(const model::Setback& setback, const std::string& username,
                                 UtcTime now);

// Describes a setback: "guest login refused 3 times in a row, last at …Z; not tried again before
// …Z".
[[nodiscard]] std::string describe(const model::Setback& setback);

// Returns `first`, doubled with each failure after the first one, up to `longest`.
[[nodiscard]] std::chrono::seconds doubled(std::chrono::seconds first, int failures,
                                           std::chrono::seconds longest);

}  // namespace ballast::collector
