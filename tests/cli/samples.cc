#include "tests/cli/samples.h"

#include <algorithm>
#include <cmath>

namespace ballast::cli {

using model::Proof;
using model::UnknownReason;
using model::Verdict;

namespace {

constexpr std::int64_t kBaselineKib = 14 * 1024;

std::int64_t kib(double mib) { return std::llround(mib * 1024); }

}  // namespace

UtcTime sample_now() { return *parse_iso8601("2026-11-23T13:17:00Z"); }

StreamTraits piped() { return {false, 0, false, true, false}; }
StreamTraits colour_tty(std::size_t width) { return {true, width, true, true, true}; }
StreamTraits ascii_tty(std::size_t width) { return {true, width, false, false, true}; }

CapturedTerminal::CapturedTerminal(StreamTraits out_traits, StreamTraits err_traits)
    : terminal(out_stream, out_traits, err_stream, err_traits) {}

storage::ScanRow lab_scan() {
  storage::ScanRow scan;
  scan.id = 7;
  scan.vcenter = "lab";
  scan.vcenter_url = "https://vc.lab.example/sdk";
  scan.vcenter_uuid = "d3b1a6de-6cf2-4d1f-8a6c-3f1c1f6d2f10";
  scan.started_at = sample_now() - std::chrono::minutes(13);
  scan.finished_at = sample_now() - std::chrono::minutes(12);
  scan.status = model::ScanStatus::kPartial;
  scan.vms = 22;
  scan.guests_read = 14;
  scan.guests_failed = 5;
  return scan;
}

storage::VmRow plain_vm(const std::string& name) {
  storage::VmRow row;
  row.scan_id = 7;
  row.vm_id = 42;
  row.vcenter = "lab";
  row.host = "esx-03.lab.example";
  row.cluster = "prod-a";
  row.datacenter = "DC0";
  row.vm.moref = "vm-42";
  row.vm.name = name;
  row.vm.instance_uuid = "5030aa11-2b3c-4d5e-8f90-0123456789ab";
  row.vm.bios_uuid = "4230aa11-2b3c-4d5e-8f90-0123456789ab";
  row.vm.host_moref = "host-21";
  row.vm.power = model::PowerState::kPoweredOn;
  row.vm.tools = model::ToolsState::kRunning;
  row.vm.guest_id = "rhel8_64Guest";
  row.vm.configured_kib = kib(4096);
  row.vm.stats.balloon_kib = 0;
  row.vm.polled_at = *parse_iso8601("2026-11-23T13:04:07Z");
  return row;
}

storage::VmRow judged_vm(const std::string& name, Verdict verdict, double balloon_mib,
                         double unaccounted_mib, Proof proof) {
  storage::VmRow row = plain_vm(name);
  row.vm.stats.balloon_kib = kib(balloon_mib);
  storage::GuestRow guest;
  guest.read_at = *parse_iso8601("2026-11-23T13:04:11Z");
  guest.kernel_release = "4.18.0-348.2.1.el8_5.x86_64";
  guest.boot_id = "9f4e2c1a-0b7d-4c58-9a53-6f2f0c1d7e11";
  guest.era = "el8";
  guest.mem_total_kib = kib(3789.25);
  guest.unaccounted_kib = kib(unaccounted_mib);
  guest.counter_error_kib = kib(2);
  guest.parts = {{"free", guest.mem_total_kib - guest.unaccounted_kib}};
  row.guest = guest;
  row.judgement.verdict = verdict;
  row.judgement.proof = proof;
  row.judgement.baseline = {kBaselineKib, kib(12), 0};
  row.judgement.tolerance = {
      {"counters", kib(2)}, {"baseline", kib(12)}, {"host_rounding", kib(2)}};
  row.judgement.tolerance_kib = kib(16);
  row.judgement.difference_kib = guest.unaccounted_kib - kBaselineKib - kib(balloon_mib);
  return row;
}

storage::VmRow unread_vm(const std::string& name, UnknownReason reason, const std::string& detail) {
  storage::VmRow row = plain_vm(name);
  row.judgement.reason = reason;
  row.detail = detail;
  if (reason == UnknownReason::kPoweredOff) {
    row.vm.power = model::PowerState::kPoweredOff;
    row.vm.tools = model::ToolsState::kNotRunning;
    row.vm.stats.balloon_kib = std::nullopt;
  }
  return row;
}

storage::VmRow detailed_vm() {
  storage::VmRow row = judged_vm("web-042", Verdict::kBalloon, 512, 526.4, Proof::kDriver);
  row.vm.allocation.limit_kib = kib(2048);
  row.vm.allocation.reservation_kib = 0;
  row.vm.stats.consumed_kib = kib(2091);
  row.vm.stats.active_kib = kib(327);
  row.vm.stats.swapped_kib = 0;
  row.vm.stats.compressed_kib = 640;
  row.vm.stats.granted_kib = kib(2600);
  row.vm.stats.uptime_s = 86400;
  auto& guest = *row.guest;
  guest.parts = {{"pcp", kib(2.1)},          {"anon_lru", kib(907.5)}, {"file_lru", kib(611)},
                 {"slab", kib(123.4)},       {"page_tables", kib(17)}, {"bounce", 0},
                 {"kernel_stack", kib(6.25)}};
  std::int64_t accounted = 0;
  for (const auto& part : guest.parts) accounted += part.kib;
  guest.parts.insert(guest.parts.begin(),
                     {"free", guest.mem_total_kib - guest.unaccounted_kib - accounted});
  guest.driver_kib = kib(512);
  guest.lower_bound_kib = 0;
  guest.missing = {
      "/proc/vmallocinfo was not readable (the probe did not run as root): memory of vmalloc "
      "counts "
      "as unaccounted"};
  row.judgement.baseline = {kBaselineKib, kib(12), 12};
  guest.pressure.alloc_stalls = 1204;
  guest.pressure.direct_scanned_kib = kib(900);
  guest.pressure.direct_reclaimed_kib = kib(612);
  guest.pressure.swapped_out_kib = kib(310);
  guest.pressure.swapped_in_kib = kib(45.5);
  guest.pressure.refaulted_kib = kib(2100);
  guest.pressure.oom_kills = 2;
  guest.pressure.psi = model::MemoryPressure{95'123'456, 40'000'001, 320, 12};
  return row;
}

storage::VmRow excess_vm() {
  storage::VmRow row = detailed_vm();
  row.vm.stats.balloon_kib = 0;
  row.judgement.verdict = Verdict::kExcess;
  row.judgement.proof = Proof::kNone;
  row.judgement.difference_kib = row.guest->unaccounted_kib - kBaselineKib;
  auto& guest = *row.guest;
  guest.driver_kib = 0;
  guest.suspects = {{model::Consumer::kXfsBuffers, kib(412), ""},
                    {model::Consumer::kSockets, kib(18.5), ""},
                    {model::Consumer::kRamDisks, std::nullopt, ""},
                    {model::Consumer::kForeignModules, std::nullopt, "nvidia, evil\x1b[2J"}};
  return row;
}

std::vector<storage::VmRow> sample_fleet() {
  std::vector<storage::VmRow> rows = {
      judged_vm("web-042", Verdict::kBalloon, 512, 526.4, Proof::kDriver),
      judged_vm("db-prod-07", Verdict::kBalloon, 1280, 1296.75, Proof::kPoint),
      judged_vm("a-name-so-long-that-no-terminal-would-show-it-whole-next-to-seven-more-columns",
                Verdict::kBalloon, 320, 333.9, Proof::kPoint),
      judged_vm("データベース-東京-01", Verdict::kBalloon, 256, 271, Proof::kDriver),
      judged_vm("evil\x1b[2J\x1b]0;owned\x07name", Verdict::kBalloon, 200, 214, Proof::kPoint),
      judged_vm("two\nlines\r\nand,a \"comma\"", Verdict::kBalloon, 128, 142.5, Proof::kPoint),
      judged_vm("=HYPERLINK(\"http://x\",\"y\")", Verdict::kBalloon, 100, 113, Proof::kPoint),
      judged_vm("not utf-8: \xff\xfe\x9b", Verdict::kBalloon, 64, 78.1, Proof::kPoint),
      judged_vm("leaky", Verdict::kExcess, 0, 340),
      judged_vm("leaky-and-ballooned", Verdict::kExcess, 512, 900),
      judged_vm("stale", Verdict::kHidden, 300, 15),
      judged_vm("app-01", Verdict::kClean, 0, 14.1),
      judged_vm("app-02", Verdict::kClean, 0, 13.2),
      judged_vm("app-03", Verdict::kClean, 0, -1.5),
      unread_vm("off-1", UnknownReason::kPoweredOff),
      unread_vm("off-2", UnknownReason::kPoweredOff),
      unread_vm("windows", UnknownReason::kNotLinux),
      unread_vm("no-tools-1", UnknownReason::kToolsNotRunning),
      unread_vm("no-tools-2", UnknownReason::kToolsNotRunning),
      unread_vm("bad-login", UnknownReason::kInvalidGuestLogin,
                "the guest refused the login: \x1b[31mno"),
      unread_vm("slow", UnknownReason::kTimedOut),
      unread_vm("disabled", UnknownReason::kGuestOperationsDisabled),
  };
  rows[8].guest->suspects = {{model::Consumer::kXfsBuffers, kib(300), ""},
                             {model::Consumer::kSockets, kib(12), ""}};
  rows[9].guest->suspects = {{model::Consumer::kLargeKmalloc, std::nullopt, ""}};
  rows[0].vm.configured_kib = kib(2048);
  rows[1].host = "esx-01.lab.example";
  rows[1].vm.configured_kib = kib(131072);
  rows[2].cluster = "prod-b";
  rows[18].vm.stats.balloon_kib = kib(700);
  rows[19].vm.stats.balloon_kib = kib(324);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].vm.moref = "vm-" + std::to_string(100 + i);
  return rows;
}

}  // namespace ballast::cli
