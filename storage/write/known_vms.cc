#include "storage/write/known_vms.h"

#include <functional>
#include <random>
#include <utility>

#include <boost/container_hash/hash.hpp>

namespace ballast::storage {
namespace {

template <class Enum>
std::int64_t number(Enum value) {
  return static_cast<std::int64_t>(value);
}

// Without a salt, whoever names VMs could make two groups of values with one fingerprint.
Fingerprint salt() {
  static const Fingerprint kSalt =
      Fingerprint{std::random_device()()} << 32 | std::random_device()();
  return kSalt;
}

}  // namespace

KnownVms::KnownVms() : fingerprint_(salt()) {}

KnownVms::Vm& KnownVms::find_or_add(std::int64_t vcenter_id, const model::VmView& vm) {
  if (vm.instance_uuid.empty()) return unnamed_ = {};
  Fleet& fleet = fleets_[vcenter_id];
  auto& entries = fleet.entries;
  if (fleet.next < entries.size() && entries[fleet.next].instance_uuid == vm.instance_uuid) {
    return entries[fleet.next++].vm;
  }
  auto place = fleet.places.find(vm.instance_uuid);
  if (place == fleet.places.end()) {
    const Entry& entry = entries.emplace_back(Entry{vm.instance_uuid, {}});
    place = fleet.places.emplace(entry.instance_uuid, entries.size() - 1).first;
  }
  fleet.next = place->second + 1;
  return entries[place->second].vm;
}

Fingerprint KnownVms::names_of(const model::VmView& vm) {
  add(vm.bios_uuid);
  add(vm.moref);
  add(vm.name);
  return take_fingerprint();
}

Fingerprint KnownVms::state_of(const Place& place, const model::VmView& vm) {
  add(place.host_id);
  add(place.pool_id);
  add(number(vm.power) << 16 | number(vm.connection) << 8 | number(vm.tools));
  add(vm.guest_operations_ready ? number(*vm.guest_operations_ready) : -1);
  add(vm.guest_family);
  add(vm.guest_id);
  add(vm.configured_kib);
  add(vm.allocation.reservation_kib);
  add(vm.allocation.limit_kib);
  return take_fingerprint();
}

Fingerprint KnownVms::guest_of(const model::GuestSample& guest) {
  const model::MemoryAccount& account = guest.account;
  add(guest.kernel_release);
  add(guest.boot_id);
  add(number(account.era));
  add(account.mem_total_kib);
  add(account.counter_error_kib);
  for (const auto& sentence : account.missing) add(sentence);
  add(guest.cpus);
  add(account.unread_fixed_kib);
  add(number(guest.channel));
  return take_fingerprint();
}

Fingerprint KnownVms::outcome_of(const model::JudgedGuest& result) {
  const model::Judgement& judgement = result.judgement;
  add(number(judgement.verdict) << 16 | number(judgement.proof) << 8 | number(judgement.reason));
  add(result.detail);
  return take_fingerprint();
}

// Lengths keep neighbours apart.
void KnownVms::add(std::string_view value) {
  boost::hash_combine(fingerprint_, value.size());
  boost::hash_combine(fingerprint_, std::hash<std::string_view>()(value));
}

void KnownVms::add(std::int64_t value) { boost::hash_combine(fingerprint_, value); }

void KnownVms::add(std::optional<std::int64_t> value) {
  boost::hash_combine(fingerprint_, value.has_value());
  if (value) add(*value);
}

Fingerprint KnownVms::take_fingerprint() { return std::exchange(fingerprint_, salt()); }

}  // namespace ballast::storage
