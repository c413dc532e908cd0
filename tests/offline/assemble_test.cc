#include "offline/assemble.h"

#include <gmock/gmock.h>

#include "base/units.h"
#include "model/account/account.h"
#include "offline/directory.h"
#include "tests/accuracy/captures.h"

namespace ballast::offline {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(Assemble, EveryCaptureIsReadInFull) {
  int driver = 0;
  int roots = 0;
  for (const auto& capture : test::captures()) {
    const auto files = read_directory(capture.root);
    ASSERT_TRUE(files) << capture.name();
    const auto reading = assemble(*files);
    EXPECT_TRUE(reading.notes.empty()) << capture.name() << ": " << reading.notes.front();
    const auto account = model::account_memory(reading);
    ASSERT_TRUE(account) << capture.name() << ": " << account.error().sentence();
    ASSERT_TRUE(reading.zones) << capture.name();
    // 2.6 has no managed pages.
    const bool old = account->era < model::KernelEra::kEl7;
    EXPECT_EQ(kib_from_pages(reading.zones->managed_pages), old ? 0 : account->mem_total_kib);
    EXPECT_TRUE(reading.zones->lists) << capture.name();
    const auto slabinfo = files->files.find("proc/slabinfo");
    const bool counted = slabinfo != files->files.end() &&
                         slabinfo->second.find("\nmm_struct ") != std::string::npos;
    EXPECT_EQ(reading.mm_structs.has_value(), counted) << capture.name();
    EXPECT_FALSE(reading.kernel_release.empty()) << capture.name();
    EXPECT_TRUE(reading.uptime_s) << capture.name();
    if (account->driver_kib == std::optional(capture.balloon_kib)) ++driver;
    if (reading.vmalloc_kib) ++roots;
  }
  EXPECT_GT(driver, 3) << "the status files of vmw_balloon";
  EXPECT_GT(roots, 100) << "vmallocinfo of the older kernels";
}

GuestFiles files_with(std::initializer_list<std::pair<const std::string, std::string>> more) {
  GuestFiles files;
  files.files["proc/meminfo"] = "MemTotal: 2048 kB\n";
  for (const auto& [path, text] : more) files.files[path] = text;
  return files;
}

TEST(Assemble, CallSitesProcessesAndTheCrashKernel) {
  const auto reading = assemble(files_with(
      {{"proc/allocinfo",
        "allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n"
        "419430400 100 drivers/net/x/ring.c:12 [x] func:x_refill\n"
        "1048576000 500 drivers/misc/vmw_balloon.c:691 [vmw_balloon] func:vmballoon_alloc\n"},
       {"proc/slabinfo", "slabinfo - version: 2.1\nmm_struct 1508 1512 896 4 1\n"},
       {"sys/kernel/kexec_crash_size", "268435456\n"}}));
  EXPECT_TRUE(reading.notes.empty()) << reading.notes.front();
  EXPECT_EQ(reading.balloon_sites_kib, 1'024'000);
  ASSERT_EQ(reading.traces.size(), 1U);
  EXPECT_EQ(reading.traces[0].detail, "drivers/net/x/ring.c:12 x_refill 400 MiB");
  EXPECT_EQ(reading.mm_structs, 1508);
  EXPECT_EQ(reading.crash_kernel_kib, 262'144);
}

TEST(Assemble, NamesFromWhateverASosreportHas) {
  const std::string uname = "Linux web01 5.14.0-70.el9.x86_64 #1 SMP x86_64 GNU/Linux\n";
  const std::string version = "Linux version 4.18.0-348.el8 (mockbuild@x) #1 SMP\n";
  const std::string sysctl =
      "abi.vsyscall32 = 1\nkernel.osrelease = 3.10.0-1062.el7.x86_64\n"
      "kernel.random.boot_id = 3e372ec2-3b55-453c-8d27-0023c114331a\n";
  const auto all = assemble(files_with({{"sos_commands/kernel/uname_-a", uname},
                                        {"proc/version", version},
                                        {"sos_commands/kernel/sysctl_-a", sysctl}}));
  EXPECT_EQ(all.kernel_release, "5.14.0-70.el9.x86_64");
  EXPECT_EQ(all.boot_id, "3e372ec2-3b55-453c-8d27-0023c114331a");
  EXPECT_EQ(assemble(files_with({{"proc/version", version}})).kernel_release, "4.18.0-348.el8");
  EXPECT_EQ(assemble(files_with({{"sos_commands/kernel/sysctl_-a", sysctl}})).kernel_release,
            "3.10.0-1062.el7.x86_64");
  EXPECT_EQ(assemble(files_with({})).kernel_release, "");
}

TEST(Assemble, WhoseGuestItIs) {
  GuestFiles files;
  files.files = {
      {"sos_commands/kernel/uname_-a",
       "Linux db01 2.6.32-754.el6.x86_64 #1 SMP x86_64 GNU/Linux\n"},
      {"etc/hostname", "stale\n"},
      {"etc/redhat-release", "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n"},
      {"etc/os-release", "PRETTY_NAME=\"Something else\"\n"},
      {"sys/class/dmi/id/sys_vendor", "VMware, Inc.\n"},
      {"sys/class/dmi/id/product_name", "VMware Virtual Platform\n"},
      {"proc/uptime", "90.5 3.2\n"},
      {"proc/vmallocinfo", "0x1-0x2 33554432 pcpu_get_vm_areas+0x0/0x550 vmalloc\n"},
      {"var/log/dmesg", "hv_balloon: Using Dynamic Memory protocol version 2.0\n"}};
  const auto reading = assemble(files);
  EXPECT_EQ(reading.platform.host_name, "db01") << "etc/hostname may be older than the boot";
  EXPECT_EQ(reading.platform.distribution,
            "Red Hat Enterprise Linux Server release 6.10 (Santiago)");
  EXPECT_EQ(reading.platform.machine, "VMware, Inc. VMware Virtual Platform");
  EXPECT_EQ(reading.platform.architecture, "x86_64");
  EXPECT_EQ(reading.uptime_s, 90);
  EXPECT_EQ(reading.other_balloons.size(), 1U);
  ASSERT_EQ(reading.traces.size(), 1U);
  EXPECT_EQ(reading.traces[0].kib, 32768) << "32 MiB of per-CPU areas";
}

TEST(Assemble, BalloonDriver) {
  const auto in_tree = assemble(
      files_with({{"sys/kernel/debug/vmmemctl", "target: 131072 pages\ncurrent: 131072 pages\n"},
                  {"sos_commands/kernel/lsmod", "Module Size Used by\nvmw_balloon 28672 0\n"}}));
  EXPECT_EQ(in_tree.balloon.current_kib, 524288);
  EXPECT_EQ(in_tree.balloon.module, "vmw_balloon");
  const auto tools = assemble(files_with({{"proc/vmmemctl", "target: 5 pages\ncurrent: 4 pages\n"},
                                          {"proc/modules", "vmmemctl 30352 0 - Live 0x0 (U)\n"}}));
  EXPECT_EQ(tools.balloon.current_kib, 16);
  EXPECT_EQ(tools.balloon.module, "vmmemctl");
}

TEST(Assemble, PoolsZramAndBootLog) {
  const std::string sys = "sys/kernel/mm/hugepages/hugepages-";
  const auto reading = assemble(
      files_with({{sys + "2048kB/nr_hugepages", "10\n"},
                  {sys + "1048576kB/nr_hugepages", "1\n"},
                  {"sys/block/zram0/mm_stat", "1 1 999999 0 0 0 0\n"},
                  {"sys/devices/virtual/block/zram0/mm_stat", "4096 2048 1048576 0 1 0 0\n"},
                  {"sys/devices/virtual/block/zram1/mem_used_total", "2097152\n"},
                  {"sos_commands/kernel/dmesg",
                   "[    0.1] percpu: Embedded 53 pages/cpu s185496 r0 d31592 u1048576\n"}}));
  ASSERT_EQ(reading.hugepage_pools.size(), 2U);
  EXPECT_EQ(reading.hugepage_pools[0].page_kib, 1048576);
  EXPECT_EQ(reading.hugepage_pools[1].pages, 10);
  EXPECT_EQ(reading.zram_kib, 3072) << "a device seen under two paths is one device";
  EXPECT_EQ(reading.first_chunk_pages, 53);
}

TEST(Assemble, WhatCannotBeUnderstoodIsNotedAndNotRead) {
  const auto reading =
      assemble(files_with({{"proc/vmstat", "nr_free_pages many\n"},
                           {"proc/zoneinfo", "nothing\n"},
                           {"proc/loadavg", "x"},
                           {"sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "-1"}}));
  EXPECT_TRUE(reading.vmstat.empty());
  EXPECT_FALSE(reading.zones);
  EXPECT_FALSE(reading.threads);
  EXPECT_TRUE(reading.hugepage_pools.empty());
  EXPECT_EQ(reading.notes.size(), 4U);
  EXPECT_THAT(reading.notes, Contains(HasSubstr("zoneinfo could not be understood")));
}

TEST(Assemble, TheNotesOfTheFilesAreKept) {
  auto files = files_with({});
  files.notes = {"proc/vmstat is a link"};
  EXPECT_THAT(assemble(files).notes, Contains("proc/vmstat is a link"));
}

TEST(TakenAt, OnlyATimeThatIsCertain) {
  const auto of = [](const std::string& path, const std::string& text) {
    auto files = files_with({{path, text}});
    files.modified = UtcTime(std::chrono::seconds(1'700'000'000));
    return taken_at(files);
  };
  const auto date = parse_iso8601("2026-11-24T20:24:28Z").value();
  EXPECT_EQ(of("sos_commands/date/date_--utc", "Tue Nov 24 20:24:28 UTC 2026\n"), date);
  EXPECT_EQ(of("sos_commands/general/date", "Tue Nov 24 20:24:28 GMT 2026\n"), date);
  const UtcTime written(std::chrono::seconds(1'700'000'000));
  EXPECT_EQ(of("sos_commands/date/date", "Tue Nov 24 21:24:28 CET 2026\n"), written)
      << "CET is no offset";
  for (const auto* odd : {"", "now", "Tue Foo 24 20:24:28 UTC 2026", "Tue Nov 99 20:24:28 UTC 2026",
                          "Tue Nov 24 x UTC 2026", "Tue Nov 24 20:24:28 UTC 99999999"}) {
    EXPECT_EQ(of("sos_commands/date/date", odd), written) << odd;
  }
  EXPECT_FALSE(taken_at(files_with({})));
}

}  // namespace
}  // namespace ballast::offline
