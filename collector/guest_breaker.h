// When a guest whose probe keeps failing is tried again. Pure rules.
//
// A login that was refused is not given again for an hour, then two, up to a day: no account gets
// locked by it. Other failures of the guest's own are tried three times at the scans' pace; from
// then on a pause of 15 minutes doubles up to six hours.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "model/setback.h"
#include "model/verdict.h"

namespace ballast::collector {

// Whether a probe that ended so tells of the guest. Not so: what vCenter failed at, what was
// stopped, and what is known without asking the guest.
[[nodiscard]] bool is_guests_own(model::UnknownReason reason);

// What to remember of a guest after a probe that failed. nullopt: nothing new, what was known
// (`before`) stays as it is.
[[nodiscard]] std::optional<model::Setback> setback_after(
    const std::optional<model::Setback>& before, model::UnknownReason reason,
    const std::string& username, UtcTime now);

// Whether the guest is not to be tried now with this login. A pause longer than there are is the
// work of a clock that jumped, and not believed.
[[nodiscard]] bool is_left_alone(const model::Setback& setback, const std::string& username,
                                 UtcTime now);

// "guest login refused 3 times in a row, last at …Z; not tried again before …Z"
[[nodiscard]] std::string describe(const model::Setback& setback);

// `first`, doubled with each failure after the first, up to `longest`.
[[nodiscard]] std::chrono::seconds doubled(std::chrono::seconds first, int failures,
                                           std::chrono::seconds longest);

}  // namespace ballast::collector
