// Which guests a rule of the configuration is for, and whether one of them is it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "model/folder_paths.h"
#include "model/inventory.h"
#include "model/verdict.h"

namespace ballast::collector {

// All that is given must match. Names and paths are what whoever may rename or move something makes
// them, and the family is what the guest says of itself; the others take more than that.
struct GuestPattern {
  // Shell patterns that ignore case; "" matches everything.
  std::string vm = {};
  std::string folder = {};  // "Datacenter/Folder"; "*" matches also "/"
  std::string guest_family = {};
  std::string host = {};     // the name of the ESXi host
  std::string cluster = {};  // … of its cluster
  // Of each list that is not empty, one has to match.
  std::vector<std::string> folder_ids = {};      // morefs; also matches what is below the folder
  std::vector<std::string> instance_uuids = {};  // in any case
  std::vector<std::string> tags = {};            // "Category/Tag", shell patterns as above

  [[nodiscard]] bool matches_all() const;
};

// The keys, as the configuration has them.
struct GuestPatternText {
  std::string_view key;
  std::string GuestPattern::*text;
};
struct GuestPatternList {
  std::string_view key;
  std::vector<std::string> GuestPattern::*list;
};
inline constexpr std::array kGuestPatternTexts = std::to_array<GuestPatternText>({
    {"vm", &GuestPattern::vm},
    {"folder", &GuestPattern::folder},
    {"guest_family", &GuestPattern::guest_family},
    {"host", &GuestPattern::host},
    {"cluster", &GuestPattern::cluster},
});
inline constexpr std::array kGuestPatternLists = std::to_array<GuestPatternList>({
    {"folder_id", &GuestPattern::folder_ids},
    {"instance_uuid", &GuestPattern::instance_uuids},
    {"tag", &GuestPattern::tags},
});

// Returns 'vm "db-*" and tag "Env/Prod" or "Env/Test"'; "" for one that matches all.
[[nodiscard]] std::string describe(const GuestPattern& pattern);

// What a vCenter says beside its VMs, as far as patterns go by it.
struct GuestFacts {
  model::FolderPaths folders;
  std::optional<Error> folders_error;        // why there are none
  std::map<std::string, model::Host> hosts;  // by moref; empty where they could not be read
  // Morefs of the VMs with a tag that matches, by pattern. A pattern that no visible tag matches is
  // not there: the user may see none of them.
  std::map<std::string, std::unordered_set<std::string>> tagged;
  std::optional<Error> tags_error;  // why there are none
};

// kUndecided: something that counts is not known. One key that surely does not match decides, even
// if another is undecided.
enum class Match { kNo, kUndecided, kYes };

// Tells whether a pattern matches. Pure.
[[nodiscard]] Match match(const GuestPattern& pattern, const model::VmView& vm,
                          const GuestFacts& facts);

// Why match() is undecided.
struct Undecided {
  model::UnknownReason reason = model::UnknownReason::kNoCredentials;
  std::string why;  // "its folder is not known"
};
// Returns the first thing that is not known. Pure.
[[nodiscard]] Undecided why_undecided(const GuestPattern& pattern, const model::VmView& vm,
                                      const GuestFacts& facts);

}  // namespace ballast::collector
