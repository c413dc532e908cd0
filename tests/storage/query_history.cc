#include "tests/storage/query_history.h"

#include <array>

namespace ballast::storage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t kBaselineKib = 14'336;

// The VMs are on the first, but for what was moved to the second. It is short of memory.
std::vector<model::Host> two_hosts() {
  model::Host first = make_host(1);
  first.memory_kib = kShortHostKib;
  first.memory_usage_kib = kShortHostKib - kGib;
  first.memory_state = 2;
  model::Host second = make_host(2);
  second.memory_state = 0;
  return {first, second};
}

std::vector<model::ResourcePool> two_pools() {
  return {{"resgroup-1", "cluster-b", "", {0, model::kUnlimited}, 20 * kGib},
          {"resgroup-2", "gold", "resgroup-1", {0, 8 * kGib}, 8 * kGib - 10 * kMib}};
}

// A guest of which nothing but the balloon is missing.
model::JudgedGuest plain_guest(int vm, int step) {
  model::JudgedGuest result = make_result(vm);
  const std::int64_t balloon = balloon_kib(vm, step);
  result.vm.name = name_of(vm);
  result.vm.host_moref = "host-1";
  result.vm.pool_moref = "resgroup-1";
  result.vm.configured_kib = 8 * kGib;
  result.vm.allocation = {0, model::kUnlimited};
  result.vm.polled_at = time_of_step(step) + std::chrono::seconds(2);
  result.vm.stats.balloon_kib = balloon;
  result.vm.stats.swapped_kib = 0;
  result.vm.stats.compressed_kib = 0;
  auto& guest = *result.guest;
  guest.read_at = time_of_step(step) + std::chrono::seconds(9);
  guest.account.driver_kib = balloon;
  guest.account.unaccounted_kib = kBaselineKib + balloon;
  auto& judgement = result.judgement;
  judgement.verdict = balloon > 0 ? model::Verdict::kBalloon : model::Verdict::kClean;
  judgement.proof = balloon > 0 ? model::Proof::kDriver : model::Proof::kNone;
  judgement.baseline = {kBaselineKib, 8'192, 0};
  judgement.reference_kib = balloon;
  judgement.difference_kib = 0;
  return result;
}

void lack(std::int64_t kib, model::JudgedGuest& result) {
  result.guest->account.unaccounted_kib += kib;
  result.judgement.difference_kib = kib;
  result.judgement.verdict = model::Verdict::kExcess;
  result.judgement.proof = model::Proof::kNone;
}

model::JudgedGuest unread(int vm, int step, model::UnknownReason reason) {
  model::JudgedGuest result = plain_guest(vm, step);
  result.guest.reset();
  result.judgement = model::unknown(reason);
  if (reason == model::UnknownReason::kInvalidGuestLogin) {
    result.detail = "the guest refuses the login";
    result.setback = model::Setback{reason, step + 1, time_of_step(step),
                                    time_of_step(step) + hours(24), "ballast"};
  }
  return result;
}

model::JudgedGuest guest_at(int vm, int step) {
  if (vm == kRefused) return unread(vm, step, model::UnknownReason::kInvalidGuestLogin);
  if (vm == kOff) {
    model::JudgedGuest off = unread(vm, step, model::UnknownReason::kPoweredOff);
    off.vm.power = model::PowerState::kPoweredOff;
    return off;
  }
  model::JudgedGuest result = plain_guest(vm, step);
  auto& view = result.vm;
  if (vm == kLimited) {
    view.allocation.limit_kib = 6 * kGib;
    view.pool_moref = "resgroup-2";
  }
  if (vm == kLeaking) {
    lack(5 * kMib, result);  // within the tolerance: it is an excess for the leak alone
    result.judgement.leak = model::Leak{kLeakKibPerDay, 30 * kMib, 50 * kMib, kMidnight};
  }
  if (vm == kLacking) lack(900 * kMib, result);
  if (vm == kSwapped) view.stats.swapped_kib = kSwappedKib;
  if (vm == kReserved) {
    view.allocation.reservation_kib = 6 * kGib;
    view.stats.active_kib = 100 * kMib;
  }
  if (vm == kRebooted && step >= kRebootStep) result.guest->boot_id = "after its reboot";
  if (vm == kMigrated && step >= kMoveStep) view.host_moref = "host-2";
  if (vm == kPressed) result.guest->pressure.swapped_in_kib = swapped_in_kib(step);
  if (vm == kVague) {
    result.judgement.tolerance.push_back({"skew", 300 * kMib});
    result.judgement.tolerance_kib += 300 * kMib;
  }
  return result;
}

void write_step(Store& store, int step) {
  const UtcTime start = time_of_step(step);
  const ScanId scan = begin(store, "lab", make_about("lab"), start);
  must(store.write_hosts(scan, two_hosts()));
  must(store.write_pools(scan, two_pools()));
  std::vector<model::JudgedGuest> results;
  for (int vm = 1; vm <= kVms; ++vm) {
    if (is_there(vm, step)) results.push_back(guest_at(vm, step));
  }
  must(store.write_results(scan, results));
  const bool is_last = step == kLastStep;
  must(
      store.finish_scan(scan, {is_last ? model::ScanStatus::kPartial : model::ScanStatus::kComplete,
                               start + minutes(1), is_last ? "stopped by SIGINT" : ""}));
}

}  // namespace

std::string name_of(int vm) {
  constexpr std::array kNames = {"limited",  "clocked", "growing", "leaking",  "lacking",
                                 "refused",  "swapped", "off",     "reserved", "rebooted",
                                 "migrated", "pressed", "vague",   "gone"};
  return kNames.at(static_cast<std::size_t>(vm - 1));
}

UtcTime time_of_step(int step) { return kMidnight + step * hours(24) / kStepsADay; }

bool is_there(int vm, int step) {
  if (vm == kGone) return step < 2 * kStepsADay;
  return vm < kOff || step < kLastStep;
}

std::int64_t balloon_kib(int vm, int step) {
  const int hour = step % kStepsADay * 24 / kStepsADay;
  switch (vm) {
    case kLimited:
      return 3 * kGib;
    case kClocked:
      return hour >= 8 && hour < 16 ? kGib : 0;
    case kGrowing:
      return step / kStepsADay * 64 * kMib;
    case kRefused:
    case kSwapped:
      return 512 * kMib;
    case kRebooted:
      return step < kRebootStep ? 256 * kMib : 0;
    case kPressed:
      // Ten hours on, ten hours off: not by the clock.
      return step / 5 % 2 == 1 ? 512 * kMib : 0;
    case kGone:
      return 128 * kMib;
    default:
      return 0;
  }
}

std::int64_t swapped_in_kib(int step) {
  std::int64_t kib = 5 * kMib;
  for (int i = 1; i <= step; ++i) kib += balloon_kib(kPressed, i) > 0 ? 60 * kMib : kMib;
  return kib;
}

void write_query_history(Store& store) {
  for (int step = 0; step <= kLastStep; ++step) write_step(store, step);
  scan_at(store, time_of_step(kLastStep), {plain_guest(kLeaking, 0)}, "branch");
  must(store.roll_up());
}

}  // namespace ballast::storage
