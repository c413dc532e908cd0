#include <gtest/gtest.h>

#include "collector/choice/guest_choice.h"

namespace ballast::collector {
namespace {

using model::UnknownReason;
using model::VmView;

VmView ready_linux_vm() {
  VmView vm;
  vm.moref = "vm-7";
  vm.name = "web-01";
  vm.folder_moref = "group-v7";
  vm.host_moref = "host-7";
  vm.instance_uuid = "5012f0a4-6c1e-4f6b-9d3a-0123456789ab";
  vm.power = model::PowerState::kPoweredOn;
  vm.connection = model::ConnectionState::kConnected;
  vm.tools = model::ToolsState::kRunning;
  vm.guest_operations_ready = true;
  vm.guest_family = "linuxGuest";
  vm.stats.balloon_kib = 1024;
  return vm;
}

GuestLoginRule login(const std::string& pattern, const std::string& user) {
  return {{pattern}, false, {user, Secret("p")}};
}

SelectionRules one_login() {
  SelectionRules rules;
  rules.logins.push_back(login("*", "probe"));
  return rules;
}

// The user name the VM would be probed with, or "" and the reason.
std::pair<std::string, UnknownReason> selected(const VmView& vm, const SelectionRules& rules,
                                               const GuestFacts& facts = {}, bool is_due = true) {
  const auto selection = select_guest(vm, rules, facts, is_due);
  if (const auto* rule = std::get_if<const GuestLoginRule*>(&selection)) {
    return {(*rule)->credentials.username, UnknownReason::kNone};
  }
  return {"", std::get<UnknownReason>(selection)};
}

struct ReasonCase {
  const char* what;
  void (*change)(VmView&);
  UnknownReason reason;
};

TEST(SelectGuest, SaysWhyAVmIsNotProbed) {
  const ReasonCase cases[] = {
      {"off", [](VmView& vm) { vm.power = model::PowerState::kPoweredOff; },
       UnknownReason::kPoweredOff},
      {"suspended", [](VmView& vm) { vm.power = model::PowerState::kSuspended; },
       UnknownReason::kSuspended},
      {"disconnected host",
       [](VmView& vm) { vm.connection = model::ConnectionState::kDisconnected; },
       UnknownReason::kVmUnavailable},
      {"Windows", [](VmView& vm) { vm.guest_family = "windowsGuest"; }, UnknownReason::kNotLinux},
      {"Windows without tools",
       [](VmView& vm) {
         vm.guest_family = "windowsGuest";
         vm.tools = model::ToolsState::kNotRunning;
       },
       UnknownReason::kNotLinux},
      {"no tools", [](VmView& vm) { vm.tools = model::ToolsState::kNotRunning; },
       UnknownReason::kToolsNotRunning},
      {"guest operations not ready", [](VmView& vm) { vm.guest_operations_ready = false; },
       UnknownReason::kGuestOperationsUnavailable},
  };
  for (const auto& c : cases) {
    VmView vm = ready_linux_vm();
    c.change(vm);
    EXPECT_EQ(selected(vm, one_login()).second, c.reason) << c.what;
  }
}

TEST(SelectGuest, WhatVcenterDoesNotSayIsTried) {
  VmView vm = ready_linux_vm();
  vm.guest_operations_ready.reset();
  vm.guest_family.clear();
  vm.tools = model::ToolsState::kUnknown;
  vm.connection = model::ConnectionState::kUnknown;
  EXPECT_EQ(selected(vm, one_login()).first, "probe");
}

TEST(SelectGuest, FirstMatchingLoginWins) {
  SelectionRules rules;
  rules.logins = {login("db-*", "db"), login("WEB-*", "web"), login("*", "rest")};
  EXPECT_EQ(selected(ready_linux_vm(), rules).first, "web");
}

TEST(SelectGuest, SkipRuleAndMissingLogin) {
  SelectionRules rules;
  EXPECT_EQ(selected(ready_linux_vm(), rules).second, UnknownReason::kNoCredentials);
  rules.logins.push_back({{"web-*"}, true, {}});
  EXPECT_EQ(selected(ready_linux_vm(), rules).second, UnknownReason::kNotSelected);
}

TEST(SelectGuest, BalloonedPolicyLeavesOutGuestsWithoutABalloonOnly) {
  SelectionRules rules = one_login();
  rules.only_ballooned = true;
  VmView vm = ready_linux_vm();
  EXPECT_EQ(selected(vm, rules).first, "probe");
  vm.stats.balloon_kib = 0;
  EXPECT_EQ(selected(vm, rules).second, UnknownReason::kNotSelected);
  vm.stats.balloon_kib.reset();
  EXPECT_EQ(selected(vm, rules).first, "probe") << "unset is unknown, not zero";
}

TEST(SelectGuest, AGuestThatReportsNeedsToolsButNoGuestOperations) {
  SelectionRules rules;
  rules.logins.push_back({{"web-*"}, false, {}, true});
  rules.logins.push_back(login("*", "rest"));
  VmView vm = ready_linux_vm();
  vm.name = "web-1";
  vm.guest_operations_ready = false;
  EXPECT_TRUE(std::holds_alternative<OwnReport>(select_guest(vm, rules)));
  vm.tools = model::ToolsState::kNotRunning;
  EXPECT_EQ(selected(vm, rules).second, UnknownReason::kToolsNotRunning);
  vm = ready_linux_vm();
  vm.name = "db-1";
  EXPECT_EQ(selected(vm, rules).first, "rest");
}

// That the folder of ready_linux_vm() has this path.
GuestFacts in_folder(const std::string& path) {
  GuestFacts facts;
  facts.folders = model::FolderPaths({{"group-v7", path, ""}});
  return facts;
}

TEST(SelectGuest, AllPatternsOfARuleMustMatch) {
  SelectionRules rules;
  rules.logins.push_back({{"web-*", "Paris/*", "linux*"}, false, {"paris", Secret("p")}});
  rules.logins.push_back(login("*", "rest"));
  EXPECT_TRUE(needs_folders(rules));
  VmView vm = ready_linux_vm();
  EXPECT_EQ(selected(vm, rules, in_folder("paris/Prod/Web")).first, "paris") << "case is ignored";
  EXPECT_EQ(selected(vm, rules, in_folder("Rome/Prod")).first, "rest") << "another folder";
  vm.name = "db-01";
  EXPECT_EQ(selected(vm, rules, in_folder("Paris/Prod")).first, "rest") << "another name";
  vm = ready_linux_vm();
  rules.logins[0].who.guest_family = "solaris*";
  EXPECT_EQ(selected(vm, rules, in_folder("Paris/Prod")).first, "rest") << "another family";
}

TEST(SelectGuest, NoLoginThatMayBeMeantForOthers) {
  SelectionRules rules;
  rules.logins.push_back({{"web-*", "Paris/*"}, false, {"paris", Secret("p")}});
  rules.logins.push_back(login("*", "rest"));
  VmView vm = ready_linux_vm();
  EXPECT_EQ(selected(vm, rules).second, UnknownReason::kNoCredentials)
      << "nobody knows whether the first rule is this guest's";
  vm.name = "db-01";
  EXPECT_EQ(selected(vm, rules).first, "rest") << "its name alone rules the first rule out";
  rules.logins[0] = {{"", "", "linux*"}, true, {}};
  vm.guest_family.clear();
  EXPECT_EQ(selected(vm, rules).second, UnknownReason::kNoCredentials)
      << "a guest of unknown family is perhaps to be skipped";
}

TEST(SelectGuest, AnApplianceIsReadOnlyWhereARuleNamesIt) {
  VmView vm = ready_linux_vm();
  vm.managed_by = "com.vmware.vim.eam";
  EXPECT_EQ(selected(vm, one_login()).first, "probe") << "by vm";
  SelectionRules rules;
  rules.logins.push_back({{}, false, {"rest", Secret("p")}});
  EXPECT_EQ(selected(vm, rules).second, UnknownReason::kAppliance);
  rules.logins[0].who.instance_uuids = {vm.instance_uuid};
  EXPECT_EQ(selected(vm, rules).first, "rest") << "by instance UUID";
}

TEST(SelectGuest, GuestsThatAreNotDueAreLeftOut) {
  EXPECT_EQ(selected(ready_linux_vm(), one_login(), {}, false).second, UnknownReason::kNotSelected);
}

}  // namespace
}  // namespace ballast::collector
