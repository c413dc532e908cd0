// Tags of VMs, as patterns name them: "Category/Tag".
#pragma once

#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "collector/ports/tagging.h"

namespace ballast::collector {

struct ScopeTag {
  std::string category;
  std::string name;
  std::vector<std::string> vms =
      {};  // morefs of those that have it; asked for only where it counts
};

// Tells whether a pattern "Category/Tag" matches a category's name, or a tag's within it.
[[nodiscard]] bool matches_category(const std::string& pattern, const std::string& category);
[[nodiscard]] bool matches_tag(const std::string& pattern, const ScopeTag& tag);

// Returns the tags of the categories that a pattern matches, with their VMs where one matches the
// tag as well, and the other categories with the tag name "*". Logs out at its end. `tagging` must
// outlive the call. Errors: those of Tagging.
Awaitable<Result<std::vector<ScopeTag>>> read_tags(Tagging& tagging,
                                                   std::vector<std::string> patterns);

}  // namespace ballast::collector
