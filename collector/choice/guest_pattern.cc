#include "collector/choice/guest_pattern.h"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "collector/probe/probe_faults.h"

namespace ballast::collector {

namespace {

using model::VmView;

Match match_of(bool matches) { return matches ? Match::kYes : Match::kNo; }

// `text` is nullopt or "" where vCenter does not tell.
Match match_text(const std::string& pattern, const std::optional<std::string>& text) {
  if (pattern.empty()) return Match::kYes;
  if (!text || text->empty()) return Match::kUndecided;
  return match_of(glob_match(pattern, *text));
}

Match match_folder(const GuestPattern& pattern, const VmView& vm, const GuestFacts& facts) {
  if (pattern.folder.empty()) return Match::kYes;
  return match_text(pattern.folder, facts.folders.path_of(vm.folder_moref));
}

Match match_folder_id(const GuestPattern& pattern, const VmView& vm, const GuestFacts& facts) {
  if (pattern.folder_ids.empty()) return Match::kYes;
  Match best = Match::kNo;
  for (const auto& id : pattern.folder_ids) {
    const auto is_in = facts.folders.is_in(vm.folder_moref, id);
    best = std::max(best, is_in ? match_of(*is_in) : Match::kUndecided);
  }
  return best;
}

Match match_instance_uuid(const GuestPattern& pattern, const VmView& vm) {
  if (pattern.instance_uuids.empty()) return Match::kYes;
  if (vm.instance_uuid.empty()) return Match::kUndecided;
  return match_of(std::any_of(
      pattern.instance_uuids.begin(), pattern.instance_uuids.end(),
      [&](const std::string& uuid) { return boost::algorithm::iequals(uuid, vm.instance_uuid); }));
}

Match match_tag(const GuestPattern& pattern, const VmView& vm, const GuestFacts& facts) {
  if (pattern.tags.empty()) return Match::kYes;
  Match best = Match::kNo;
  for (const auto& tag : pattern.tags) {
    const auto known = facts.tagged.find(tag);
    const bool is_known = known != facts.tagged.end();
    best =
        std::max(best, is_known ? match_of(known->second.contains(vm.moref)) : Match::kUndecided);
  }
  return best;
}

const model::Host* host_of_vm(const VmView& vm, const GuestFacts& facts) {
  const auto host = facts.hosts.find(vm.host_moref);
  return host == facts.hosts.end() ? nullptr : &host->second;
}

Match match_host(const GuestPattern& pattern, const VmView& vm, const GuestFacts& facts) {
  if (pattern.host.empty()) return Match::kYes;
  const auto* host = host_of_vm(vm, facts);
  return host == nullptr ? Match::kUndecided : match_text(pattern.host, host->name);
}

// A stand-alone host is in no cluster, and its datacenter is seen. Where that is not seen either,
// there may be a cluster between them.
Match match_cluster(const GuestPattern& pattern, const VmView& vm, const GuestFacts& facts) {
  if (pattern.cluster.empty()) return Match::kYes;
  const auto* host = host_of_vm(vm, facts);
  if (host == nullptr) return Match::kUndecided;
  if (host->cluster.empty() && !host->datacenter.empty()) return Match::kNo;
  return match_text(pattern.cluster, host->cluster);
}

Undecided because_of(const std::optional<Error>& error, std::string otherwise) {
  if (error) return {reason_of(*error), error->sentence()};
  return {model::UnknownReason::kNoCredentials, std::move(otherwise)};
}

std::string why_folder_id(const GuestPattern& pattern, const VmView& vm, const GuestFacts& facts) {
  const auto unseen = std::find_if(pattern.folder_ids.begin(), pattern.folder_ids.end(),
                                   [&](const auto& id) { return !facts.folders.knows(id); });
  if (unseen == pattern.folder_ids.end() || !facts.folders.path_of(vm.folder_moref)) {
    return "its folder is not known (a VM in a vApp has none)";
  }
  return fmt::format("the user sees no folder {}", printable(*unseen, 60));
}

std::string why_tag(const GuestPattern& pattern, const GuestFacts& facts) {
  const auto unseen = std::find_if(pattern.tags.begin(), pattern.tags.end(),
                                   [&](const auto& tag) { return !facts.tagged.contains(tag); });
  return fmt::format(
      "no tag that the user sees matches \"{}\" (seeing tags takes Read-only as a global "
      "permission)",
      unseen == pattern.tags.end() ? "" : printable(*unseen, 120));
}

}  // namespace

bool GuestPattern::matches_all() const {
  return std::all_of(kGuestPatternTexts.begin(), kGuestPatternTexts.end(),
                     [this](const auto& key) { return (this->*key.text).empty(); }) &&
         std::all_of(kGuestPatternLists.begin(), kGuestPatternLists.end(),
                     [this](const auto& key) { return (this->*key.list).empty(); });
}

std::string describe(const GuestPattern& pattern) {
  std::vector<std::string> parts;
  for (const auto& [key, text] : kGuestPatternTexts) {
    if (!(pattern.*text).empty()) parts.push_back(fmt::format("{} \"{}\"", key, pattern.*text));
  }
  for (const auto& [key, list] : kGuestPatternLists) {
    if ((pattern.*list).empty()) continue;
    parts.push_back(fmt::format("{} \"{}\"", key, fmt::join(pattern.*list, "\" or \"")));
  }
  return fmt::format("{}", fmt::join(parts, " and "));
}

Match match(const GuestPattern& pattern, const VmView& vm, const GuestFacts& facts) {
  return std::min({match_text(pattern.vm, vm.name), match_folder(pattern, vm, facts),
                   match_text(pattern.guest_family, vm.guest_family),
                   match_folder_id(pattern, vm, facts), match_instance_uuid(pattern, vm),
                   match_tag(pattern, vm, facts), match_host(pattern, vm, facts),
                   match_cluster(pattern, vm, facts)});
}

Undecided why_undecided(const GuestPattern& pattern, const VmView& vm, const GuestFacts& facts) {
  if (match_folder(pattern, vm, facts) == Match::kUndecided) {
    return because_of(facts.folders_error, "its folder is not known (a VM in a vApp has none)");
  }
  if (match_folder_id(pattern, vm, facts) == Match::kUndecided) {
    return because_of(facts.folders_error, why_folder_id(pattern, vm, facts));
  }
  if (match_tag(pattern, vm, facts) == Match::kUndecided) {
    return because_of(facts.tags_error, why_tag(pattern, facts));
  }
  if (match_instance_uuid(pattern, vm) == Match::kUndecided) {
    return {model::UnknownReason::kNoCredentials,
            vm.is_twin ? "another VM has its instance UUID" : "its instance UUID is not known"};
  }
  if (match_host(pattern, vm, facts) == Match::kUndecided) {
    return {model::UnknownReason::kNoCredentials, "its host is not known"};
  }
  if (match_cluster(pattern, vm, facts) == Match::kUndecided) {
    return {model::UnknownReason::kNoCredentials, "its host's cluster is not known"};
  }
  const bool by_name = match_text(pattern.vm, vm.name) == Match::kUndecided;
  return {model::UnknownReason::kNoCredentials,
          by_name ? "its name is not known" : "its guest family is not known"};
}

}  // namespace ballast::collector
