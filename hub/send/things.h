// Private to hub/: everything that samples and periods of a vCenter refer to.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "hub/connection.h"
#include "hub/send/named_things.h"
#include "hub/send/states.h"
#include "hub/send/store_reader.h"

namespace ballast::hub {

// Which things to send: queries of ids in the file, with ?1, the vCenter, and ?2, the scan or the
// start of the period. "" for none.
struct Wanted {
  std::string hosts;
  std::string pools;
  std::string vms;
  std::string vm_states;
  std::string guest_states;
  std::string outcomes;
};
[[nodiscard]] Wanted of_scan();
// `table` is vm_hour or vm_day.
[[nodiscard]] Wanted of_period(const std::string& table);

// The things of one vCenter that the hub is known to have.
class Things {
 public:
  // Sends what is missing and fills `ids`. Inside a transaction that has the vCenter's lock; after
  // one that was not committed forget() must be called.
  Status send(Connection& hub, StoreReader& store, Ids& ids, const Wanted& wanted,
              std::int64_t owner, bool is_newest);
  void forget();
  // Does the same for what other collectors may have changed: names.
  void forget_names();

 private:
  NamedThings hosts_{Thing::kHost};
  NamedThings pools_{Thing::kPool};
  NamedThings vms_{Thing::kVm};
  States vm_states_{Thing::kVmState};
  States guest_states_{Thing::kGuestState};
  States outcomes_{Thing::kOutcome};
};

}  // namespace ballast::hub
