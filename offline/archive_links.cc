#include "offline/archive_links.h"

#include <deque>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ballast::offline {

namespace {

constexpr std::size_t kMaxLinks = 200'000;
constexpr std::size_t kMaxBytes = 32 * 1024 * 1024;
constexpr int kMaxSteps = 40;  // as many as Linux follows

// Takes the first component off the front of `path`.
std::string_view next_component(std::string_view& path) {
  const auto slash = path.find('/');
  const auto component = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return component;
}

std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> components;
  while (!path.empty()) {
    const auto component = next_component(path);
    if (!component.empty() && component != ".") components.emplace_back(component);
  }
  return components;
}

}  // namespace

void ArchiveLinks::add(const std::string& path, Target target) {
  bytes_ += path.size() + target.path.size();
  if (links_.size() < kMaxLinks && bytes_ <= kMaxBytes) links_.emplace(path, std::move(target));
}

void ArchiveLinks::add_symlink(const std::string& path, std::string_view target) {
  add(path, {std::string(target), false});
}

void ArchiveLinks::add_hardlink(const std::string& path, std::string_view target) {
  add(path, {std::string(target), true});
}

std::optional<std::string> ArchiveLinks::resolve(const std::string& path) const {
  const auto start = components_of(path);
  std::deque<std::string> todo(start.begin(), start.end());
  std::vector<std::string> done;
  int steps = 0;
  while (!todo.empty()) {
    auto component = std::move(todo.front());
    todo.pop_front();
    if (component == "..") {
      if (done.empty()) return std::nullopt;
      done.pop_back();
      continue;
    }
    done.push_back(std::move(component));
    const auto link = links_.find(fmt::format("{}", fmt::join(done, "/")));
    if (link == links_.end()) continue;
    const auto& target = link->second;
    const bool absolute = !target.hard && target.path.starts_with('/');
    if (++steps > kMaxSteps || absolute) return std::nullopt;
    done.pop_back();
    if (target.hard) done.clear();
    const auto more = components_of(target.path);
    todo.insert(todo.begin(), more.begin(), more.end());
  }
  return fmt::format("{}", fmt::join(done, "/"));
}

std::optional<std::string> plain_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto component = next_component(path);
    if (component == "..") return std::nullopt;
    if (component.empty() || component == ".") continue;
    if (!out.empty()) out += '/';
    out += component;
  }
  return out;
}

}  // namespace ballast::offline
