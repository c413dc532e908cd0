#include <map>
#include <string>
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

// An object that a host can be in.
struct Place {
  std::string_view type;
  std::string_view name;
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
  host.moref = object.object.id;
  host.name = text_in(value_of(object, "name"));
  host.ssl_thumbprint = text_in(value_of(object, kThumbprint));
  const auto size_bytes = figure_in(value_of(object, kMemorySize));
  const auto usage_mb = figure_in(value_of(object, kMemoryUsage));
  if (size_bytes) host.memory_kib = kib_from_bytes(*size_bytes);
  if (usage_mb) host.memory_usage_kib = kib_from_mib(*usage_mb);
  find_places(object_id_in(value_of(object, "parent")), places, host);
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
  Places places;
  for (const auto& object : objects) {
    places.emplace(object.object.id,
                   Place{object.object.type, place_name_in(value_of(object, "name")),
                         object_id_in(value_of(object, "parent"))});
  }
  std::vector<model::Host> out;
  for (const auto& object : objects) {
    if (object.object.type == "HostSystem") out.push_back(host_of(object, places));
  }
  return out;
}

}  // namespace ballast::vsphere
