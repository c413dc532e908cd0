// Whether a rule is for a guest, by what vCenter says of its places and tags.
#include "collector/choice/guest_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

using model::UnknownReason;
using model::VmView;
using ::testing::HasSubstr;

constexpr const char* kUuid = "5012f0a4-6c1e-4f6b-9d3a-0123456789ab";
constexpr const char* kOtherUuid = "5012f0a4-6c1e-4f6b-9d3a-0123456789ac";

// vm-1 is in Paris/Prod/Web, on esx1 of the cluster "blue", and has the tag Env/Prod.
GuestFacts known() {
  GuestFacts facts;
  facts.folders = model::FolderPaths({{"group-v1", "Paris", ""},
                                      {"group-v2", "Prod", "group-v1"},
                                      {"group-v3", "Web", "group-v2"},
                                      {"group-v4", "Test", "group-v1"},
                                      {"group-v8", "Half", "group-v9"}});
  facts.hosts.emplace("host-1",
                      model::Host{"host-1", "esx1.example", "blue", "Paris", {}, {}, "", {}});
  facts.hosts.emplace("host-2", model::Host{"host-2", "alone", "", "Paris", {}, {}, "", {}});
  facts.hosts.emplace("host-3", model::Host{"host-3", "hidden", "", "", {}, {}, "", {}});
  facts.tagged["Env/Prod"] = {"vm-1", "vm-5"};
  facts.tagged["Env/Test"] = {};
  return facts;
}

VmView vm_in_paris() {
  VmView vm;
  vm.moref = "vm-1";
  vm.name = "db-1";
  vm.instance_uuid = kUuid;
  vm.folder_moref = "group-v3";
  vm.host_moref = "host-1";
  vm.guest_family = "linuxGuest";
  return vm;
}

struct Row {
  const char* what;
  GuestPattern pattern;
  void (*change)(VmView&);
  Match match;
  const char* why = "";  // where it is undecided
};

void as_it_is(VmView&) {}

