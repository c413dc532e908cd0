// Which VMs of a vCenter are in a scan's scope, by what vCenter says of its places and tags. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "collector/scope/scan_scope.h"
#include "collector/scope/tags.h"
#include "model/inventory.h"

namespace ballast::collector {

// What a scope is judged by. A list of the scope without patterns needs nothing of it.
struct ScopeFacts {
  std::vector<model::Folder> folders;  // Vcenter::folders() and Vcenter::vapps()
  std::vector<model::Host> hosts;
  std::map<std::string, std::string> pool_parents;  // by moref
  // The tags of the categories that match, and the others' categories with the name "*".
  std::vector<ScopeTag> tags;
};

// Tells whether VMs of the scope can run on this host, by its cluster and datacenter.
[[nodiscard]] bool may_have_vms(const ScanScope& scope, const model::Host& host);

class ScopeFilter {
 public:
  ScopeFilter(ScanScope scope, ScopeFacts facts);

  // Returns what to say of patterns that match nothing there is. Where no pattern of a list does, it
  // is an error: nothing can be in the scope.
  struct Vain {
    std::optional<Error> error;
    std::vector<std::string> warnings;
  };
  [[nodiscard]] Vain patterns_in_vain() const;

  // kUnknown: its place is not visible to the user, so that nobody can tell.
  enum class Standing { kOut, kUnknown, kIn };
  [[nodiscard]] Standing standing_of(const model::VmView& vm) const;

 private:
  struct Place {
    bool in_folders = false;
    Standing in_datacenters = Standing::kUnknown;
  };

  void learn_places();
  [[nodiscard]] std::vector<std::string> names_of(const ScopeList& list) const;
  [[nodiscard]] const Place* place_of(const model::VmView& vm) const;
  [[nodiscard]] Standing by_datacenter(const model::VmView& vm) const;

  ScanScope scope_;
  ScopeFacts facts_;
  std::unordered_map<std::string, Place> places_;              // by moref of folder or vApp
  std::unordered_map<std::string, const model::Host*> hosts_;  // by moref
  std::unordered_set<std::string> tagged_;                     // morefs of VMs
};

}  // namespace ballast::collector
