// What collectors tell each other about guests and logins that fail, so that several of them do not
// lock an account several times as fast. What was tried last counts, whoever tells it later.
//
// A vCenter is meant by its id (hub/content_id.h), whether the hub knows it yet or not. Errors:
// those of connection.h; then nothing was changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "hub/connection.h"
#include "model/setback.h"

namespace ballast::hub {

struct GuestSetback {
  std::string instance_uuid;  // "" where vCenter gives none: then the moref tells the VM
  std::string moref;
  std::optional<model::Setback> setback;  // empty for a guest that was read: it is forgotten
};

// Returns the guests of a vCenter that have a setback, in no particular order. Of a reason that
// this program does not know, there is none.
Result<std::vector<GuestSetback>> read_guest_setbacks(Connection& hub, std::int64_t vcenter);
// Remembers or forgets each.
Status write_guest_setbacks(Connection& hub, std::int64_t vcenter,
                            const std::vector<GuestSetback>& guests);

// Returns the logins of a vCenter that are suspended or were lately, by user name; without the name
// of the vCenter.
Result<std::vector<model::LoginSetback>> read_login_setbacks(Connection& hub, std::int64_t vcenter);
// Remembers one; with failures == 0 what was known of it is forgotten: a guest took it.
Status write_login_setback(Connection& hub, std::int64_t vcenter,
                           const model::LoginSetback& setback);

}  // namespace ballast::hub
