#include "model/inventory.h"

#include <gtest/gtest.h>

#include "model/judged_guest.h"

namespace ballast::model {
namespace {

TEST(IsLinux, FamilyFirstThenGuestId) {
  const struct {
    const char* family;
    const char* id;
    std::optional<bool> expected;
  } rows[] = {
      {"linuxGuest", "", true},
      {"linuxGuest", "otherGuest64", true},
      {"windowsGuest", "windows9Server64Guest", false},
      {"windowsGuest", "rhel8_64Guest", false},
      {"darwinGuestFamily", "", false},
      {"", "rhel8_64Guest", true},
      {"", "sles15_64Guest", true},
      {"", "other5xLinux64Guest", true},
      {"", "other24xLinuxGuest", true},
      {"", "oracleLinux8_64Guest", true},
      {"", "ubuntu64Guest", true},
      {"", "opensuse64Guest", true},
      {"", "openServer6Guest", false},
      {"", "vmwarePhoton64Guest", true},
      {"", "windows2019srv_64Guest", false},
      {"", "freebsd13_64Guest", false},
      {"", "vmkernel7Guest", false},
      {"otherGuestFamily", "other4xLinux64Guest", true},
      {"otherGuestFamily", "freebsd12_64Guest", false},
      {"otherGuestFamily", "otherGuest64", std::nullopt},
      {"", "otherGuest", std::nullopt},
      {"", "", std::nullopt},
  };
  for (const auto& row : rows) {
    VmView vm;
    vm.guest_family = row.family;
    vm.guest_id = row.id;
    EXPECT_EQ(is_linux(vm), row.expected) << row.family << " / " << row.id;
  }
}

TEST(Inventory, Appliances) {
  const struct {
    const char* managed_by;
    const char* guest_id;
    const char* name;
    bool expected;
  } rows[] = {
      {"com.vmware.vim.eam", "other3xLinux64Guest", "vCLS-4c4c4544", true},
      {"com.vmware.vcenter.wcp", "vmwarePhoton64Guest", "SupervisorControlPlaneVM (1)", true},
      {"com.vmware.nsx.management.nsxt", "ubuntu64Guest", "nsx-edge-01", true},
      {"", "crxPod1Guest", "redis", true},
      {"", "other3xLinux64Guest", "vCLS (1)", true},
      {"com.vmware.vcloud-0a1b", "rhel8_64Guest", "tenant-vm", false},
      {"org.openstack.compute", "ubuntu64Guest", "instance-0001", false},
      {"", "rhel8_64Guest", "vCLSomething", false},
      {"", "rhel8_64Guest", "web-01", false},
  };
  for (const auto& row : rows) {
    VmView vm;
    vm.managed_by = row.managed_by;
    vm.guest_id = row.guest_id;
    vm.name = row.name;
    EXPECT_EQ(is_appliance(vm), row.expected) << row.managed_by << " / " << row.name;
  }
}

TEST(Inventory, Words) {
  EXPECT_EQ(to_string(PowerState::kPoweredOff), "powered off");
  EXPECT_EQ(to_string(ToolsState::kNotRunning), "not running");
  EXPECT_EQ(to_string(ScanStatus::kRunning), "running");
  EXPECT_EQ(to_string(ScanStatus::kPartial), "partial");
  EXPECT_EQ(to_string(ScanStatus::kFailed), "failed");
}

}  // namespace
}  // namespace ballast::model
