// What a scan of one vCenter is limited to, as the configuration and the command line say it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::collector {

// Shell patterns that ignore case and match names as vSphere Client shows them. A VM is in the scope
// if, of each list that has patterns, one matches. Without any it is the whole vCenter.
struct ScanScope {
  std::vector<std::string> datacenters;  // by name
  std::vector<std::string> folders;  // by path, "Datacenter/Folder"; what is below is in it as well
  std::vector<std::string> clusters;  // by name
  std::vector<std::string> tags;      // "Category/Tag", of the VM itself

  [[nodiscard]] bool is_limited() const;
};

// One of the lists.
struct ScopeList {
  std::string_view key;   // in the configuration: "clusters"
  std::string_view noun;  // "cluster"; on the command line with "--" before it
  std::vector<std::string> ScanScope::*patterns;
};
inline constexpr std::array kScopeLists = std::to_array<ScopeList>({
    {"datacenters", "datacenter", &ScanScope::datacenters},
    {"folders", "folder", &ScanScope::folders},
    {"clusters", "cluster", &ScanScope::clusters},
    {"tags", "tag", &ScanScope::tags},
});

// Returns 'clusters "prod-*" or "test" and tags "Env/Prod"'; "" for the whole vCenter.
[[nodiscard]] std::string describe(const ScanScope& scope);

// Returns why a name would never match this pattern as it is written, because vCenter's escapes
// (%2f) are in it; "" if there is no such reason.
[[nodiscard]] std::string escape_problem(std::string_view pattern);
// Returns what is wrong with a pattern of this list; "" if nothing is.
[[nodiscard]] std::string pattern_problem(const ScopeList& list, std::string_view pattern);

}  // namespace ballast::collector
