// Private to storage/: remembers what was last written of each VM, so that an unchanged VM needs no
// look at the database.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
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

// Knows in which rows the values of each VM stand. State rows never change and VMs keep their
// numbers, so this stays right whatever other processes write, with one exception: the latest name
// and state in the table vm. Call forget() when another process may have changed those, and after a
// transaction was rolled back.
class KnownVms {
 public:
  KnownVms();

  struct Vm {
    Fingerprint identity{};  // of its names: what its row in vm holds
    Fingerprint state{};     // of its state and its place
    Fingerprint guest{};     // of its guest's state
    std::int64_t id = 0;
    std::int64_t vm_state = 0;
    GuestState guest_state;  // the latest; empty if no guest was read since it is known
  };
  // Returns nullptr if the VM is not known, or has no instance UUID.
  Vm* find(std::int64_t vcenter_id, const model::VmView& vm);
  void keep(std::int64_t vcenter_id, const model::VmView& vm, Vm known);
  void forget() { fleets_.clear(); }
  // Switches remembering on. It is off at first: a process that scans once would only pay for it.
  void remember(bool on) { remembers_ = on; }
  [[nodiscard]] bool remembers() const { return remembers_; }

  [[nodiscard]] Fingerprint identity_of(const model::VmView& vm);
  [[nodiscard]] Fingerprint state_of(const Place& place, const model::VmView& vm);
  [[nodiscard]] Fingerprint guest_of(const model::GuestSample& guest);

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

  bool remembers_ = false;
  Fingerprint fingerprint_;
  std::unordered_map<std::int64_t, Fleet> fleets_;
};

}  // namespace ballast::storage
