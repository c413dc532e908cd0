#include "collector/scope/scope_filter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/spelling.h"
#include "base/text.h"
#include "model/folder_paths.h"

namespace ballast::collector {

namespace {

using Standing = ScopeFilter::Standing;

// Deeper than folders, vApps and pools are nested; ends a walk if the answer has a circle.
constexpr int kMostSteps = 64;

bool matches_any(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return glob_match(pattern, name); });
}

Standing standing_by_name(const std::vector<std::string>& patterns, const std::string& name) {
  if (name.empty()) return Standing::kUnknown;
  return matches_any(patterns, name) ? Standing::kIn : Standing::kOut;
}

// A stand-alone host is in none, whatever the pattern.
bool is_in_cluster(const ScanScope& scope, const model::Host& host) {
  return !host.cluster.empty() && matches_any(scope.clusters, host.cluster);
}

// What to do where the user sees nothing that a pattern could match.
std::string how_to_see(const ScopeList& list) {
  if (list.patterns == &ScanScope::tags) {
    return "Read-only as a global permission, without which the user sees no tags";
  }
  return fmt::format("Read-only on them, with propagation: the user sees no {}", list.noun);
}

std::string shown_names(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  for (const auto& name : names) shown.push_back(printable(name, 120));
  return fmt::format("{}", fmt::join(shown, ", "));
}

std::string what_there_is(const ScopeList& list, const std::string& pattern,
                          std::vector<std::string> names) {
  constexpr std::size_t kMostNames = 5;
  if (names.empty()) return how_to_see(list);
  NearNames near(pattern, 3);
  for (const auto& name : names) near.offer(name);
  if (const auto best = near.best(); !best.empty()) return "like " + shown_names(best);
  const std::size_t others = names.size() - std::min(names.size(), kMostNames);
  names.resize(names.size() - others);
  return "one of " + shown_names(names) +
         (others == 0 ? "" : fmt::format(" and {} others", others));
}

}  // namespace

bool may_have_vms(const ScanScope& scope, const model::Host& host) {
  if (!scope.clusters.empty() && !is_in_cluster(scope, host)) return false;
  return scope.datacenters.empty() ||
         standing_by_name(scope.datacenters, host.datacenter) != Standing::kOut;
}

ScopeFilter::ScopeFilter(ScanScope scope, ScopeFacts facts)
    : scope_(std::move(scope)), facts_(std::move(facts)) {
  for (const auto& host : facts_.hosts) hosts_.emplace(host.moref, &host);
  for (const auto& tag : facts_.tags) tagged_.insert(tag.vms.begin(), tag.vms.end());
  learn_places();
}

// A folder's own path decides, and those of the folders above it.
void ScopeFilter::learn_places() {
  std::unordered_map<std::string, const model::Folder*> by_moref;
  std::unordered_set<std::string> named;  // those that a pattern matches themselves
  const model::FolderPaths paths(facts_.folders);
  for (const auto& folder : facts_.folders) {
    by_moref.emplace(folder.moref, &folder);
    const auto path = paths.path_of(folder.moref);
    if (path && matches_any(scope_.folders, *path)) named.insert(folder.moref);
  }
  for (const auto& folder : facts_.folders) {
    if (!paths.path_of(folder.moref)) continue;
    Place& place = places_[folder.moref];
    const model::Folder* at = &folder;
    for (int step = 0; at != nullptr && step < kMostSteps; ++step) {
      place.in_folders = place.in_folders || named.contains(at->moref);
      if (at->is_datacenter && place.in_datacenters == Standing::kUnknown) {
        place.in_datacenters = standing_by_name(scope_.datacenters, at->name);
      }
      const auto above = by_moref.find(at->parent);
      at = above == by_moref.end() ? nullptr : above->second;
    }
  }
}