// Names are what anybody makes them; the row is the same for every name.
TEST(GuestPattern, IsForAGuestByWhatVcenterSaysOfIt) {
  const Row rows[] = {
      {"its UUID", {.instance_uuids = {kOtherUuid, kUuid}}, as_it_is, Match::kYes},
      {"in capitals",
       {.instance_uuids = {"5012F0A4-6C1E-4F6B-9D3A-0123456789AB"}},
       as_it_is,
       Match::kYes},
      {"another UUID", {.instance_uuids = {kOtherUuid}}, as_it_is, Match::kNo},
      {"no UUID",
       {.instance_uuids = {kUuid}},
       [](VmView& vm) { vm.instance_uuid.clear(); },
       Match::kUndecided,
       "its instance UUID is not known"},
      {"a copy",
       {.instance_uuids = {kUuid}},
       [](VmView& vm) {
         vm.instance_uuid.clear();
         vm.is_twin = true;
       },
       Match::kUndecided,
       "another VM has its instance UUID"},
      {"its folder", {.folder_ids = {"group-v3"}}, as_it_is, Match::kYes},
      {"one above it", {.folder_ids = {"group-v4", "group-v2"}}, as_it_is, Match::kYes},
      {"one beside it", {.folder_ids = {"group-v4"}}, as_it_is, Match::kNo},
      {"a folder that nobody sees",
       {.folder_ids = {"group-v99"}},
       as_it_is,
       Match::kUndecided,
       "the user sees no folder group-v99"},
      {"in a vApp",
       {.folder_ids = {"group-v2"}},
       [](VmView& vm) { vm.folder_moref.clear(); },
       Match::kUndecided,
       "its folder is not known (a VM in a vApp has none)"},
      {"below what nobody sees",
       {.folder_ids = {"group-v2"}},
       [](VmView& vm) { vm.folder_moref = "group-v8"; },
       Match::kUndecided,
       "its folder is not known"},
      {"its path", {.folder = "paris/*/web"}, as_it_is, Match::kYes},
      {"its tag", {.tags = {"Env/Test", "Env/Prod"}}, as_it_is, Match::kYes},
      {"another's tag", {.tags = {"Env/Test"}}, as_it_is, Match::kNo},
      {"a tag that nobody sees",
       {.tags = {"Env/Test", "Env/Prd"}},
       as_it_is,
       Match::kUndecided,
       "no tag that the user sees matches \"Env/Prd\""},
      {"its host", {.host = "ESX?.example"}, as_it_is, Match::kYes},
      {"another host", {.host = "esx2*"}, as_it_is, Match::kNo},
      {"no host",
       {.host = "esx1*"},
       [](VmView& vm) { vm.host_moref.clear(); },
       Match::kUndecided,
       "its host is not known"},
      {"a host that nobody sees",
       {.host = "*"},
       [](VmView& vm) { vm.host_moref = "host-9"; },
       Match::kUndecided,
       "its host is not known"},
      {"its cluster", {.cluster = "bl*"}, as_it_is, Match::kYes},
      {"another cluster", {.cluster = "red"}, as_it_is, Match::kNo},
      {"a stand-alone host",
       {.cluster = "*"},
       [](VmView& vm) { vm.host_moref = "host-2"; },
       Match::kNo},
      {"a cluster that nobody sees",
       {.cluster = "blue"},
       [](VmView& vm) { vm.host_moref = "host-3"; },
       Match::kUndecided,
       "its host's cluster is not known"},
      {"no family",
       {.guest_family = "linux*"},
       [](VmView& vm) { vm.guest_family.clear(); },
       Match::kUndecided,
       "its guest family is not known"},
      {"all of these",
       {.vm = "db-*",
        .folder = "Paris/*",
        .host = "esx1*",
        .cluster = "blue",
        .folder_ids = {"group-v2"},
        .instance_uuids = {kUuid},
        .tags = {"Env/Prod"}},
       as_it_is,
       Match::kYes},
      {"one that surely is not it decides",
       {.folder_ids = {"group-v99"}, .instance_uuids = {kOtherUuid}},
       as_it_is,
       Match::kNo},
      {"everything", {}, as_it_is, Match::kYes},
  };
  for (const auto& row : rows) {
    VmView vm = vm_in_paris();
    row.change(vm);
    EXPECT_EQ(match(row.pattern, vm, known()), row.match) << row.what;
    if (row.match != Match::kUndecided) continue;
    EXPECT_THAT(why_undecided(row.pattern, vm, known()).why, HasSubstr(row.why)) << row.what;
  }
}

TEST(GuestPattern, WhatCouldNotBeReadIsUndecidedForItsReason) {
  GuestFacts facts;
  facts.folders_error = Error{ErrorCode::kTimeout, "vc: reading folders: no answer", {}, {}};
  facts.tags_error = Error{ErrorCode::kPermission, "vc: reading tags: refused", {}, {}};
  const VmView vm = vm_in_paris();
  const GuestPattern by_folder{.folder_ids = {"group-v2"}};
  const GuestPattern by_tag{.tags = {"Env/Prod"}};
  EXPECT_EQ(match(by_folder, vm, facts), Match::kUndecided);
  EXPECT_EQ(match(by_tag, vm, facts), Match::kUndecided);
  const auto folder = why_undecided(by_folder, vm, facts);
  EXPECT_EQ(folder.why, "vc: reading folders: no answer");
  EXPECT_NE(folder.reason, UnknownReason::kNoCredentials) << "so that the guest counts as failed";
  EXPECT_EQ(why_undecided(by_tag, vm, facts).why, "vc: reading tags: refused");
}

TEST(GuestPattern, InWords) {
  EXPECT_EQ(describe(GuestPattern()), "");
  EXPECT_EQ(describe(GuestPattern{.vm = "db-*", .tags = {"Env/Prod", "Env/Test"}}),
            "vm \"db-*\" and tag \"Env/Prod\" or \"Env/Test\"");
}

}  // namespace
}  // namespace ballast::collector
