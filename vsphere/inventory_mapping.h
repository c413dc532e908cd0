// From vCenter's properties to the project's inventory: names, units, enumerations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/inventory.h"
#include "vsphere/soap_encode.h"
#include "vsphere/soap_types.h"

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

}  // namespace ballast::vsphere
