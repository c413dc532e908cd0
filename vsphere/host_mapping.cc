#include <map>
#include <string_view>

#include "base/units.h"
#include "vsphere/inventory_mapping.h"
#include "vsphere/property_values.h"

namespace ballast::vsphere {

namespace {

// Deeper than folders can be nested; ends the walk if the answer has a circle.
constexpr int kMaxAncestors = 100;

constexpr const char* kMemorySize = "summary.hardware.memorySize";
constexpr const char* kMemoryUsage = "summary.quickStats.overallMemoryUsage";
constexpr const char* kThumbprint = "summary.config.sslThumbprint";

using Index = std::map<std::string_view, const ObjectProperties*>;

void find_places(const ObjectProperties& object, const Index& index, model::Host& host) {
  const ObjectProperties* at = &object;
  for (int step = 0; step < kMaxAncestors; ++step) {
    const std::string parent = object_id_in(value_of(*at, "parent"));
    const auto above = index.find(parent);
    if (above == index.end()) return;
    at = above->second;
    const auto& type = at->object.type;
    if (type == "ClusterComputeResource") host.cluster = text_in(value_of(*at, "name"));
    if (type == "Datacenter") {
      host.datacenter = text_in(value_of(*at, "name"));
      return;
    }
  }
}

model::Host host_of(const ObjectProperties& object, const Index& index) {
  model::Host host;
  host.moref = object.object.id;
  host.name = text_in(value_of(object, "name"));
  host.ssl_thumbprint = text_in(value_of(object, kThumbprint));
  const auto size_bytes = figure_in(value_of(object, kMemorySize));
  const auto usage_mb = figure_in(value_of(object, kMemoryUsage));
  if (size_bytes) host.memory_kib = kib_from_bytes(*size_bytes);
  if (usage_mb) host.memory_usage_kib = kib_from_mib(*usage_mb);
  find_places(object, index, host);
  return host;
}

}  // namespace

std::vector<WantedProperties> wanted_of_hosts() {
  return {{"HostSystem", {"name", "parent", kMemorySize, kMemoryUsage, kThumbprint}},
          {"ComputeResource", {"name", "parent"}},
          {"Datacenter", {"name", "parent"}},
          {"Folder", {"name", "parent"}}};
}

std::vector<model::Host> hosts_of(const std::vector<ObjectProperties>& objects) {
  Index index;
  for (const auto& object : objects) index.emplace(object.object.id, &object);
  std::vector<model::Host> out;
  for (const auto& object : objects) {
    if (object.object.type == "HostSystem") out.push_back(host_of(object, index));
  }
  return out;
}

}  // namespace ballast::vsphere
