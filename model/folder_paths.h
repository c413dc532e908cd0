// Where folders of VMs are: their paths, as people write them, and what is below what.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/inventory.h"

namespace ballast::model {

class FolderPaths {
 public:
  FolderPaths() = default;
  // `folders` may be in any order, and go round in circles.
  explicit FolderPaths(const std::vector<Folder>& folders);

  // Returns the path of a folder, "Datacenter/Folder/Subfolder". nullopt where nobody can tell:
  // `moref` is "", it or a folder above it is not known, or they go round in a circle.
  [[nodiscard]] std::optional<std::string> path_of(const std::string& moref) const;

  // Tells whether the folder `moref` is `above`, or below it. nullopt where nobody can tell: as with
  // path_of(), and where `above` is not known, which may then be any of the folders that the user
  // cannot see.
  [[nodiscard]] std::optional<bool> is_in(const std::string& moref, const std::string& above) const;

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] bool knows(const std::string& moref) const { return places_.contains(moref); }

 private:
  struct Place {
    std::string parent;
    std::optional<std::string> path;
  };

  std::unordered_map<std::string, Place> places_;  // by moref
};

}  // namespace ballast::model
