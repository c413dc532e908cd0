#include "collector/scope/scope_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Standing = ScopeFilter::Standing;

// Europe/Paris with Linux and Linux/Web, a vApp in Web with another in it and a pool in that one;
// and a folder whose places above the user may not see.
ScopeFacts facts() {
  ScopeFacts facts;
  facts.folders = {{"group-d1", "Europe", "", false},
                   {"datacenter-1", "Paris", "group-d1", true},
                   {"group-v1", "Paris", "group-d1", true},  // its hidden folder of VMs
                   {"group-v2", "Linux", "group-v1", false},
                   {"group-v3", "Web", "group-v2", false},
                   {"resgroup-v1", "shop", "group-v3", false},
                   {"resgroup-v2", "back", "resgroup-v1", false},
                   {"group-v9", "Alone", "", false}};
  facts.pool_parents = {{"resgroup-5", "resgroup-v2"}, {"resgroup-6", "resgroup-7"}};
  facts.hosts = {{"host-1", "esx1", "prod-a", "Paris", {}, {}, "", {}},
                 {"host-2", "esx2", "", "Lyon", {}, {}, "", {}}};
  return facts;
}

model::VmView vm_in(const std::string& folder, const std::string& host = {},
                    const std::string& pool = {}) {
  model::VmView vm;
  vm.moref = "vm-1";
  vm.folder_moref = folder;
  vm.host_moref = host;
  vm.pool_moref = pool;
  return vm;
}

TEST(ScopeFilter, FoldersTakeWhatIsBelowThem) {
  const struct {
    const char* pattern;
    model::VmView vm;
    Standing standing;
  } rows[] = {
      {"Europe/Paris/Linux", vm_in("group-v2"), Standing::kIn},
      {"Europe/Paris/Linux", vm_in("group-v3"), Standing::kIn},
      {"europe/paris", vm_in("group-v1"), Standing::kIn},
      {"Europe", vm_in("group-v3"), Standing::kIn},
      {"Europe/Paris/Linux/*", vm_in("group-v2"), Standing::kOut},
      {"Europe/Paris/Linux/*", vm_in("group-v3"), Standing::kIn},
      {"Linux", vm_in("group-v3"), Standing::kOut},
      {"*/Web", vm_in("", "", "resgroup-v1"), Standing::kIn},
      {"*/Web", vm_in("", "", "resgroup-5"), Standing::kIn},
      {"*/shop", vm_in("", "", "resgroup-v2"), Standing::kIn},
      {"*/shop", vm_in("group-v3"), Standing::kOut},
      {"Alone", vm_in("group-v9"), Standing::kIn},
      {"*", vm_in("", "", "resgroup-6"), Standing::kUnknown},
      {"*", vm_in(""), Standing::kUnknown},
      {"*", vm_in("group-v77"), Standing::kUnknown},
  };
  for (const auto& row : rows) {
    ScanScope scope;
    scope.folders = {"nothing", row.pattern};
    EXPECT_EQ(ScopeFilter(scope, facts()).standing_of(row.vm), row.standing)
        << row.pattern << " " << row.vm.folder_moref << row.vm.pool_moref;
  }
}

TEST(ScopeFilter, DatacentersAreThoseOfTheFolderElseOfTheHost) {
  ScanScope scope;
  scope.datacenters = {"paris"};
  const ScopeFilter filter(scope, facts());
  EXPECT_EQ(filter.standing_of(vm_in("group-v3")), Standing::kIn);
  EXPECT_EQ(filter.standing_of(vm_in("", "", "resgroup-5")), Standing::kIn);
  EXPECT_EQ(filter.standing_of(vm_in("", "host-1")), Standing::kIn);
  EXPECT_EQ(filter.standing_of(vm_in("", "host-2")), Standing::kOut);
  EXPECT_EQ(filter.standing_of(vm_in("group-v9", "host-1")), Standing::kIn);
  EXPECT_EQ(filter.standing_of(vm_in("group-v9")), Standing::kUnknown);
}

TEST(ScopeFilter, ClustersAreThoseOfTheHost) {
  ScanScope scope;
  scope.clusters = {"*"};
  const ScopeFilter filter(scope, facts());
  EXPECT_EQ(filter.standing_of(vm_in("group-v3", "host-1")), Standing::kIn);
  EXPECT_EQ(filter.standing_of(vm_in("group-v3", "host-2")), Standing::kOut)
      << "a stand-alone host is in no cluster";
  EXPECT_EQ(filter.standing_of(vm_in("group-v3", "host-9")), Standing::kUnknown);
}

