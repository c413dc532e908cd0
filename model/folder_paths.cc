#include "model/folder_paths.h"

#include <utility>

#include <fmt/format.h>

namespace ballast::model {

namespace {

// Deeper than folders are nested; ends a walk if the answer has a circle.
constexpr int kMaxFolderDepth = 64;

using FoldersByMoref = std::unordered_map<std::string, const Folder*>;

std::optional<std::string> path_from_the_top(const Folder& folder, const FoldersByMoref& all) {
  std::string path = folder.name;
  const Folder* at = &folder;
  for (int depth = 0; depth < kMaxFolderDepth; ++depth) {
    if (at->parent.empty()) return path;
    const auto above = all.find(at->parent);
    if (above == all.end()) return std::nullopt;
    at = above->second;
    path = fmt::format("{}/{}", at->name, path);
  }
  return std::nullopt;
}

}  // namespace

FolderPaths::FolderPaths(const std::vector<Folder>& folders) {
  FoldersByMoref all;
  for (const auto& folder : folders) all.emplace(folder.moref, &folder);
  for (const auto& [moref, folder] : all) {
    places_.emplace(moref, Place{folder->parent, path_from_the_top(*folder, all)});
  }
}

std::optional<std::string> FolderPaths::path_of(const std::string& moref) const {
  const auto place = places_.find(moref);
  return place == places_.end() ? std::nullopt : place->second.path;
}

std::optional<bool> FolderPaths::is_in(const std::string& moref, const std::string& above) const {
  auto place = places_.find(moref);
  for (int depth = 0; place != places_.end() && depth < kMaxFolderDepth; ++depth) {
    if (place->first == above) return true;
    place = places_.find(place->second.parent);
  }
  // Half a way up shows nothing: what is not visible may be the folder.
  if (!path_of(moref) || !knows(above)) return std::nullopt;
  return false;
}

}  // namespace ballast::model
