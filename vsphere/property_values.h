// Reading a PropertyValue as what it should be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/inventory.h"
#include "vsphere/soap_types.h"

namespace ballast::vsphere {

// "" if the value is no text.
[[nodiscard]] std::string_view text_in(const PropertyValue& value);
// The same for the name of a place, of which everything in it gets a copy: no more than
// kMaxPlaceNameBytes of it, so that one long name times many objects stays small. vCenter's own
// names end at 80 characters.
inline constexpr std::size_t kMaxPlaceNameBytes = 512;
[[nodiscard]] std::string_view place_name_in(const PropertyValue& value);
// moref of the object referred to; "" if the value is no reference.
[[nodiscard]] std::string_view object_id_in(const PropertyValue& value);
// A number from 0 to 2^50, so that a change of units cannot overflow; nullopt for anything else.
[[nodiscard]] std::optional<std::int64_t> figure_in(const PropertyValue& value);

// The value of a property by its name; monostate if the object lacks it.
[[nodiscard]] const PropertyValue& value_of(const ObjectProperties& object, std::string_view name);
// ResourceAllocationInfo in KiB; unset what the value does not hold.
[[nodiscard]] model::MemoryAllocation allocation_in(const PropertyValue& value);

}  // namespace ballast::vsphere
