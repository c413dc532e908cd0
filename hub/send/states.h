// Private to hub/: the states and outcomes of a vCenter in the hub, whose rows never change.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "hub/connection.h"
#include "hub/send/store_reader.h"

namespace ballast::hub {

// The rows of one kind. Their ids are made of their content.
class States {
 public:
  explicit States(Thing thing);

  // Fills `ids` for those in the file that `wanted` gives (a query of ids, with ?1 and ?2), and
  // adds to the hub what it has not. Inside a transaction that has the vCenter's lock. Errors:
  // kStorage if the hub has another content under the same id.
  Status send(Connection& hub, StoreReader& store, Ids& ids, const std::string& wanted,
              std::int64_t owner);
  void forget();

 private:
  struct New {
    std::int64_t id = 0;
    std::string bytes;  // of its row
  };
  Status compare(Connection& hub, const Ids& ids, std::vector<New>& rows);
  Status add(Connection& hub, const std::vector<New>& rows) const;

  Thing thing_;
  const char* table_;
  // What was sent or compared over this connection: rows of the hub are not removed.
  IdMap known_;
  std::unordered_set<std::int64_t> there_;
};

}  // namespace ballast::hub