std::vector<std::string> ScopeFilter::names_of(const ScopeList& list) const {
  std::vector<std::string> names;
  const model::FolderPaths paths(facts_.folders);
  if (list.patterns == &ScanScope::datacenters) {
    for (const auto& host : facts_.hosts) names.push_back(host.datacenter);
    for (const auto& folder : facts_.folders) {
      if (folder.is_datacenter) names.push_back(folder.name);
    }
  } else if (list.patterns == &ScanScope::folders) {
    for (const auto& folder : facts_.folders) {
      names.push_back(paths.path_of(folder.moref).value_or(std::string()));
    }
  } else if (list.patterns == &ScanScope::clusters) {
    for (const auto& host : facts_.hosts) names.push_back(host.cluster);
  } else {
    for (const auto& tag : facts_.tags) names.push_back(tag.category + "/" + tag.name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::erase(names, std::string());
  return names;
}

ScopeFilter::Vain ScopeFilter::patterns_in_vain() const {
  Vain out;
  for (const auto& list : kScopeLists) {
    const auto& patterns = scope_.*list.patterns;
    if (patterns.empty()) continue;
    const auto names = names_of(list);
    const auto is_vain = [&](const std::string& pattern) {
      if (list.patterns == &ScanScope::tags) {
        return std::none_of(facts_.tags.begin(), facts_.tags.end(), [&](const ScopeTag& tag) {
          return tag.name != "*" && matches_tag(pattern, tag);
        });
      }
      return std::none_of(names.begin(), names.end(),
                          [&](const std::string& name) { return glob_match(pattern, name); });
    };
    std::vector<std::string> vain;
    std::copy_if(patterns.begin(), patterns.end(), std::back_inserter(vain), is_vain);
    if (vain.empty()) continue;
    const auto said =
        printable(fmt::format("no {} matches \"{}\"", list.noun, fmt::join(vain, "\" or \"")));
    auto hint = what_there_is(list, vain.front(), names);
    if (vain.size() == patterns.size()) {
      out.error = Error{ErrorCode::kNotFound, said, std::move(hint), {}};
      return out;
    }
    out.warnings.push_back(fmt::format("{}. Try: {}", said, hint));
  }
  return out;
}

// A VM in a vApp has no folder, but a pool that is the vApp or in it.
const ScopeFilter::Place* ScopeFilter::place_of(const model::VmView& vm) const {
  std::string at = vm.folder_moref.empty() ? vm.pool_moref : vm.folder_moref;
  for (int step = 0; step < kMostSteps; ++step) {
    if (const auto known = places_.find(at); known != places_.end()) return &known->second;
    const auto above = facts_.pool_parents.find(at);
    if (above == facts_.pool_parents.end()) return nullptr;
    at = above->second;
  }
  return nullptr;
}

Standing ScopeFilter::by_datacenter(const model::VmView& vm) const {
  const auto* place = place_of(vm);
  if (place != nullptr && place->in_datacenters != Standing::kUnknown) {
    return place->in_datacenters;
  }
  const auto host = hosts_.find(vm.host_moref);
  if (host == hosts_.end()) return Standing::kUnknown;
  return standing_by_name(scope_.datacenters, host->second->datacenter);
}

// One list that leaves the VM out decides, even if another cannot be told.
Standing ScopeFilter::standing_of(const model::VmView& vm) const {
  Standing out = Standing::kIn;
  if (!scope_.tags.empty() && !tagged_.contains(vm.moref)) return Standing::kOut;
  if (!scope_.datacenters.empty()) out = std::min(out, by_datacenter(vm));
  if (!scope_.folders.empty()) {
    const auto* place = place_of(vm);
    const auto known = place != nullptr && place->in_folders ? Standing::kIn : Standing::kOut;
    out = std::min(out, place == nullptr ? Standing::kUnknown : known);
  }
  if (!scope_.clusters.empty()) {
    const auto host = hosts_.find(vm.host_moref);
    const bool is_in = host != hosts_.end() && is_in_cluster(scope_, *host->second);
    const auto known = is_in ? Standing::kIn : Standing::kOut;
    out = std::min(out, host == hosts_.end() ? Standing::kUnknown : known);
  }
  return out;
}

}  // namespace ballast::collector
