#include "collector/adaptive_policy.h"

#include <cstdint>
#include <string_view>

namespace ballast::collector {

namespace {

using std::chrono::milliseconds;

// As many as learn_baseline() needs.
constexpr std::size_t kReadsToLearn = 3;

// The same in every build and version: a guest keeps its time. (FNV-1a)
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1'099'511'628'211U;
  }
  return hash;
}

// Which of the guest's own intervals `time` is in; its time is where one ends.
std::int64_t turn_at(UtcTime time, const model::VmView& vm, milliseconds interval) {
  const auto& identity = vm.instance_uuid.empty() ? vm.moref : vm.instance_uuid;
  const auto length = static_cast<std::uint64_t>(interval.count());
  const auto offset = static_cast<std::int64_t>(hash_of(identity) % length);
  return (time.time_since_epoch().count() + offset) / interval.count();
}

}  // namespace

bool is_due(const model::VmView& vm, const model::GuestRecord* record,
            std::chrono::seconds interval, UtcTime now) {
  // Unset is unknown, not zero.
  if (vm.stats.balloon_kib != 0) return true;
  if (record == nullptr || record->reads < kReadsToLearn || !record->last_read) return true;
  const UtcTime last = *record->last_read;
  if (last > now) return true;  // the clock was set back
  const bool restarted =
      vm.stats.uptime_s && milliseconds(std::chrono::seconds(*vm.stats.uptime_s)) < now - last;
  return restarted || turn_at(last, vm, interval) != turn_at(now, vm, interval);
}

}  // namespace ballast::collector
