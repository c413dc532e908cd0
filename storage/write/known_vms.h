// Private to storage/: remembers which rows the values of each VM stand in, so that an unchanged VM
// needs no look at the database.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/judged_guest.h"
#include "storage/write/state_tables.h"

namespace ballast::storage {

// Stands for a group of values, so that two groups can be compared as a whole: a hash, with a salt
// of this process. The values themselves would take some hundred bytes a VM.
using Fingerprint = std::size_t;

// Rows of states never change and VMs keep their numbers, so this stays right whatever other
// processes write, with one exception: the latest names in the table vm. Call forget() when another
// process may have changed those, and after a transaction was rolled back.
class KnownVms {
 public:
  KnownVms();

  // The number of a row, and the fingerprint of the values in it.
  struct Row {
    Fingerprint content{};
    std::int64_t id = 0;  // 0: not known yet
  };
  struct Vm {
    Row vm;       // by its names
    Row state;    // by its state and place
    Row guest;    // by its guest's state
    Row outcome;  // by verdict and detail
  };
  // Returns what is known of the VM, empty at first; valid until the next call. Of a VM without an
  // instance UUID nothing is remembered.
  Vm& find_or_add(std::int64_t vcenter_id, const model::VmView& vm);
  void forget() { fleets_.clear(); }

  [[nodiscard]] Fingerprint names_of(const model::VmView& vm);
  [[nodiscard]] Fingerprint state_of(const Place& place, const model::VmView& vm);
  [[nodiscard]] Fingerprint guest_of(const model::GuestSample& guest);
  [[nodiscard]] Fingerprint outcome_of(const model::JudgedGuest& result);

 private:
  void add(std::string_view value);
  void add(std::int64_t value);
  void add(std::optional<std::int64_t> value);
  // Returns the fingerprint of everything added since the last one.
  Fingerprint take_fingerprint();

  struct Entry {
    std::string instance_uuid;
    Vm vm;
  };
  // The VMs of one vCenter. They mostly come in the same order again, so `next` is tried first.
  struct Fleet {
    std::deque<Entry> entries;
    std::unordered_map<std::string_view, std::size_t> places;  // by instance UUID
    std::size_t next = 0;
  };

  Fingerprint fingerprint_;
  std::unordered_map<std::int64_t, Fleet> fleets_;
  Vm unnamed_;
};

}  // namespace ballast::storage
