// Maps hosts, resource pools and folders from vCenter's properties to the project's inventory. Each
// function takes the properties that its wanted_of_…() asks for. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/inventory.h"
#include "vsphere/soap/encode.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// Asks for folders and datacenters.
[[nodiscard]] std::vector<WantedProperties> wanted_of_folders();
// Returns the folders that can hold VMs, and the datacenters, by moref. A datacenter's hidden
// folder of VMs bears the name and has the parent of its datacenter. `root` is the moref of the
// root folder, which is left out.
[[nodiscard]] std::vector<model::Folder> folders_of(const std::vector<ObjectProperties>& objects,
                                                    const std::string& root);

// Asks for vApps.
[[nodiscard]] std::vector<WantedProperties> wanted_of_vapps();
// Returns the vApps as folders: each is in another vApp, or in the folder that shows it.
[[nodiscard]] std::vector<model::Folder> vapps_of(const std::vector<ObjectProperties>& objects);

// Asks for hosts and the kinds of object that can be above them.
[[nodiscard]] std::vector<WantedProperties> wanted_of_hosts();
// Returns the hosts, with the names of the cluster and the datacenter above each.
[[nodiscard]] std::vector<model::Host> hosts_of(const std::vector<ObjectProperties>& objects);

// Asks for resource pools, vApps (which are pools, too), and what a root pool takes its name from.
[[nodiscard]] std::vector<WantedProperties> wanted_of_pools();
// Returns the pools. A root pool, which vCenter always calls "Resources", bears the name of its
// cluster or host.
[[nodiscard]] std::vector<model::ResourcePool> pools_of(
    const std::vector<ObjectProperties>& objects);

}  // namespace ballast::vsphere
