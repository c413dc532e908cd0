// Private to storage/: what was last written of each VM, so that a VM that is as it was takes no
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

// Stands for values that are compared as a whole, with those before them: a hash, salted by this
// process. The values of a large fleet would take some hundred bytes a VM.
using Fingerprint = std::size_t;

// The rows that a VM's values were last written as, or found in. States are never changed and VMs
// keep their numbers, so what is known stays right whatever other processes write, but for the
// latest name and state in `vm`: forget() where another one may have changed them, and after a
// transaction was rolled back.
class KnownVms {
 public:
  KnownVms();

  struct Vm {
    Fingerprint identity{};  // what its own row holds
    Fingerprint state{};     // with its place
    Fingerprint guest{};
    std::int64_t id = 0;
    std::int64_t vm_state = 0;
    GuestState guest_state;  // the latest; empty if no guest was read since it is known
  };
  // nullptr where the VM is not known, or not by an instance UUID.
  Vm* find(std::int64_t vcenter_id, const model::VmView& vm);
  void keep(std::int64_t vcenter_id, const model::VmView& vm, Vm known);
  void forget() { fleets_.clear(); }
  // Off at first: a process that scans once would only pay for it.
  void remember(bool on) { remembers_ = on; }
  [[nodiscard]] bool remembers() const { return remembers_; }

  [[nodiscard]] Fingerprint identity_of(const model::VmView& vm);
  [[nodiscard]] Fingerprint state_of(const Place& place, const model::VmView& vm);
  [[nodiscard]] Fingerprint guest_of(const model::GuestSample& guest);

 private:
  void add(std::string_view value);
  void add(std::int64_t value);
  void add(std::optional<std::int64_t> value);
  // Of what was added since the last one.
  Fingerprint print();

  struct Entry {
    std::string instance_uuid;
    Vm vm;
  };
  // Of one vCenter. Its VMs mostly come in the same order again.
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
