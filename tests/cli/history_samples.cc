#include "tests/cli/history_samples.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/units.h"
#include "tests/cli/samples.h"

namespace ballast::cli {

namespace {

constexpr int kScans = 168;
constexpr std::chrono::hours kInterval{2};

std::int64_t kib(double mib) { return std::llround(mib * 1024); }

UtcTime scanned_at(int scan) {
  return detailed_vm().vm.polled_at - kInterval * (kScans - 1 - scan);
}

// Noise of at most 1.5 MiB, the same in every run.
double noise(int scan) { return (scan * 37 % 11 - 5) * 0.3; }

storage::VmRow past_row(int scan, double balloon_mib, double unaccounted_mib) {
  auto row = judged_vm("web-042", model::Verdict::kBalloon, balloon_mib, unaccounted_mib,
                       model::Proof::kLockstep);
  row.scan_id = scan - kScans + 8;
  row.vm.polled_at = scanned_at(scan);
  row.guest->read_at = row.vm.polled_at + std::chrono::seconds(4);
  return row;
}

VmReport report_of(const std::function<storage::VmRow(int)>& at, storage::VmRow newest) {
  VmReport report;
  report.now = sample_now();
  report.scan = group_scans({lab_scan()}).front();
  for (int scan = 0; scan + 1 < kScans; ++scan) report.history.push_back(at(scan));
  report.history.push_back(newest);
  report.row = std::move(newest);
  return report;
}

storage::VmRow sawtooth_row(int scan) {
  const double balloon = std::min(640, scan % 21 * 40);
  auto row = past_row(scan, balloon, balloon + 14 + noise(scan));
  const bool off = scan >= 110 && scan < 116;
  if (off) {
    row = unread_vm("web-042", model::UnknownReason::kPoweredOff);
    row.vm.polled_at = scanned_at(scan);
    row.scan_id = scan - kScans + 8;
  }
  if (scan < 60) {
    row.host = "esx-01.lab.example";
    row.vm.host_moref = "host-19";
  }
  if (scan < 110) row.guest->boot_id = "00000000-0b7d-4c58-9a53-6f2f0c1d7e11";
  return row;
}

model::Surroundings crowded() {
  model::Surroundings around;
  around.pools = {{"resgroup-12", "web", "resgroup-9", {0, model::kUnlimited}, 6 * kKibPerGib},
                  {"resgroup-9", "tier-1", "resgroup-8", {0, 16 * kKibPerGib}, kib(16200)},
                  {"resgroup-8", "prod-a", "", {std::nullopt, 256 * kKibPerGib}, 200 * kKibPerGib}};
  model::HostLoad load;
  load.host.name = "esx-03.lab.example";
  load.host.memory_kib = 128 * kKibPerGib;
  load.host.memory_usage_kib = 90 * kKibPerGib;
  load.host.memory_state = 0;
  load.vms = 40;
  load.vms_on = 36;
  load.configured_kib = 160 * kKibPerGib;
  load.balloon_kib = 6 * kKibPerGib;
  around.host = load;
  return around;
}

}  // namespace

VmReport sawtooth_report() {
  auto newest = detailed_vm();
  newest.pool = "web";
  newest.vm.stats.active_kib = kib(2400);
  newest.judgement.proof = model::Proof::kLockstep;
  newest.judgement.bracket = model::BalloonBracket{kib(504), kib(512), kib(640)};
  newest.judgement.lockstep =
      model::Lockstep{0.9987, 0.9812, 1.0155, 17, 154, kib(640), scanned_at(0)};
  auto report = report_of(sawtooth_row, newest);
  report.around = crowded();
  return report;
}

VmReport leak_report() {
  const auto at = [](int scan) {
    const double leak = scan * 40 / 12.0;
    auto row = past_row(scan, 512, 526 + leak + noise(scan));
    row.judgement.verdict = leak < 16 ? model::Verdict::kBalloon : model::Verdict::kExcess;
    row.judgement.proof = model::Proof::kNone;
    return row;
  };
  auto newest = at(kScans - 1);
  newest.scan_id = 7;
  newest.vm.configured_kib = kib(4096);
  newest.judgement.leak = model::Leak{kib(40.2), kib(38.9), kib(41.4), scanned_at(0)};
  newest.judgement.bracket = model::BalloonBracket{kib(512), kib(512), std::nullopt};
  return report_of(at, newest);
}

}  // namespace ballast::cli