TEST(ScopeFilter, OneListThatLeavesItOutDecides) {
  ScanScope scope;
  scope.folders = {"Europe/*"};
  scope.clusters = {"prod-*"};
  scope.tags = {"Env/Prod"};
  auto known = facts();
  known.tags = {{"Env", "Prod", {"vm-1"}}};
  const ScopeFilter filter(scope, known);
  EXPECT_EQ(filter.standing_of(vm_in("group-v3", "host-1")), Standing::kIn);
  EXPECT_EQ(filter.standing_of(vm_in("group-v3", "host-2")), Standing::kOut);
  EXPECT_EQ(filter.standing_of(vm_in("group-v3", "host-9")), Standing::kUnknown);
  EXPECT_EQ(filter.standing_of(vm_in("group-v9", "host-9")), Standing::kOut);
  known.tags[0].vms = {"vm-2"};
  EXPECT_EQ(ScopeFilter(scope, known).standing_of(vm_in("group-v3", "host-1")), Standing::kOut);
}

TEST(ScopeFilter, TagsMatchCategoryAndNameApart) {
  const ScopeTag tag{"Env", "Prod/EU"};
  EXPECT_TRUE(matches_tag("env/prod/*", tag));
  EXPECT_TRUE(matches_tag("*/Prod/EU", tag));
  EXPECT_FALSE(matches_tag("*/EU", tag)) << "the category ends at the first slash";
  EXPECT_FALSE(matches_tag("Env", tag));
  EXPECT_TRUE(matches_category("E*/x", "Env"));
  EXPECT_FALSE(matches_category("E/x", "Env"));
}

TEST(ScopeFilter, HostsAreLeftOutByClusterAndDatacenter) {
  const auto hosts = facts().hosts;
  ScanScope scope;
  EXPECT_TRUE(may_have_vms(scope, hosts[1]));
  scope.datacenters = {"Paris"};
  EXPECT_TRUE(may_have_vms(scope, hosts[0]));
  EXPECT_FALSE(may_have_vms(scope, hosts[1]));
  EXPECT_TRUE(may_have_vms(scope, model::Host())) << "its datacenter is not visible";
  scope.clusters = {"prod-b"};
  EXPECT_FALSE(may_have_vms(scope, hosts[0]));
}

TEST(ScopeFilter, PatternsInVain) {
  ScanScope scope;
  scope.clusters = {"prod-a", "prod-z"};
  auto vain = ScopeFilter(scope, facts()).patterns_in_vain();
  EXPECT_FALSE(vain.error);
  EXPECT_THAT(vain.warnings, ElementsAre("no cluster matches \"prod-z\". Try: like prod-a"));
  scope.clusters = {"prod-z", "x"};
  vain = ScopeFilter(scope, facts()).patterns_in_vain();
  ASSERT_TRUE(vain.error);
  EXPECT_EQ(vain.error->message, "no cluster matches \"prod-z\" or \"x\"");
  auto blind = facts();
  blind.hosts.clear();
  vain = ScopeFilter(scope, blind).patterns_in_vain();
  EXPECT_THAT(vain.error->hint, HasSubstr("the user sees no cluster"));
  scope = {};
  scope.tags = {"Env/*"};
  blind.tags = {{"Env", "*"}};
  EXPECT_TRUE(ScopeFilter(scope, blind).patterns_in_vain().error) << "a category is no tag";
  EXPECT_THAT(ScopeFilter({}, {}).patterns_in_vain().warnings, IsEmpty());
}

TEST(ScanScope, SaysWhatItIsLimitedTo) {
  ScanScope scope;
  EXPECT_FALSE(scope.is_limited());
  EXPECT_EQ(describe(scope), "");
  scope.clusters = {"prod-*", "test"};
  scope.tags = {"Env/Prod"};
  EXPECT_TRUE(scope.is_limited());
  EXPECT_EQ(describe(scope), "clusters \"prod-*\" or \"test\" and tags \"Env/Prod\"");
}

}  // namespace
}  // namespace ballast::collector
