#include <map>
#include <string_view>

#include "base/units.h"
#include "vsphere/inventory_mapping.h"
#include "vsphere/property_values.h"

namespace ballast::vsphere {

namespace {

constexpr const char* kAllocation = "config.memoryAllocation";
// In bytes, other than the MB of everything around it: vSphere Web Services API,
// ResourcePoolResourceUsage.
constexpr const char* kUsage = "runtime.memory.overallUsage";

bool is_pool(const ManagedObject& object) {
  return object.type == "ResourcePool" || object.type == "VirtualApp";
}

using Names = std::map<std::string_view, std::string_view>;

model::ResourcePool pool_of(const ObjectProperties& object, const Names& computers) {
  model::ResourcePool pool;
  pool.moref = object.object.id;
  pool.name = text_in(value_of(object, "name"));
  pool.allocation = allocation_in(value_of(object, kAllocation));
  const auto usage_bytes = figure_in(value_of(object, kUsage));
  if (usage_bytes) pool.usage_kib = kib_from_bytes(*usage_bytes);
  const auto* parent = std::get_if<ManagedObject>(&value_of(object, "parent"));
  if (parent == nullptr) return pool;
  if (is_pool(*parent)) {
    pool.parent = parent->id;
  } else if (const auto above = computers.find(parent->id); above != computers.end()) {
    pool.name = above->second;
  }
  return pool;
}

}  // namespace

std::vector<WantedProperties> wanted_of_pools() {
  return {{"ResourcePool", {"name", "parent", kAllocation, kUsage}}, {"ComputeResource", {"name"}}};
}

std::vector<model::ResourcePool> pools_of(const std::vector<ObjectProperties>& objects) {
  Names computers;
  for (const auto& object : objects) {
    const auto name = place_name_in(value_of(object, "name"));
    if (!is_pool(object.object) && !name.empty()) computers[object.object.id] = name;
  }
  std::vector<model::ResourcePool> out;
  for (const auto& object : objects) {
    if (is_pool(object.object)) out.push_back(pool_of(object, computers));
  }
  return out;
}

}  // namespace ballast::vsphere
