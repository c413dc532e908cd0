// Which collector scans which vCenter, where several share them. The hub's clock alone counts.
//
// A vCenter is known by its key, what the configuration calls it by: its URL. Its lease has an
// epoch, which rises whenever it goes to a holder anew; a scan is sent with the epoch under which
// it was begun.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "hub/connection.h"

namespace ballast::hub {

struct Lease {
  std::string vcenter_key;
  std::int64_t epoch = 0;
};

// How long a lease lasts. A collector takes a turn three times while it does, so that one that died
// is replaced after four thirds of it at the latest.
inline constexpr std::chrono::seconds kLeaseTime{60};

// Takes one turn for the collector `holder` and returns what it has now, by key. Up to its share
// (vCenters by collectors that live, rounded up) it takes what is free; beyond it only what nobody
// else with less than its share could scan. It gives back what is more than its share if somebody
// waits for it, but nothing of `busy`, what it is scanning. A lease that ran out is renewed if
// nobody took it. Errors: those of connection.h. Whoever cannot reach the hub keeps what it has.
Result<std::vector<Lease>> take_turn(Connection& hub, const std::string& holder,
                                     const std::vector<std::string>& keys,
                                     const std::vector<std::string>& busy,
                                     std::chrono::milliseconds lease_time = kLeaseTime);

// What a lease looks like to others.
struct LeaseHolder {
  std::string vcenter_key;
  std::string holder;  // "" if nobody has it
  std::int64_t epoch = 0;
  std::chrono::milliseconds left{0};  // negative once it ran out
};
// Returns every lease, by key: for people. Any role may.
Result<std::vector<LeaseHolder>> lease_holders(Connection& hub);

// Gives back all that `holder` has, so that others need not wait until it runs out.
Status give_back(Connection& hub, const std::string& holder);

}  // namespace ballast::hub
