// Private to hub/: the hosts, pools and VMs of a vCenter in the hub, with their latest names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "hub/connection.h"
#include "hub/send/store_reader.h"

namespace ballast::hub {

// The things of one kind: they have an id, texts (columns of the table), and a place in the order
// in which they became known.
class NamedThings {
 public:
  explicit NamedThings(Thing thing);

  // Reads those of this vCenter from the hub, unless they are known. Inside a transaction that has
  // the vCenter's lock.
  Status load(Connection& hub, std::int64_t vcenter);
  void forget();

  // Fills `ids` for every one in the file, and adds those to the hub that `wanted` gives (a query
  // of ids, with ?1, the vCenter, and ?2, `owner`). Those that are there get the file's names if
  // `is_newest`.
  Status send(Connection& hub, StoreReader& store, Ids& ids, const std::string& wanted,
              std::int64_t owner, bool is_newest);

 private:
  using Texts = std::vector<std::string>;
  struct Found {
    std::int64_t here = 0;
    Texts texts;
  };

  // Reads those of the file, and finds out which of the hub's ids each has, old or new; unless
  // nothing changed since the last time, here or there.
  Status read(StoreReader& store, const Ids& ids);
  void identify(std::int64_t vcenter);
  void identify_vms(std::int64_t vcenter);
  [[nodiscard]] std::int64_t new_vm_id(std::int64_t vcenter, const Texts& texts,
                                       const std::unordered_set<std::int64_t>& taken) const;
  Status add(Connection& hub, const std::vector<const Found*>& added, const Ids& ids);
  Status rename(Connection& hub, const std::vector<std::int64_t>& renamed, const Ids& ids);
  // Takes over what is told; an empty text tells nothing. Returns whether anything is new.
  static bool learn(Texts& known, const Texts& told);
  void index(std::int64_t id, const Texts& texts);

  Thing thing_;
  const char* table_;
  std::size_t texts_;            // columns from the third on
  std::size_t first_to_change_;  // among them: a moref that is the key never does
  bool is_loaded_ = false;
  std::int64_t last_seq_ = 0;
  std::unordered_map<std::int64_t, Texts> known_;  // those of the hub, by id
  std::vector<Found> found_;                       // those of the file
  std::optional<std::int64_t> fingerprint_;        // of the file when they were read
  std::unordered_set<std::int64_t> compared_;      // whose names the hub has, of found_
  IdMap ids_;
  // Of VMs: by instance UUID, and by moref, those without one apart.
  std::unordered_map<std::string, std::int64_t> by_uuid_;
  std::unordered_map<std::string, std::int64_t> unnamed_;
  std::unordered_map<std::string, std::int64_t> by_moref_;
};

}  // namespace ballast::hub
