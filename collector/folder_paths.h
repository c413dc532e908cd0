// The path of a VM's folder, "Datacenter/Folder/Subfolder", as login rules name it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/inventory.h"

namespace ballast::collector {

class FolderPaths {
 public:
  FolderPaths() = default;
  explicit FolderPaths(std::vector<model::Folder> folders);

  // nullopt where it cannot be told: `moref` is "", it or a folder above it is not known, or they
  // go round in a circle.
  [[nodiscard]] std::optional<std::string> path_of(const std::string& moref) const;

 private:
  std::map<std::string, model::Folder> folders_;  // by moref
};

}  // namespace ballast::collector
