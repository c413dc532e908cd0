#include "tests/lockstep/synthetic_guests.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "base/units.h"
#include "model/history/judge_history.h"
#include "tests/lockstep/guest_plan.h"
#include "tests/model/history/simulated_balloon.h"

namespace ballast::test {

namespace {

using model::HistoryPoint;
using model::KernelEra;

constexpr UtcTime kNow{std::chrono::milliseconds{1'793'000'000'000}};
constexpr double kCounterInterval = 20;

std::int64_t kib(double mib) { return std::llround(mib * static_cast<double>(kKibPerMib)); }

UtcTime at(double seconds) {
  return kNow + std::chrono::milliseconds{std::llround(seconds * 1000)};
}

// A reading that succeeded, with the truth of its moment.
struct Moment {
  double balloon = 0;
  int boot = 0;
};

class Simulation {
 public:
  Simulation(GuestKind kind, std::uint64_t seed)
      : dice_(seed), plan_(make_plan(kind, dice_)), balloon_(plan_.megabytes_per_second) {
    guest_.kind = kind;
  }

  SyntheticGuest run();

 private:
  void build_machine();
  void begin_boot();
  void live_through(int scan, double from);
  void move_balloon(int scan, double from);
  void migrate(double from);
  void grow(int scan);
  void consume(int scan);
  void read(int scan, double polled_at);
  void finish(const HistoryPoint& point, double polled_at, double balloon);
  std::int64_t poll(double polled_at, bool newest);
  void count_until(double end);
  std::int64_t whole_mib(double mib) const;
  double unaccounted(double balloon, double hours);
  [[nodiscard]] std::optional<std::int64_t> driver(double balloon) const;
  [[nodiscard]] bool is_lost(int scan);
  [[nodiscard]] Moved moved() const;

