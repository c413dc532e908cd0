#include "vsphere/inventory/place_mapping.h"

#include <map>
#include <utility>

#include "base/units.h"
#include "vsphere/inventory/mapping.h"

namespace ballast::vsphere {

namespace {

// Deeper than folders can be nested; ends the walk if the answer has a circle.
constexpr int kMaxAncestors = 100;

// The moref above a datacenter is copied for each hidden folder in it: an object with a long one is
// left out.
constexpr std::size_t kMaxMorefBytes = 128;

// A datacenter has a hidden folder for each kind of object; this is the one of its VMs.
constexpr std::string_view kHiddenVmFolder = "vm";

using Index = std::map<std::string_view, const ObjectProperties*>;

const ObjectProperties* above(const ObjectProperties& object, const Index& index) {
  const auto found = index.find(object_id_in(value_of(object, "parent")));
  return found == index.end() ? nullptr : found->second;
}

bool is_datacenter(const ObjectProperties* object) {
  return object != nullptr && object->object.type == "Datacenter";
}

bool is_hidden_vm_folder(const ObjectProperties& object, const Index& index) {
  return is_datacenter(above(object, index)) &&
         text_in(value_of(object, "name")) == kHiddenVmFolder;
}

// Folders of hosts, networks and datastores cannot: they, too, are below a hidden folder of a
// datacenter, but not the one of its VMs.
bool may_hold_vms(const ObjectProperties& folder, const Index& index) {
  const ObjectProperties* at = &folder;
  for (int step = 0; at != nullptr && step < kMaxAncestors; ++step) {
    if (is_datacenter(at) || is_hidden_vm_folder(*at, index)) return true;
    const auto* parent = above(*at, index);
    if (is_datacenter(parent)) return false;
    at = parent;
  }
  return true;
}

model::Folder folder_of(const ObjectProperties& object, const Index& index) {
  const auto& named = is_hidden_vm_folder(object, index) ? *above(object, index) : object;
  model::Folder folder;
  folder.is_datacenter = is_datacenter(&named);
  folder.moref = object.object.id.substr(0, kMaxIdBytes);
  folder.name = name_in(value_of(named, "name"));
  const auto* parent = above(named, index);
  if (parent != nullptr) folder.parent = parent->object.id;
  return folder;
}

constexpr const char* kMemorySize = "summary.hardware.memorySize";
constexpr const char* kMemoryUsage = "summary.quickStats.overallMemoryUsage";
constexpr const char* kHostThumbprint = "summary.config.sslThumbprint";
constexpr const char* kInterfaces = "config.network.vnic";

// An object above a host.
struct Place {
  std::string_view type;
  std::string name;
  std::string_view parent;  // moref
};

using Places = std::map<std::string_view, Place>;

void find_places(std::string_view parent, const Places& places, model::Host& host) {
  for (int step = 0; step < kMaxAncestors; ++step) {
    const auto above = places.find(parent);
    if (above == places.end()) return;
    const Place& place = above->second;
    if (place.type == "ClusterComputeResource") host.cluster = place.name;
    if (place.type == "Datacenter") {
      host.datacenter = place.name;
      return;
    }
    parent = place.parent;
  }
}

model::Host host_of(const ObjectProperties& object, const Places& places) {
  model::Host host;
  host.moref = object.object.id.substr(0, kMaxIdBytes);
  host.name = name_in(value_of(object, "name"));
  host.ssl_thumbprint = id_in(value_of(object, kHostThumbprint));
  host.address = id_in(value_of(object, kInterfaces));
  const auto size_bytes = figure_in(value_of(object, kMemorySize));
  const auto usage_mb = figure_in(value_of(object, kMemoryUsage));
  if (size_bytes) host.memory_kib = kib_from_bytes(*size_bytes);
  if (usage_mb) host.memory_usage_kib = kib_from_mib(*usage_mb);
  find_places(object_id_in(value_of(object, "parent")), places, host);
  return host;
}

constexpr const char* kAllocation = "config.memoryAllocation";
// In bytes, while everything around it is in MB (vSphere Web Services API,
// ResourcePoolResourceUsage).
constexpr const char* kUsage = "runtime.memory.overallUsage";

bool is_pool(const ManagedObject& object) {
  return object.type == "ResourcePool" || object.type == "VirtualApp";
}

using Names = std::map<std::string_view, std::string>;

model::ResourcePool pool_of(const ObjectProperties& object, const Names& computers) {
  model::ResourcePool pool;
  pool.moref = object.object.id.substr(0, kMaxIdBytes);
  pool.name = name_in(value_of(object, "name"));
  pool.allocation = allocation_in(value_of(object, kAllocation));
  const auto usage_bytes = figure_in(value_of(object, kUsage));
  if (usage_bytes) pool.usage_kib = kib_from_bytes(*usage_bytes);
  const auto* parent = std::get_if<ManagedObject>(&value_of(object, "parent"));
  if (parent == nullptr) return pool;
  if (is_pool(*parent)) {
    pool.parent = parent->id.substr(0, kMaxIdBytes);
  } else if (const auto above = computers.find(parent->id); above != computers.end()) {
    pool.name = above->second;  // its own is always "Resources"
  }
  return pool;
}

}  // namespace

std::vector<WantedProperties> wanted_of_folders() {
  return {{"Datacenter", {"name", "parent"}}, {"Folder", {"name", "parent"}}};
}

std::vector<model::Folder> folders_of(const std::vector<ObjectProperties>& objects,
                                      const std::string& root) {
  Index index;
  for (const auto& object : objects) {
    const auto& moref = object.object.id;
    if (moref != root && moref.size() <= kMaxMorefBytes) index.emplace(moref, &object);
  }
  std::vector<model::Folder> out;
  for (const auto& [moref, object] : index) {
    if (may_hold_vms(*object, index)) out.push_back(folder_of(*object, index));
  }
  return out;
}

std::vector<WantedProperties> wanted_of_vapps() {
  return {{"VirtualApp", {"name", "parent", "parentFolder"}}};
}

// Only a vApp that is in no other one has a folder; its parent is a resource pool.
std::vector<model::Folder> vapps_of(const std::vector<ObjectProperties>& objects) {
  std::vector<model::Folder> out;
  for (const auto& object : objects) {
    auto& vapp = out.emplace_back();
    vapp.moref = object.object.id.substr(0, kMaxIdBytes);
    vapp.name = name_in(value_of(object, "name"));
    vapp.parent = object_id_in(value_of(object, "parentFolder"));
    if (vapp.parent.empty()) vapp.parent = object_id_in(value_of(object, "parent"));
  }
  return out;
}

std::vector<WantedProperties> wanted_of_hosts() {
  return {
      {"HostSystem", {"name", "parent", kMemorySize, kMemoryUsage, kHostThumbprint, kInterfaces}},
      {"ComputeResource", {"name", "parent"}},
      {"Datacenter", {"name", "parent"}},
      {"Folder", {"name", "parent"}}};
}

std::vector<model::Host> hosts_of(const std::vector<ObjectProperties>& objects) {
  Places places;
  for (const auto& object : objects) {
    places.emplace(object.object.id, Place{object.object.type, name_in(value_of(object, "name")),
                                           object_id_in(value_of(object, "parent"))});
  }
  std::vector<model::Host> out;
  for (const auto& object : objects) {
    if (object.object.type == "HostSystem") out.push_back(host_of(object, places));
  }
  return out;
}

std::vector<WantedProperties> wanted_of_pools() {
  return {{"ResourcePool", {"name", "parent", kAllocation, kUsage}}, {"ComputeResource", {"name"}}};
}

std::vector<model::ResourcePool> pools_of(const std::vector<ObjectProperties>& objects) {
  Names computers;
  for (const auto& object : objects) {
    auto name = name_in(value_of(object, "name"));
    if (!is_pool(object.object) && !name.empty()) computers[object.object.id] = std::move(name);
  }
  std::vector<model::ResourcePool> out;
  for (const auto& object : objects) {
    if (is_pool(object.object)) out.push_back(pool_of(object, computers));
  }
  return out;
}

}  // namespace ballast::vsphere
