#include "tests/bench/store_vms.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ballast::bench {
namespace {

constexpr std::int64_t kMib = 1024;
constexpr std::int64_t kGib = 1024 * kMib;
constexpr int kHostsInCluster = 16;

// A number that looks random and always is the same (SplitMix64).
std::uint64_t mix(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0) {
  std::uint64_t z = a * 0x9e3779b97f4a7c15U + b * 0xd1b54a32d192ed03U + c * 0x8cb92ba72f3d8dd7U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::int64_t below(std::int64_t limit, std::uint64_t random) {
  return limit <= 0 ? 0 : static_cast<std::int64_t>(random % static_cast<std::uint64_t>(limit));
}

// What the seed of each figure is told apart by.
enum Salt : std::uint64_t { kSize, kPower, kKind, kBusy, kBalloon, kMoves, kBoots, kRead, kFigure };

class OneVm {
 public:
  OneVm(int number, int scan, int hosts)
      : number_(static_cast<std::uint64_t>(number)),
        scan_(static_cast<std::uint64_t>(scan)),
        hosts_(hosts) {}

  [[nodiscard]] bool on() const { return mix(number_, kPower) % 20 != 0; }
  [[nodiscard]] bool is_linux() const { return mix(number_, kKind) % 100 >= 15; }
  [[nodiscard]] bool busy() const { return mix(number_, kBusy) % 10 < 4; }
  [[nodiscard]] bool ballooned() const { return on() && mix(number_, kBalloon) % 100 < 3; }
  [[nodiscard]] bool leaks() const { return mix(number_, kBalloon) % 1000 >= 997; }
  [[nodiscard]] bool is_read(int percent) const {
    return on() && is_linux() && below(100, mix(number_, kRead, scan_)) < percent;
  }
  // How often something with a period (in scans) has happened.
  [[nodiscard]] std::uint64_t times(Salt what, std::uint64_t period) const {
    return (scan_ + mix(number_, what) % period) / period;
  }
  [[nodiscard]] int host() const {
    const auto home = static_cast<int>(number_ / 16);
    const auto away = static_cast<int>(times(kMoves, 500) * 7 % kHostsInCluster);
    return std::min(home / kHostsInCluster * kHostsInCluster + (home + away) % kHostsInCluster,
                    hosts_ - 1);
  }
  [[nodiscard]] std::int64_t memory_kib() const { return kGib << (1 + mix(number_, kSize) % 6); }
  [[nodiscard]] std::int64_t balloon_kib() const {
    if (!ballooned()) return 0;
    const std::int64_t most = memory_kib() / kMib / 3;
    return (most / 2 + below(most / 2, mix(number_, kBalloon, scan_ / 8))) * kMib;
  }
  // Around `permille` of the memory, different for each VM and `figure`; it moves as the guest is.
  [[nodiscard]] std::int64_t pages_kib(std::uint64_t figure, std::int64_t permille) const {
    const std::int64_t pages = memory_kib() / 4 * permille / 1000;
    const std::int64_t own = pages / 2 + below(pages, mix(number_, kFigure, figure));
    const auto moment = mix(number_ * 64 + figure, kFigure, scan_);
    if (busy()) return (own + below(own / 16 + 1, moment)) * 4;
    return (own + (moment % 2 == 0 ? below(1024, moment >> 1) : 0)) * 4;
  }
  [[nodiscard]] std::int64_t mib_kib(std::uint64_t figure, std::int64_t permille) const {
    return pages_kib(figure, permille) / kMib * kMib;
  }
  // A counter since boot of a busy guest.
  [[nodiscard]] std::int64_t counter(std::uint64_t figure, std::int64_t a_scan) const {
    if (!busy()) return 0;
    const std::int64_t before = below(a_scan * 1000, mix(number_, kFigure, figure));
    return before + static_cast<std::int64_t>(scan_) * a_scan +
           below(a_scan, mix(number_, figure, scan_));
  }

 private:
  std::uint64_t number_;
  std::uint64_t scan_;
  int hosts_;
};

model::VmView view(const OneVm& one, int number, UtcTime started_at) {
  model::VmView vm;
  vm.moref = fmt::format("vm-{}", 1000 + number);
  vm.name = fmt::format("{}-{:05}.prod.example.org", one.busy() ? "db" : "app", number);
  const std::uint64_t uuid = mix(static_cast<std::uint64_t>(number), 77);
  vm.instance_uuid = fmt::format("50{:06x}-{:04x}-4000-8000-{:012x}", uuid & 0xffffffU,
                                 uuid >> 24 & 0xffffU, uuid >> 16 & 0xffffffffffffU);
  vm.bios_uuid = "42" + vm.instance_uuid.substr(2);
  vm.host_moref = fmt::format("host-{}", one.host());
  vm.pool_moref = fmt::format("resgroup-{}", one.host() / kHostsInCluster);
  vm.power = one.on() ? model::PowerState::kPoweredOn : model::PowerState::kPoweredOff;
  vm.connection = model::ConnectionState::kConnected;
  vm.tools = one.on() ? model::ToolsState::kRunning : model::ToolsState::kNotRunning;
  vm.guest_operations_ready = one.on();
  vm.guest_family = one.is_linux() ? "linuxGuest" : "windowsGuest";
  vm.guest_id = one.is_linux() ? "rhel8_64Guest" : "windows2019srv_64Guest";
  vm.configured_kib = one.memory_kib();
  vm.allocation = {0, one.ballooned() && number % 2 == 0 ? one.memory_kib() / 2 : -1};
  vm.polled_at = started_at + std::chrono::milliseconds(400 + number / 500 * 85);
  return vm;
}

model::QuickStats stats(const OneVm& one, int number, UtcTime started_at) {
  model::QuickStats stats;
  if (!one.on()) {
    stats.consumed_kib = stats.active_kib = stats.overhead_kib = stats.granted_kib = 0;
    stats.private_kib = stats.shared_kib = stats.swapped_kib = stats.compressed_kib = 0;
    stats.balloon_kib = stats.uptime_s = 0;
    return stats;
  }
  stats.balloon_kib = one.balloon_kib();
  stats.consumed_kib = one.mib_kib(40, 600);
  stats.active_kib = one.mib_kib(41, 90);
  stats.granted_kib = one.mib_kib(42, 700);
  stats.private_kib = one.mib_kib(43, 550);
  stats.shared_kib = one.mib_kib(44, 20);
  stats.overhead_kib = (40 + number % 90) * kMib;
  stats.swapped_kib = one.ballooned() ? one.mib_kib(45, 5) : 0;
  stats.compressed_kib = one.ballooned() ? one.pages_kib(46, 2) : 0;
  stats.uptime_s = (started_at.time_since_epoch().count() / 1000) % 8'640'000 + number % 86'400;
  return stats;
}

model::MemoryAccount account(const OneVm& one) {
  model::MemoryAccount account;
  account.era = model::KernelEra::kEl8;
  account.mem_total_kib = one.memory_kib() - one.memory_kib() / 60 / 4 * 4;
  account.parts = {{"free", 0},
                   {"pcp", one.pages_kib(1, 1)},
                   {"anon_lru", one.pages_kib(2, 350)},
                   {"file_lru", one.pages_kib(3, 150)},
                   {"unevictable", 12},
                   {"slab", one.pages_kib(4, 30)},
                   {"kernel_stack", one.pages_kib(5, 1)},
                   {"page_tables", one.pages_kib(6, 3)},
                   {"vmalloc", one.pages_kib(7, 2)},
                   {"percpu", 4 * 1480}};
  const std::int64_t own_kib = one.pages_kib(8, 4) + (one.leaks() ? 400 * kMib : 0);
  account.unaccounted_kib = own_kib + one.balloon_kib();
  std::int64_t sum_kib = account.unaccounted_kib;
  for (const auto& part : account.parts) sum_kib += part.kib;
  account.parts[0].kib = account.mem_total_kib - sum_kib;
  account.counter_error_kib = 2'000;
  account.missing = {"vmallocinfo was not readable: it needs root"};
  if (one.ballooned()) account.vmstat_kib = one.balloon_kib();
  return account;
}

model::GuestReading reading(const OneVm& one, int number) {
  model::GuestReading reading;
  constexpr std::array kKernels = {"4.18.0-348.el8.x86_64", "4.18.0-513.el8.x86_64",
                                   "4.18.0-553.5.1.el8_10.x86_64"};
  reading.kernel_release = kKernels[static_cast<std::size_t>(number % 3)];
  const std::uint64_t boot = mix(static_cast<std::uint64_t>(number), one.times(kBoots, 2000));
  reading.boot_id = fmt::format("{:08x}-{:04x}-4000-8000-{:012x}", boot & 0xffffffffU,
                                boot >> 32 & 0xffffU, boot >> 16 & 0xffffffffffffU);
  reading.possible_cpus = 4;
  reading.vmstat = {{"allocstall_normal", one.counter(20, 12)},
                    {"pgscan_direct", one.counter(21, 900)},
                    {"pgsteal_direct", one.counter(22, 610)},
                    {"pswpin", one.counter(23, 40)},
                    {"pswpout", one.counter(24, 79)},
                    {"workingset_refault_file", one.counter(25, 5000)},
                    {"oom_kill", 0}};
  if (number % 2 == 0) {
    reading.pressure = model::MemoryPressure{one.counter(26, 90'000), one.counter(27, 40'000),
                                             one.counter(28, 1) % 40, one.counter(29, 1) % 20};
  }
  return reading;
}

void judge_guest(const OneVm& one, model::JudgedGuest& result) {
  const model::MemoryAccount& account = result.guest->account;
  model::Judgement& judgement = result.judgement;
  judgement.verdict = one.ballooned() ? model::Verdict::kBalloon : model::Verdict::kClean;
  if (one.leaks()) judgement.verdict = model::Verdict::kExcess;
  judgement.reason = model::UnknownReason::kNone;
  if (judgement.verdict == model::Verdict::kBalloon) judgement.proof = model::Proof::kPoint;
  judgement.baseline = {account.mem_total_kib / 250 / 4 * 4, 8'192, 0};
  judgement.tolerance = {{"counters", 2'000}, {"baseline", 8'192}, {"host_rounding", 1'024}};
  judgement.tolerance_kib = 11'216;
  judgement.reference_kib = one.balloon_kib();
  judgement.difference_kib =
      account.unaccounted_kib - judgement.baseline.kib - judgement.reference_kib;
}

}  // namespace

model::VcenterAbout Fleet::about() {
  return {"9c1f0e5a-2f0b-4a0e-8d3a-5b7a6c000001", "VMware vCenter Server 8.0.2", "8.0.2.0"};
}

std::vector<model::Host> Fleet::hosts(int scan) const {
  std::vector<model::Host> hosts;
  for (int number = 0; number < host_count(); ++number) {
    model::Host host;
    host.moref = fmt::format("host-{}", number);
    host.name = fmt::format("esx{:04}.example.org", number);
    host.cluster = fmt::format("cluster-{:03}", number / kHostsInCluster);
    host.datacenter = fmt::format("dc-{}", number / 500);
    host.memory_kib = 512 * kGib;
    const auto random =
        mix(static_cast<std::uint64_t>(number), 3, static_cast<std::uint64_t>(scan));
    host.memory_usage_kib = 300 * kGib + below(100 * 1024, random) * kMib;
    host.memory_state = number % 40 == 0 ? 1 : 0;
    hosts.push_back(std::move(host));
  }
  return hosts;
}

std::vector<model::ResourcePool> Fleet::pools() const {
  std::vector<model::ResourcePool> pools;
  for (int number = 0; number * kHostsInCluster < host_count(); ++number) {
    pools.push_back({fmt::format("resgroup-{}", number),
                     fmt::format("cluster-{:03}", number),
                     "",
                     {0, -1},
                     4096 * kGib});
  }
  return pools;
}

model::JudgedGuest Fleet::result(int number, int scan, UtcTime started_at) const {
  const OneVm one(number, scan, host_count());
  model::JudgedGuest result;
  result.vm = view(one, number, started_at);
  result.vm.stats = stats(one, number, started_at);
  result.judgement.verdict = model::Verdict::kUnknown;
  result.judgement.reason = !one.on()         ? model::UnknownReason::kPoweredOff
                            : !one.is_linux() ? model::UnknownReason::kNotLinux
                                              : model::UnknownReason::kNotSelected;
  if (!one.is_read(read_percent_)) return result;
  model::GuestSample guest;
  guest.read_at = started_at + std::chrono::milliseconds(5'000 + number * 3);
  const auto read = reading(one, number);
  guest.kernel_release = read.kernel_release;
  guest.boot_id = read.boot_id;
  guest.cpus = model::cpus_of(read);
  guest.pressure = model::reclaim_pressure(read);
  guest.account = account(one);
  result.guest = std::move(guest);
  judge_guest(one, result);
  return result;
}

}  // namespace ballast::bench
