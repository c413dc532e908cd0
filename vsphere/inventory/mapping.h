// From vCenter's properties to the project's inventory: names, units, enumerations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/inventory.h"
#include "vsphere/soap/encode.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// The properties that vm_view() understands.
[[nodiscard]] WantedProperties wanted_of_vms();
// What vCenter did not say, or says in a way that makes no sense, stays unset.
[[nodiscard]] model::VmView vm_view(const ObjectProperties& object, UtcTime polled_at);

// Whether the object was deleted while the collection was under way.
[[nodiscard]] bool is_gone(const ObjectProperties& object);

// Resource pools, vApps (which are pools), and what a root pool takes its name from.
[[nodiscard]] std::vector<WantedProperties> wanted_of_pools();
[[nodiscard]] std::vector<model::ResourcePool> pools_of(
    const std::vector<ObjectProperties>& objects);

// Folders and datacenters; see Client::folders. `root` is the moref of the root folder.
[[nodiscard]] std::vector<WantedProperties> wanted_of_folders();
[[nodiscard]] std::vector<model::Folder> folders_of(const std::vector<ObjectProperties>& objects,
                                                    const std::string& root);
// vCenter writes "/", "\" and "%" in names as %2f, %5c and %25.
[[nodiscard]] std::string plain_name(std::string_view name);

// Hosts and the kinds of object that can be above them.
[[nodiscard]] std::vector<WantedProperties> wanted_of_hosts();
// The hosts among `objects`, with the names of the cluster and datacenter above each.
[[nodiscard]] std::vector<model::Host> hosts_of(const std::vector<ObjectProperties>& objects);

// Reading a PropertyValue as what it should be.

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
