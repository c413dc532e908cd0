#include "collector/scope/scan_scope.h"

#include <algorithm>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ballast::collector {

bool ScanScope::is_limited() const {
  return std::any_of(kScopeLists.begin(), kScopeLists.end(),
                     [this](const ScopeList& list) { return !(this->*list.patterns).empty(); });
}

std::string describe(const ScanScope& scope) {
  std::vector<std::string> parts;
  for (const auto& list : kScopeLists) {
    const auto& patterns = scope.*list.patterns;
    if (patterns.empty()) continue;
    parts.push_back(fmt::format("{} \"{}\"", list.key, fmt::join(patterns, "\" or \"")));
  }
  return fmt::format("{}", fmt::join(parts, " and "));
}

std::string escape_problem(std::string_view pattern) {
  for (const auto& [escape, meant] :
       {std::pair("%2f", "/"), std::pair("%5c", "\\\\"), std::pair("%25", "%")}) {
    if (boost::algorithm::icontains(pattern, escape)) {
      return fmt::format("write {} for {}: names are matched as vSphere Client shows them", meant,
                         escape);
    }
  }
  return {};
}

std::string pattern_problem(const ScopeList& list, std::string_view pattern) {
  if (pattern.empty()) return "a pattern cannot be empty";
  const auto slash = pattern.find('/');
  const bool is_tag = list.patterns == &ScanScope::tags;
  if (is_tag && (slash == 0 || slash == std::string_view::npos || slash + 1 == pattern.size())) {
    return "write \"Category/Tag\", or \"*/Tag\" for a tag of any category";
  }
  return escape_problem(pattern);
}

}  // namespace ballast::collector
