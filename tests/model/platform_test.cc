#include "model/platform.h"

#include <string>

#include <gmock/gmock.h>

#include "base/units.h"
#include "model/parse/platform_files.h"

namespace ballast::model {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

GuestReading on(const std::string& machine, const std::string& hypervisor = "") {
  GuestReading reading;
  reading.platform.machine = machine;
  reading.platform.hypervisor = hypervisor;
  return reading;
}

TEST(Platform, TheHypervisorByItsOwnNames) {
  const struct {
    const char* machine;
    const char* hypervisor;
    Hypervisor expected;
  } rows[] = {
      {"VMware, Inc. VMware Virtual Platform", "", Hypervisor::kVmware},
      {"VMware, Inc. VMware7,1", "VMware", Hypervisor::kVmware},
      {"", "VMware", Hypervisor::kVmware},
      {"", "VMware hypervisor", Hypervisor::kVmware},
      {"Microsoft Corporation Virtual Machine", "", Hypervisor::kHyperV},
      {"Microsoft Corporation Virtual Machine", "Microsoft Hyper-V", Hypervisor::kHyperV},
      {"Microsoft Corporation Surface", "", Hypervisor::kOther},
      {"Red Hat KVM", "", Hypervisor::kKvm},
      {"QEMU Standard PC (i440FX + PIIX, 1996)", "KVM", Hypervisor::kKvm},
      {"Xen HVM domU", "", Hypervisor::kXen},
      {"", "Xen", Hypervisor::kXen},
      {"Dell Inc. PowerEdge R640", "", Hypervisor::kOther},
      {"", "", Hypervisor::kUnknown},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(hypervisor_of(on(row.machine, row.hypervisor)), row.expected)
        << row.machine << " / " << row.hypervisor;
  }
}

TEST(Platform, ADriverThatIsLoadedTellsTheHypervisor) {
  GuestReading reading;
  reading.balloon.module = "vmw_balloon";
  EXPECT_EQ(hypervisor_of(reading), Hypervisor::kVmware);
  reading.balloon.module = "";
  reading.other_balloons = {"hv_balloon"};
  EXPECT_EQ(hypervisor_of(reading), Hypervisor::kHyperV);
  reading.other_balloons = {"virtio_balloon"};
  EXPECT_EQ(hypervisor_of(reading), Hypervisor::kUnknown) << "many offer virtio devices";
}

TEST(Platform, AnEmptyVirtioBalloonHoldsNothing) {
  GuestReading reading;
  reading.other_balloons = {"virtio_balloon"};
  EXPECT_TRUE(other_balloon_of(reading)) << "without the counters its size is not known";
  reading.vmstat = {{"balloon_inflate", 500}, {"balloon_deflate", 500}};
  EXPECT_FALSE(other_balloon_of(reading)) << "it would be blamed for what somebody else holds";
  reading.vmstat = {{"balloon_inflate", 756}, {"balloon_deflate", 500}};
  EXPECT_EQ(other_balloon_of(reading)->kib, 1024);
  reading.other_balloons = {"hv_balloon"};
  reading.vmstat = {{"balloon_inflate", 0}, {"balloon_deflate", 0}};
  EXPECT_TRUE(other_balloon_of(reading)) << "hv_balloon of RHEL 7 and 8 feeds none: 0 says nothing";
}

TEST(Platform, VmwareIsClaimedOnlyWhereItIs) {
  auto hyper_v = on("Microsoft Corporation Virtual Machine");
  hyper_v.other_balloons = {"hv_balloon"};
  EXPECT_THAT(platform_notes(hyper_v), Contains("this is no VMware guest: its hypervisor is "
                                                "Hyper-V"));
  EXPECT_THAT(platform_notes(hyper_v), Contains(HasSubstr("hv_balloon")));
  EXPECT_THAT(platform_notes(on("VMware, Inc. VMware Virtual Platform")), IsEmpty());
  EXPECT_THAT(platform_notes(GuestReading()), IsEmpty()) << "nothing is known of it";
}

TEST(Platform, OnVmwareNoOtherBalloonIsNamed) {
  auto reading = on("VMware, Inc. VMware Virtual Platform");
  reading.other_balloons = {"virtio_balloon"};
  EXPECT_FALSE(other_balloon_of(reading)) << "a module without a device";
}

TEST(Platform, TheDriverExistsForX86Alone) {
  const struct {
    const char* release;
    const char* architecture;
    bool x86;
  } rows[] = {
      {"5.14.0-70.el9.aarch64", "", false},    {"4.18.0-348.el8.ppc64le", "", false},
      {"4.18.0-348.el8.s390x", "", false},     {"6.1.0-13-arm64", "", false},
      {"5.3.18-24-default", "aarch64", false}, {"5.14.0-70.el9.x86_64", "", true},
      {"5.3.18-24-default", "x86_64", true},   {"", "", true},
  };
  for (const auto& row : rows) {
    GuestReading reading;
    reading.kernel_release = row.release;
    reading.platform.architecture = row.architecture;
    EXPECT_EQ(may_have_vmware_driver(reading), row.x86) << row.release << row.architecture;
    EXPECT_EQ(platform_notes(reading).empty(), row.x86) << row.release << row.architecture;
  }
}

TEST(OrphanedPages, FarAboveWhatOwnsThem) {
  Meminfo meminfo = {{"MemTotal", kib_from_mib(8192)},
                     {"Active(anon)", kib_from_mib(3000)},
                     {"Inactive(anon)", kib_from_mib(0)},
                     {"Unevictable", kib_from_mib(100)},
                     {"AnonPages", kib_from_mib(2000)},
                     {"Shmem", kib_from_mib(100)},
                     {"SwapCached", 0},
                     {"Mlocked", kib_from_mib(100)}};
  const auto note = orphaned_pages_note(meminfo);
  ASSERT_TRUE(note) << "900 MiB belong to nobody";
  EXPECT_THAT(*note, HasSubstr("900 MiB"));
  meminfo["AnonPages"] = kib_from_mib(2700);
  EXPECT_FALSE(orphaned_pages_note(meminfo)) << "counters lag by as much where huge pages go";
  meminfo.erase("AnonPages");
  EXPECT_FALSE(orphaned_pages_note(meminfo)) << "a field is missing";
}

TEST(PlatformFiles, Distributions) {
  EXPECT_EQ(distribution_of("NAME=\"SLES\"\nVERSION=\"15-SP3\"\nPRETTY_NAME=\"SUSE Linux "
                            "Enterprise Server 15 SP3\"\n"),
            "SUSE Linux Enterprise Server 15 SP3");
  EXPECT_EQ(distribution_of("NAME=Fedora\nVERSION='39'\n"), "Fedora 39");
  EXPECT_EQ(distribution_of(""), "");
  EXPECT_EQ(first_line_of("\nSUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\n"),
            "SUSE Linux Enterprise Server 11 (x86_64)");
  EXPECT_EQ(first_line_of(std::string(1000, 'x')).size(), kMaxPlatformText) << "it is bounded";
}

TEST(PlatformFiles, TheMachine) {
  EXPECT_EQ(machine_of_dmidecode("BIOS Information\n\tVendor: Phoenix\n\nHandle 0x0001\n"
                                 "System Information\n\tManufacturer: VMware, Inc.\n"
                                 "\tProduct Name: VMware Virtual Platform\n\nHandle 0x0002\n"
                                 "\tManufacturer: Intel\n"),
            "VMware, Inc. VMware Virtual Platform");
  EXPECT_EQ(machine_of_dmidecode("System Information\n\tManufacturer: Xen\n\nHandle 0x0002\n"
                                 "Base Board Information\n\tProduct Name: 440BX\n"),
            "Xen")
      << "the board is not the machine";
  EXPECT_EQ(machine_of_dmidecode("nothing"), "");
}

TEST(PlatformFiles, Uname) {
  const std::string line =
      "Linux web01 2.6.32-754.el6.i686 #1 SMP Tue Jun 19 2018 i686 i686 i386 GNU/Linux\n";
  EXPECT_EQ(uname_word(line, 1), "web01");
  EXPECT_EQ(uname_word(line, 2), "2.6.32-754.el6.i686");
  EXPECT_EQ(architecture_of(line), "i686");
  EXPECT_EQ(architecture_of("Linux s390x 5.3.18 #1 SMP aarch64 GNU/Linux"), "aarch64");
  EXPECT_EQ(architecture_of(""), "");
}

TEST(PlatformFiles, BootLogs) {
  GuestReading reading;
  read_boot_log(
      "[    0.000000] Linux version 4.18.0-80.el8.x86_64 (mockbuild@x) #1 SMP\n"
      "[    0.000000] DMI: Microsoft Corporation Virtual Machine/Virtual Machine, BIOS v4.0\n"
      "[    0.000000] Hypervisor detected: Microsoft Hyper-V\n"
      "[    0.000000] Booting paravirtualized kernel on bare hardware\n"
      "[    3.942013] hv_balloon: Using Dynamic Memory protocol version 2.0\n",
      reading);
  EXPECT_EQ(reading.platform.machine, "Microsoft Corporation Virtual Machine");
  EXPECT_EQ(reading.platform.hypervisor, "Microsoft Hyper-V");
  EXPECT_EQ(reading.kernel_release, "4.18.0-80.el8.x86_64");
  EXPECT_THAT(reading.other_balloons, ElementsAre("hv_balloon"));
  GuestReading bare;
  read_boot_log("Booting paravirtualized kernel on bare hardware\n", bare);
  EXPECT_EQ(bare.platform.hypervisor, "") << "that is no hypervisor";
}

}  // namespace
}  // namespace ballast::model
