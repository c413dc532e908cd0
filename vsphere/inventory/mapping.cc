#include "vsphere/inventory/mapping.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "vsphere/soap/reader.h"

namespace ballast::vsphere {

namespace {

using model::VmView;
using Figure = std::optional<std::int64_t>;

Figure kib_of_mb(Figure mb) { return mb ? Figure(kib_from_mib(*mb)) : std::nullopt; }

// Returns the entry for the value's word, or the table's first, which stands for unknown.
template <class Table>
auto lookup(const Table& table, const PropertyValue& value) {
  const std::string_view word = text_in(value);
  const auto* found = std::find_if(std::begin(table), std::end(table),
                                   [&](const auto& row) { return row.first == word; });
  return (found == std::end(table) ? std::begin(table) : found)->second;
}

constexpr std::pair<std::string_view, model::PowerState> kPowerStates[] = {
    {"", model::PowerState::kUnknown},
    {"poweredOn", model::PowerState::kPoweredOn},
    {"poweredOff", model::PowerState::kPoweredOff},
    {"suspended", model::PowerState::kSuspended},
};

constexpr std::pair<std::string_view, model::ConnectionState> kConnectionStates[] = {
    {"", model::ConnectionState::kUnknown},
    {"connected", model::ConnectionState::kConnected},
    {"disconnected", model::ConnectionState::kDisconnected},
    {"orphaned", model::ConnectionState::kOrphaned},
    {"inaccessible", model::ConnectionState::kInaccessible},
    {"invalid", model::ConnectionState::kInvalid},
};

constexpr std::pair<std::string_view, model::ToolsState> kToolsStates[] = {
    {"", model::ToolsState::kUnknown},
    {"guestToolsNotRunning", model::ToolsState::kNotRunning},
    {"guestToolsRunning", model::ToolsState::kRunning},
    {"guestToolsExecutingScripts", model::ToolsState::kExecutingScripts},
};

constexpr std::pair<std::string_view, std::optional<bool>> kBooleans[] = {
    {"", std::nullopt}, {"true", true}, {"1", true}, {"false", false}, {"0", false}};

void set_allocation(VmView& vm, const PropertyValue& value) {
  vm.allocation = allocation_in(value);
}

void set_stats(VmView& vm, const PropertyValue& value) {
  if (const auto* stats = std::get_if<model::QuickStats>(&value)) vm.stats = *stats;
}

// What the guest says it is outranks what it was configured as; they arrive in any order.
void set_configured_guest_id(VmView& vm, const PropertyValue& value) {
  if (vm.guest_id.empty()) vm.guest_id = id_in(value);
}
void set_guest_id(VmView& vm, const PropertyValue& value) {
  if (!text_in(value).empty()) vm.guest_id = id_in(value);
}

struct VmProperty {
  std::string_view path;
  void (*set)(VmView& vm, const PropertyValue& value);
};

constexpr VmProperty kVmProperties[] = {
    {"name", [](VmView& vm, const PropertyValue& value) { vm.name = name_in(value); }},
    {"config.instanceUuid",
     [](VmView& vm, const PropertyValue& value) { vm.instance_uuid = id_in(value); }},
    {"config.uuid", [](VmView& vm, const PropertyValue& value) { vm.bios_uuid = id_in(value); }},
    {"config.guestId", set_configured_guest_id},
    {"config.hardware.memoryMB",
     [](VmView& vm, const PropertyValue& value) {
       vm.configured_kib = kib_of_mb(figure_in(value));
     }},
    {"config.hardware.numCPU",
     [](VmView& vm, const PropertyValue& value) { vm.cpus = figure_in(value); }},
    {"resourceConfig.memoryAllocation", set_allocation},
    {"runtime.host",
     [](VmView& vm, const PropertyValue& value) { vm.host_moref = object_id_in(value); }},
    {"resourcePool",
     [](VmView& vm, const PropertyValue& value) { vm.pool_moref = object_id_in(value); }},
    {"parent",
     [](VmView& vm, const PropertyValue& value) { vm.folder_moref = object_id_in(value); }},
    {"runtime.powerState",
     [](VmView& vm, const PropertyValue& value) { vm.power = lookup(kPowerStates, value); }},
    {"runtime.connectionState",
     [](VmView& vm, const PropertyValue& value) {
       vm.connection = lookup(kConnectionStates, value);
     }},
    {"guest.toolsRunningStatus",
     [](VmView& vm, const PropertyValue& value) { vm.tools = lookup(kToolsStates, value); }},
    {"guest.guestOperationsReady",
     [](VmView& vm, const PropertyValue& value) {
       vm.guest_operations_ready = lookup(kBooleans, value);
     }},
    {"guest.guestFamily",
     [](VmView& vm, const PropertyValue& value) { vm.guest_family = id_in(value); }},
    {"guest.guestId", set_guest_id},
    {"config.managedBy.extensionKey",
     [](VmView& vm, const PropertyValue& value) { vm.managed_by = id_in(value); }},
    {"summary.quickStats", set_stats},
};

}  // namespace

WantedProperties wanted_of_vms() {
  WantedProperties out{"VirtualMachine", {}};
  for (const auto& property : kVmProperties) out.paths.emplace_back(property.path);
  return out;
}

VmView vm_view(const ObjectProperties& object, UtcTime polled_at) {
  VmView vm;
  vm.moref = object.object.id.substr(0, kMaxIdBytes);
  vm.polled_at = polled_at;
  for (const auto& [name, value] : object.properties) {
    const auto* known = std::find_if(std::begin(kVmProperties), std::end(kVmProperties),
                                     [&path = name](const auto& row) { return row.path == path; });
    if (known != std::end(kVmProperties)) known->set(vm, value);
  }
  return vm;
}

bool is_gone(const ObjectProperties& object) {
  return std::any_of(object.missing.begin(), object.missing.end(),
                     [](const auto& missing) { return missing.fault == "ManagedObjectNotFound"; });
}

const PropertyValue& value_of(const ObjectProperties& object, std::string_view name) {
  static const PropertyValue kUnset;
  for (const auto& property : object.properties) {
    if (property.name == name) return property.value;
  }
  return kUnset;
}

std::string_view text_in(const PropertyValue& value) {
  const auto* held = std::get_if<std::string_view>(&value);
  return held == nullptr ? std::string_view() : *held;
}

std::string plain_name(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kEscapes = {
      {{"%2f", '/'}, {"%2F", '/'}, {"%5c", '\\'}, {"%5C", '\\'}, {"%25", '%'}}};
  std::string out;
  while (!name.empty()) {
    std::size_t used = 1;
    char c = name.front();
    for (const auto& [escape, meant] : kEscapes) {
      if (!name.starts_with(escape)) continue;
      c = meant;
      used = escape.size();
    }
    out += c;
    name.remove_prefix(used);
  }
  return out;
}

std::string name_in(const PropertyValue& value) {
  return plain_name(text_in(value).substr(0, kMaxNameBytes));
}

std::string_view object_id_in(const PropertyValue& value) {
  const auto* held = std::get_if<ManagedObject>(&value);
  return held == nullptr ? std::string_view() : std::string_view(held->id).substr(0, kMaxIdBytes);
}

std::string id_in(const PropertyValue& value) {
  return std::string(text_in(value).substr(0, kMaxIdBytes));
}

std::optional<std::int64_t> figure_in(const PropertyValue& value) {
  return figure_of(text_in(value));
}

model::MemoryAllocation allocation_in(const PropertyValue& value) {
  model::MemoryAllocation out;
  const auto* held = std::get_if<AllocationFigures>(&value);
  if (held == nullptr) return out;
  if (held->reservation_mb) out.reservation_kib = kib_from_mib(*held->reservation_mb);
  if (held->limit_mb) {
    out.limit_kib = *held->limit_mb == -1 ? model::kUnlimited : kib_from_mib(*held->limit_mb);
  }
  return out;
}

}  // namespace ballast::vsphere
