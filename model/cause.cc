#include "model/cause.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ballast::model {

namespace {

using Kib = std::optional<std::int64_t>;

constexpr std::int64_t kMostKib = std::int64_t{1} << 53;

// Reclaim keeps usage just below a limit, and vCenter's figure is an average that lags.
constexpr std::int64_t kNearPercent = 95;
// A host has enough (state "high") while about 6 % of its memory are free.
constexpr std::int64_t kFullPercent = 94;

Kib plausible(Kib kib) { return kib && *kib >= 0 && *kib <= kMostKib ? kib : std::nullopt; }

Kib limit_of(const MemoryAllocation& allocation) { return plausible(allocation.limit_kib); }

// Tells whether `part` is at least so many percent of `whole`.
bool reaches(std::int64_t part, std::int64_t whole, std::int64_t percent) {
  return part * 100 >= whole * percent;
}

class CauseFinder {
 public:
  CauseFinder(const VmView& vm, const VmSurroundings& around) : vm_(vm), around_(around) {
    const auto& stats = vm.stats;
    if (plausible(stats.balloon_kib)) {
      taken_ = *stats.balloon_kib + plausible(stats.swapped_kib).value_or(0) +
               plausible(stats.compressed_kib).value_or(0);
    }
    if (const auto consumed = plausible(stats.consumed_kib)) {
      backed_ = std::max<std::int64_t>(*consumed - plausible(stats.overhead_kib).value_or(0), 0);
    }
  }

  std::vector<Cause> run() {
    const auto limit = vm_limit();
    const bool limited = limit && is_at_limit(*limit);
    if (limited) causes_.push_back(*limit);
    const bool pool_limited = add_pools();
    const auto host = host_memory();
    const bool host_short = host && is_short(*around_.host);
    if (host_short) causes_.push_back(*host);
    // Nothing presses any more, so the balloon is left over from a time when something did: then
    // also a weaker cause is named.
    const bool left_over = causes_.empty();
    if (limit && !limited) causes_.push_back(*limit);
    if (host && left_over) causes_.push_back(*host);
    if (pool_limited || host_short || (host && left_over)) add_reservation();
    return std::move(causes_);
  }

 private:
  [[nodiscard]] Kib no_more_than(std::int64_t kib) const {
    return taken_ ? Kib(std::min(*taken_, kib)) : std::nullopt;
  }

  [[nodiscard]] std::optional<Cause> vm_limit() const {
    const auto limit = limit_of(vm_.allocation);
    const auto configured = plausible(vm_.configured_kib);
    if (!limit || !configured || *limit >= *configured) return std::nullopt;
    return Cause{CauseKind::kVmLimit, "", *limit, *configured, no_more_than(*configured - *limit)};
  }

  // Tells whether the guest would be at its limit if it got back what was taken. Unknown counts.
  [[nodiscard]] bool is_at_limit(const Cause& limit) const {
    return !backed_ || reaches(*backed_ + taken_.value_or(0), limit.limit_kib, kNearPercent);
  }

  bool add_pools() {
    const auto before = causes_.size();
    for (const auto& pool : around_.pools) {
      const auto limit = limit_of(pool.allocation);
      const auto usage = plausible(pool.usage_kib);
      // The limit of a root pool is what its hosts have: no setting.
      if (pool.parent.empty() || !limit || !usage) continue;
      const bool near = reaches(*usage, *limit, kNearPercent);
      const bool has_no_room = *limit - *usage < taken_.value_or(0);
      if (near || has_no_room) {
        causes_.push_back({CauseKind::kPoolLimit, pool.name, *limit, *usage, taken_});
      }
    }
    return causes_.size() > before;
  }

  // Names the host if it is short of memory, or may have been.
  [[nodiscard]] std::optional<Cause> host_memory() const {
    if (!around_.host) return std::nullopt;
    const auto memory = plausible(around_.host->host.memory_kib);
    // 0 where it is not known, of which no host has too little.
    const std::int64_t configured =
        around_.host->is_partial ? 0 : plausible(around_.host->configured_kib).value_or(0);
    const bool overcommitted = memory && configured > *memory;
    if (!overcommitted && !is_short(*around_.host)) return std::nullopt;
    return Cause{CauseKind::kHostMemory, around_.host->host.name, memory.value_or(0), configured,
                 taken_};
  }

  // Tells whether the host is short, or would be if its VMs got back what was taken from them:
  // reclaim itself is what brings state and usage back to normal.
  [[nodiscard]] static bool is_short(const HostLoad& load) {
    if (load.host.memory_state.value_or(0) > 0) return true;
    const auto memory = plausible(load.host.memory_kib);
    if (!memory || *memory == 0) return false;
    const auto usage = plausible(load.host.memory_usage_kib);
    if (!usage) return plausible(load.configured_kib).value_or(0) > *memory;
    const std::int64_t taken =
        plausible(load.balloon_kib).value_or(0) + plausible(load.swapped_kib).value_or(0);
    return reaches(*usage + taken, *memory, kFullPercent);
  }

  void add_reservation() {
    const auto reserved = plausible(vm_.allocation.reservation_kib);
    const auto active = plausible(vm_.stats.active_kib);
    if (!reserved || !active || *reserved >= *active) return;
    const auto above = std::max<std::int64_t>(*active - backed_.value_or(0), 0);
    causes_.push_back({CauseKind::kNoReservation, "", *active, *active, no_more_than(above)});
  }

  const VmView& vm_;
  const VmSurroundings& around_;
  Kib taken_;   // by balloon, swapping and compression; empty where the balloon is not told
  Kib backed_;  // host memory behind the guest's
  std::vector<Cause> causes_;
};

}  // namespace

std::string_view to_string(CauseKind kind) {
  static constexpr std::array<std::string_view, 4> kWords = {"vm_limit", "pool_limit",
                                                             "host_memory", "no_reservation"};
  return kWords[static_cast<std::size_t>(kind)];
}

std::vector<Cause> find_causes(const VmView& vm, const VmSurroundings& around) {
  return CauseFinder(vm, around).run();
}

std::string cause_keys(const std::vector<Cause>& causes) {
  std::string keys;
  for (auto cause = causes.begin(); cause != causes.end(); ++cause) {
    const auto same = [&](const Cause& one) { return one.kind == cause->kind; };
    if (std::any_of(causes.begin(), cause, same)) continue;
    if (!keys.empty()) keys += ' ';
    keys += to_string(cause->kind);
  }
  return keys;
}

}  // namespace ballast::model