  Dice dice_;
  GuestPlan plan_;
  SimulatedBalloon balloon_;
  SyntheticGuest guest_;
  std::vector<Moment> moments_;
  model::BalloonCounters counters_;
  double base_ = 0;
  double lag_ = 0;  // the part of the noise that persists
  double other_ = 0;
  double leak_since_ = 0;
  double constant_ = 0;
  double booted_at_ = 0;
  int boot_ = 0;
  bool rising_ = true;
  bool rounds_up_ = false;
  bool fed_ = false;
  bool unset_ = false;
  int away_ = 0;  // scans for which a migrated guest has no balloon
  std::int64_t told_kib_ = 0;
};

void Simulation::build_machine() {
  constexpr KernelEra kEras[] = {KernelEra::kEl6, KernelEra::kEl7, KernelEra::kEl8,
                                 KernelEra::kModern};
  model::GuestReading reading;
  reading.zones.emplace();
  reading.zones->cpus = 1 << dice_.between(0, 4);
  auto& account = guest_.account;
  account.era = kEras[dice_.between(0, 3)];
  account.mem_total_kib = kib_from_mib(1024LL << dice_.between(1, 4));
  account.counter_error_kib = kib(0.4 * reading.zones->cpus);
  if (!plan_.root && account.era != KernelEra::kModern) {
    account.unread_fixed_kib = kib_from_mib(24);
  }
  guest_.prior = model::prior_baseline(reading, account);
  rounds_up_ = dice_.chance(0.5);
  plan_.highest = std::min(plan_.highest, 0.7 * static_cast<double>(account.mem_total_kib) / 1024);
}

void Simulation::begin_boot() {
  ++boot_;
  const auto middle = static_cast<double>(guest_.prior.kib) / 1024;
  const auto spread = 0.9 * static_cast<double>(guest_.prior.spread_kib) / 1024;
  base_ = dice_.between(middle - spread, middle + spread - plan_.warm_up);
  // What vmalloc holds is not seen without root.
  base_ += dice_.between(0.0, static_cast<double>(guest_.account.unread_fixed_kib) / 1024);
  guest_.epoch = model::guest_epoch("boot-" + std::to_string(boot_), "4.18.0",
                                    guest_.account.mem_total_kib, {});
  fed_ = false;
}

void Simulation::migrate(double from) {
  unset_ = dice_.chance(0.3);
  if (dice_.chance(0.5)) return;
  away_ = dice_.between(1, 5);
  balloon_.change_at(from + dice_.between(0.0, plan_.interval), 0);
}

void Simulation::move_balloon(int scan, double from) {
  const bool late = scan < plan_.late_start * plan_.readings;
  if (plan_.balloon == BalloonPlan::kNone || late) return;
  if (away_ > 0 && --away_ > 0) return;
  if (plan_.consumer == ConsumerPlan::kLikeBalloon && scan >= plan_.readings - 3) {
    balloon_.change_at(from, constant_);
    return;
  }
  const auto now = balloon_.target();
  auto target = now;
  switch (plan_.balloon) {
    case BalloonPlan::kSawtooth: {
      if (dice_.chance(0.3)) return;
      const auto step = plan_.highest * dice_.between(0.04, 0.15);
      if (now + step > plan_.highest) rising_ = false;
      if (now < step) rising_ = true;
      // Hosts take memory slowly and give it back at once, or slowly as well.
      const auto fall = dice_.chance(0.2) ? now : step;
      target = rising_ ? now + step : now - fall;
      break;
    }
    case BalloonPlan::kSteps:
      if (!dice_.chance(0.2)) return;
      target = dice_.chance(0.15) ? 0 : plan_.highest * dice_.between(0.05, 1.0);
      break;
    case BalloonPlan::kRamp:
      target = now + plan_.highest / plan_.readings * dice_.between(0.0, 2.0);
      break;
    default:
      target = plan_.highest;
  }
  balloon_.change_at(from + dice_.between(0.0, plan_.interval), std::max(target, 0.0));
}

void Simulation::grow(int scan) {
  const auto first = static_cast<int>(plan_.leak_begins * plan_.readings);
  const auto last = static_cast<int>(plan_.leak_ends * plan_.readings) - 1;
  if (scan <= first || scan > last) return;
  const auto step = plan_.leaked / (last - first);
  const auto stair = std::max((last - first) / 10, 1);
  switch (plan_.leak) {
    case LeakPlan::kEven:
      other_ += step;
      break;
    case LeakPlan::kUneven:
      other_ += step * dice_.between(0.0, 2.0);
      break;
    case LeakPlan::kStairs:
      if ((last - scan) % stair == 0) other_ += step * stair;
      break;
    case LeakPlan::kNone:
      break;
  }
}

void Simulation::consume(int scan) {
  switch (plan_.consumer) {
    case ConsumerPlan::kSteps:
      if (dice_.chance(0.1)) other_ = dice_.chance(0.5) ? 0 : dice_.between(100.0, 600.0);
      break;
    case ConsumerPlan::kConstant:
    case ConsumerPlan::kLikeBalloon:
      if (scan == 0) other_ = constant_;
      break;
    case ConsumerPlan::kNone:
      break;
  }
}

void Simulation::live_through(int scan, double from) {
  move_balloon(scan, from);
  if (dice_.chance(plan_.migration)) migrate(from);
  if (dice_.chance(plan_.reboot)) {
    booted_at_ = from + dice_.between(0.0, plan_.interval);
    balloon_.advance(booted_at_);
    balloon_.burst();
    begin_boot();
  }
  grow(scan);
  consume(scan);
  lag_ = plan_.persistence * lag_ +
         std::sqrt(1 - plan_.persistence * plan_.persistence) * plan_.noise * dice_.normal();
}

std::int64_t Simulation::whole_mib(double mib) const {
  return kib_from_mib(static_cast<std::int64_t>(rounds_up_ ? mib + 0.5 : mib));
}

// What the hypervisor tells: some seconds old, or as at the scan before. Around the newest reading
// the counters keep the trail of the balloon, means of 20 s each.
std::int64_t Simulation::poll(double polled_at, bool newest) {
  const auto seen_at = polled_at - dice_.between(0.0, 20.0);
  if (newest) {
    for (double end = polled_at - 140; end < seen_at; end += kCounterInterval) count_until(end);
  }
  const auto before = std::exchange(told_kib_, whole_mib(balloon_.advance(seen_at)));
  return dice_.chance(plan_.stale) ? before : told_kib_;
}

void Simulation::count_until(double end) {
  double sum = 0;
  for (int step = 3; step >= 0; --step) {
    sum += balloon_.advance(end - step * kCounterInterval / 4);
  }
  counters_.balloon.push_back({at(end), kib(sum / 4)});
}

double Simulation::unaccounted(double balloon, double hours) {
  const auto warm = plan_.warm_up * std::min(hours / 12, 1.0);
  const auto reclaim = dice_.chance(0.03) ? dice_.between(0.0, 1.2) : 0;
  return base_ + (plan_.shows ? balloon : 0) + other_ + warm + lag_ + reclaim;
}

std::optional<std::int64_t> Simulation::driver(double balloon) const {
  const auto exact = kib_from_pages(kib(balloon) / kPageKib);
  if (plan_.driver == DriverPlan::kStatusFile) return exact;
  if (plan_.driver == DriverPlan::kVmstat && fed_) return exact;
  return std::nullopt;
}

bool Simulation::is_lost(int scan) {
  const auto share = static_cast<double>(scan) / plan_.readings;
  const bool hole = share > 0.5 - plan_.hole / 2 && share < 0.5 + plan_.hole / 2;
  return dice_.chance(plan_.lost) || hole;
}

void Simulation::read(int scan, double polled_at) {
  const bool newest = scan == plan_.readings - 1;
  const auto read_at = polled_at + dice_.between(2.0, 60.0);
  const auto figure = poll(polled_at, newest);
  if (newest) {
    // The newest sample may be a while older than the reading.
    const auto until = read_at - dice_.between(0.0, 40.0);
    const auto counted = static_cast<double>(counters_.balloon.size());
    for (double end = polled_at - 140 + kCounterInterval * counted; end < until;
         end += kCounterInterval) {
      count_until(end);
    }
  }
  const auto balloon = balloon_.advance(read_at);
  fed_ = fed_ || balloon > 0;
  if (scan <= static_cast<int>(plan_.leak_begins * plan_.readings)) leak_since_ = read_at;
  HistoryPoint point{at(read_at),
                     guest_.epoch,
                     figure,
                     driver(balloon),
                     kib(unaccounted(balloon, (read_at - booted_at_) / 3600)),
                     guest_.account.counter_error_kib};
  if (newest) {
    moments_.push_back({balloon, boot_});
    finish(point, polled_at, balloon);
    return;
  }
  if (std::exchange(unset_, false)) point.balloon_kib.reset();
  if (is_lost(scan)) return;
  moments_.push_back({balloon, boot_});
  guest_.history.push_back(std::move(point));
}

void Simulation::finish(const HistoryPoint& point, double polled_at, double balloon) {
  auto& account = guest_.account;
  guest_.read_at = point.read_at;
  guest_.balloon_kib = point.balloon_kib;
  account.unaccounted_kib = point.unaccounted_kib;
  const bool file = plan_.driver == DriverPlan::kStatusFile;
  (file ? account.driver_kib : account.vmstat_kib) = point.driver_kib;
  if (plan_.counters && *point.balloon_kib > 0) {
    guest_.bracket = model::bracket_between(counters_, at(polled_at), point.read_at);
  }
  auto& truth = guest_.truth;
  truth.balloon_kib = kib(balloon);
  truth.figure_kib = *point.balloon_kib;
  truth.shows = plan_.shows;
  truth.other_kib = kib(other_);
  truth.driver_told = point.driver_kib.has_value();
  truth.moved = moved();
  if (plan_.leak != LeakPlan::kNone && plan_.leak_ends == 1) {
    const std::chrono::duration<double, std::ratio<86'400>> days = point.read_at - at(leak_since_);
    truth.leak_kib_per_day = static_cast<double>(truth.other_kib) / days.count();
  }
}

// Within boots: a change is more than 8 MiB and 8 deviations of the noise.
Moved Simulation::moved() const {
  std::vector<double> levels;
  int changes = 0;
  double up = 0;
  double down = 0;
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    const auto now = moments_[i].balloon;
    const bool known = std::any_of(levels.begin(), levels.end(),
                                   [&](double level) { return std::abs(level - now) <= 8; });
    if (!known) levels.push_back(now);
    if (i == 0 || moments_[i - 1].boot != moments_[i].boot) continue;
    const auto change = now - moments_[i - 1].balloon;
    if (std::abs(change) <= std::max(8.0, 8 * plan_.noise)) continue;
    ++changes;
    (change > 0 ? up : down) += std::abs(change);
  }
  if (levels.size() < 5) return Moved::kNotEnough;
  const auto [least, most] = std::minmax_element(levels.begin(), levels.end());
  const bool plenty = changes >= 20 && levels.size() >= 10 && *most - *least >= 128 &&
                      std::min(up, down) > 0.3 * (up + down);
  return plenty ? Moved::kPlenty : Moved::kBetween;
}

SyntheticGuest Simulation::run() {
  build_machine();
  begin_boot();
  constant_ = std::max(plan_.highest * dice_.between(0.3, 0.9), 200.0);
  const auto start = -plan_.interval * plan_.readings;
  booted_at_ = start - dice_.between(0.0, 86'400.0);
  if (plan_.late_start == 0 && plan_.balloon != BalloonPlan::kNone) {
    balloon_.set(plan_.balloon == BalloonPlan::kRamp ? 64 : plan_.highest);
  }
  balloon_.advance(start);
  told_kib_ = whole_mib(balloon_.advance(start));
  for (int scan = 0; scan < plan_.readings; ++scan) {
    const auto from = start + plan_.interval * scan;
    live_through(scan, from);
    read(scan, from + plan_.interval + dice_.between(0.0, 60.0));
  }
  return std::move(guest_);
}

}  // namespace

std::string_view to_string(GuestKind kind) {
  constexpr std::string_view kNames[] = {
      "no history",
      "clean",
      "warming up",
      "steady",
      "sawtooth",
      "steps",
      "reboots",
      "migrations",
      "gaps",
      "noise of 2 MiB",
      "stale quick stats",
      "leak",
      "leak under a steady balloon",
      "leak under a moving balloon",
      "leak beside a growing balloon",
      "leak that began",
      "leak that ended",
      "leak as large as the balloon",
      "consumer as large as the balloon",
      "consumer that comes and goes",
      "constant consumer",
      "hidden",
  };
  return kNames[static_cast<std::size_t>(kind)];
}

model::Judgement SyntheticGuest::judge() const {
  return model::judge_with_history({account, read_at, epoch, prior, balloon_kib, bracket}, history);
}

SyntheticGuest make_guest(GuestKind kind, std::uint64_t seed) {
  return Simulation(kind, seed).run();
}

}  // namespace ballast::test
