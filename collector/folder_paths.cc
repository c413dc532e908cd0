#include "collector/folder_paths.h"

#include <utility>

namespace ballast::collector {

FolderPaths::FolderPaths(std::vector<model::Folder> folders) {
  for (auto& folder : folders) {
    std::string moref = folder.moref;
    folders_.emplace(std::move(moref), std::move(folder));
  }
}

std::optional<std::string> FolderPaths::path_of(const std::string& moref) const {
  // Deeper than folders are nested; ends the walk if the answer has a circle.
  constexpr int kMaxDepth = 64;
  std::string path;
  const std::string* next = &moref;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const auto folder = folders_.find(*next);
    if (folder == folders_.end()) return std::nullopt;
    const std::string& name = folder->second.name;
    path = path.empty() ? name : name + "/" + path;
    next = &folder->second.parent;
    if (next->empty()) return path;
  }
  return std::nullopt;
}

}  // namespace ballast::collector
