#include "fleet/remedies.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/words.h"

namespace ballast::fleet {

namespace {

constexpr std::size_t kMostObjects = 4;

std::string named(const std::vector<std::string>& objects) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(objects.size(), kMostObjects); ++i) {
    names.push_back(printable(objects[i]));
  }
  const auto others = static_cast<std::int64_t>(objects.size() - names.size());
  return fmt::format("{}{}", fmt::join(names, ", "),
                     others > 0 ? fmt::format(" and {} more", grouped(others)) : "");
}

}  // namespace

std::vector<Remedy> remedies_for(const std::vector<model::JudgedGuest>& guests) {
  std::map<model::CauseKind, Remedy> by_kind;
  std::map<model::CauseKind, std::set<std::string>> objects;
  for (const auto& guest : guests) {
    if (guest.causes.empty()) continue;
    const auto& cause = guest.causes.front();
    auto& remedy = by_kind[cause.kind];
    remedy.kind = cause.kind;
    ++remedy.guests;
    remedy.balloon_kib += guest.shown_balloon_kib().value_or(0);
    if (!cause.object.empty()) objects[cause.kind].insert(cause.object);
  }
  std::vector<Remedy> remedies;
  for (auto& [kind, remedy] : by_kind) {
    remedy.objects.assign(objects[kind].begin(), objects[kind].end());
    remedies.push_back(std::move(remedy));
  }
  std::stable_sort(remedies.begin(), remedies.end(),
                   [](const Remedy& a, const Remedy& b) { return a.balloon_kib > b.balloon_kib; });
  return remedies;
}

std::string remedy_sentence(const Remedy& remedy) {
  switch (remedy.kind) {
    case model::CauseKind::kVmLimit:
      return "Remove the memory limit of these VMs.";
    case model::CauseKind::kPoolLimit:
      return fmt::format("Raise or remove the memory limit of resource pool {}.",
                         named(remedy.objects));
    case model::CauseKind::kHostMemory:
      return fmt::format("Move VMs to hosts with free memory, or add memory to {}.",
                         named(remedy.objects));
    case model::CauseKind::kNoReservation:
      break;
  }
  return "Reserve memory for these VMs.";
}

}  // namespace ballast::fleet
