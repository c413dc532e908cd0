#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "vsphere/inventory_mapping.h"
#include "vsphere/property_values.h"

namespace ballast::vsphere {

namespace {

// Deeper than folders can be nested; ends the walk if the answer has a circle.
constexpr int kMaxAncestors = 100;

// The moref above a datacenter is copied for each hidden folder in it: a long one is no place.
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

// Whether the folder is not one of hosts, networks or datastores: those are below a hidden folder
// of a datacenter, too.
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
  folder.moref = object.object.id;
  folder.name = plain_name(place_name_in(value_of(named, "name")));
  const auto* parent = above(named, index);
  if (parent != nullptr) folder.parent = parent->object.id;
  return folder;
}

}  // namespace

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

}  // namespace ballast::vsphere
