// Maps VMs from vCenter's properties to the project's inventory (names, units, enumerations), and
// reads single property values. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/inventory.h"
#include "vsphere/soap/encode.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// Asks for the properties that vm_view() understands.
[[nodiscard]] WantedProperties wanted_of_vms();
// Returns the VM. What vCenter did not say, or said in a way that makes no sense, stays unset.
[[nodiscard]] model::VmView vm_view(const ObjectProperties& object, UtcTime polled_at);

// Returns whether the object was deleted while the collection was under way.
[[nodiscard]] bool is_gone(const ObjectProperties& object);

// Returns the value of the property `name`; monostate if the object lacks it.
[[nodiscard]] const PropertyValue& value_of(const ObjectProperties& object, std::string_view name);

// Returns the text, "" if the value is no text.
[[nodiscard]] std::string_view text_in(const PropertyValue& value);
// Returns a name as a person writes it. vCenter escapes three characters in the names of everything
// in the inventory: %2f is "/", %5c is "\", %25 is "%" (ManagedEntity.name in the API reference).
[[nodiscard]] std::string plain_name(std::string_view name);
// Returns the name of a VM or a place, plain, of at most so many escaped bytes: everything in a
// place gets a copy of its name. vCenter's own names end at 80 characters.
inline constexpr std::size_t kMaxNameBytes = 512;
[[nodiscard]] std::string name_in(const PropertyValue& value);
// Returns an identifier (a UUID, the word for a guest's system), of at most so many bytes.
inline constexpr std::size_t kMaxIdBytes = 128;
[[nodiscard]] std::string id_in(const PropertyValue& value);
// Returns the moref of the object that the value refers to, cut likewise; "" if it is no reference.
[[nodiscard]] std::string_view object_id_in(const PropertyValue& value);
// Returns a number from 0 to 2^50, so that a change of units cannot overflow; nullopt for anything
// else.
[[nodiscard]] std::optional<std::int64_t> figure_in(const PropertyValue& value);
// Returns a ResourceAllocationInfo in KiB. What the value does not hold stays unset.
[[nodiscard]] model::MemoryAllocation allocation_in(const PropertyValue& value);

}  // namespace ballast::vsphere
