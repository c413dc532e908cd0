#include "collector/scope/tags.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace ballast::collector {

namespace {

using TagPatterns = std::vector<std::string>;

Awaitable<Status> read_tags_of(Tagging& tagging, TagName category, const TagPatterns& patterns,
                               std::vector<ScopeTag>* found) {
  auto tags = co_await tagging.tags(category.id);
  if (!tags) co_return fail(std::move(tags.error()));
  for (auto& tag : *tags) {
    ScopeTag known{category.name, std::move(tag.name)};
    const bool is_wanted =
        std::any_of(patterns.begin(), patterns.end(),
                    [&](const std::string& pattern) { return matches_tag(pattern, known); });
    if (is_wanted) {
      auto vms = co_await tagging.vms(std::move(tag.id));
      if (!vms) co_return fail(std::move(vms.error()));
      known.vms = std::move(*vms);
    }
    found->push_back(std::move(known));
  }
  co_return Status();
}

Awaitable<Status> read_all_tags(Tagging& tagging, const TagPatterns& patterns,
                                std::vector<ScopeTag>* found) {
  auto categories = co_await tagging.categories();
  if (!categories) co_return fail(std::move(categories.error()));
  for (auto& category : *categories) {
    const bool is_wanted = std::any_of(
        patterns.begin(), patterns.end(),
        [&](const std::string& pattern) { return matches_category(pattern, category.name); });
    if (!is_wanted) {
      found->push_back({category.name, "*"});
      continue;
    }
    auto read = co_await read_tags_of(tagging, std::move(category), patterns, found);
    if (!read) co_return read;
  }
  co_return Status();
}

}  // namespace

bool matches_category(const std::string& pattern, const std::string& category) {
  return glob_match(pattern.substr(0, pattern.find('/')), category);
}

bool matches_tag(const std::string& pattern, const ScopeTag& tag) {
  const auto slash = pattern.find('/');
  return slash != std::string::npos && matches_category(pattern, tag.category) &&
         glob_match(pattern.substr(slash + 1), tag.name);
}

Awaitable<Result<std::vector<ScopeTag>>> read_tags(Tagging& tagging,
                                                   std::vector<std::string> patterns) {
  std::vector<ScopeTag> found;
  auto read = co_await read_all_tags(tagging, patterns, &found);
  co_await tagging.close();
  if (!read) co_return fail(std::move(read.error()));
  co_return found;
}

}  // namespace ballast::collector
