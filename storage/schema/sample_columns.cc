#include "storage/schema/sample_columns.h"

#include <algorithm>
#include <cmath>

#include "storage/sqlite/times.h"
#include "storage/sqlite/wrapping.h"

namespace ballast::storage {
namespace {

using Optional = std::optional<std::int64_t>;

constexpr double kSlopeUnit = 10'000;  // slopes are whole 1/10000

constexpr std::array kPressureColumns = {&model::ReclaimPressure::alloc_stalls,
                                         &model::ReclaimPressure::direct_scanned_kib,
                                         &model::ReclaimPressure::direct_reclaimed_kib,
                                         &model::ReclaimPressure::swapped_in_kib,
                                         &model::ReclaimPressure::swapped_out_kib,
                                         &model::ReclaimPressure::refaulted_kib,
                                         &model::ReclaimPressure::oom_kills};
constexpr std::array kPsiColumns = {
    &model::MemoryPressure::some_avg10_centi, &model::MemoryPressure::full_avg10_centi,
    &model::MemoryPressure::some_total_us, &model::MemoryPressure::full_total_us};

std::int64_t offset(UtcTime time, UtcTime start) {
  return minus(time.time_since_epoch().count(), start.time_since_epoch().count());
}
UtcTime at_offset(UtcTime start, std::int64_t offset_ms) {
  return UtcTime(std::chrono::milliseconds(plus(start.time_since_epoch().count(), offset_ms)));
}
// Appends the size of each name in `names`; NULL where `items` has none of it. They mostly come in
// the order of the names.
template <class Names, class Items>
void add_named(const Names& names, const Items& items, RowValues& row) {
  const std::size_t first = row.size();
  row.resize(first + names.size());
  std::size_t place = 0;
  for (const auto& item : items) {
    for (std::size_t tried = 0; tried < names.size(); ++tried, ++place) {
      if (place == names.size()) place = 0;
      if (names[place] == item.name) break;
    }
    if (place < names.size() && names[place] == item.name) row[first + place] = item.kib;
  }
}

template <class Names, class Items>
void read_named(const Names& names, Columns& columns, Items& items) {
  for (const std::string_view name : names) {
    if (const auto kib = columns.optional_integer()) items.push_back({name, *kib});
  }
}

void add_pressure(const model::ReclaimPressure& pressure, RowValues& row) {
  for (const auto figure : kPressureColumns) row.push_back(pressure.*figure);
  for (const auto figure : kPsiColumns) {
    row.emplace_back(pressure.psi ? Optional((*pressure.psi).*figure) : std::nullopt);
  }
}

void read_pressure(Columns& columns, model::ReclaimPressure& pressure) {
  for (const auto figure : kPressureColumns) pressure.*figure = columns.optional_integer();
  pressure.psi.reset();
  for (const auto figure : kPsiColumns) {
    const auto value = columns.optional_integer();
    if (!value) continue;
    if (!pressure.psi) pressure.psi.emplace();
    (*pressure.psi).*figure = *value;
  }
}

void read_bracket(Columns& columns, model::Judgement& judgement) {
  const auto low = columns.optional_integer();
  const auto high = columns.optional_integer();
  const auto target = columns.optional_integer();
  judgement.bracket.reset();
  if (low && high) judgement.bracket = model::BalloonBracket{*low, *high, target};
}

}  // namespace

void add_stats(const model::VmView& vm, UtcTime scan_start, RowValues& row) {
  row.emplace_back(offset(vm.polled_at, scan_start));
  for (const auto figure : kStatColumns) row.push_back(vm.stats.*figure);
}

void read_stats(Columns& columns, UtcTime scan_start, model::VmView& vm) {
  vm.polled_at = at_offset(scan_start, columns.integer());
  for (const auto figure : kStatColumns) vm.stats.*figure = columns.optional_integer();
}

void add_guest(const model::GuestSample& guest, const model::Judgement& judgement,
               UtcTime scan_start, RowValues& row) {
  const model::MemoryAccount& account = guest.account;
  row.insert(row.end(), {offset(guest.read_at, scan_start), account.unaccounted_kib,
                         account.driver_kib, account.vmstat_kib, account.lower_bound_kib});
  add_named(kPartColumns, account.parts, row);
  row.insert(row.end(),
             {judgement.baseline.kib, judgement.baseline.spread_kib, judgement.baseline.samples,
              judgement.reference_kib, judgement.difference_kib});
  add_named(kTermColumns, judgement.tolerance, row);
  const auto& bracket = judgement.bracket;
  row.insert(row.end(), {bracket ? Optional(bracket->low_kib) : std::nullopt,
                         bracket ? Optional(bracket->high_kib) : std::nullopt,
                         bracket ? bracket->target_kib : std::nullopt});
  add_pressure(guest.pressure, row);
}

void read_guest(Columns& columns, UtcTime scan_start, model::GuestSample& guest,
                model::Judgement& judgement) {
  model::MemoryAccount& account = guest.account;
  guest.read_at = at_offset(scan_start, columns.integer());
  account.unaccounted_kib = columns.integer();
  account.driver_kib = columns.optional_integer();
  account.vmstat_kib = columns.optional_integer();
  account.lower_bound_kib = columns.optional_integer();
  account.parts.clear();
  read_named(kPartColumns, columns, account.parts);
  judgement.baseline.kib = columns.integer();
  judgement.baseline.spread_kib = columns.integer();
  judgement.baseline.samples = static_cast<int>(columns.integer());
  judgement.reference_kib = columns.integer();
  judgement.difference_kib = columns.integer();
  judgement.tolerance.clear();
  read_named(kTermColumns, columns, judgement.tolerance);
  judgement.tolerance_kib = 0;
  for (const auto& term : judgement.tolerance) {
    judgement.tolerance_kib = plus(judgement.tolerance_kib, term.kib);
  }
  read_bracket(columns, judgement);
  read_pressure(columns, guest.pressure);
}

RowsBeside rows_beside(const model::GuestSample& guest, const model::Judgement& judgement) {
  const bool is_excess = judgement.verdict == model::Verdict::kExcess;
  return {is_excess ? static_cast<std::int64_t>(guest.suspects.size()) : 0,
          has_trend(judgement) ? 1 : 0};
}

bool has_trend(const model::Judgement& judgement) {
  return judgement.lockstep.has_value() || judgement.leak.has_value();
}

void add_trend(const model::Judgement& judgement, RowValues& row) {
  if (const auto& lockstep = judgement.lockstep) {
    for (const double slope : {lockstep->slope, lockstep->low, lockstep->high}) {
      row.emplace_back(std::llround(slope * kSlopeUnit));
    }
    row.insert(row.end(), {lockstep->levels, lockstep->changes, lockstep->range_kib,
                           milliseconds(lockstep->since)});
  } else {
    row.resize(row.size() + 7);
  }
  if (const auto& leak = judgement.leak) {
    row.insert(row.end(), {leak->kib_per_day, leak->low_kib_per_day, leak->high_kib_per_day,
                           milliseconds(leak->since)});
  } else {
    row.resize(row.size() + 4);
  }
}

void read_trend(Columns& columns, model::Judgement& judgement) {
  std::array<Optional, 7> lockstep;
  for (auto& value : lockstep) value = columns.optional_integer();
  std::array<Optional, 4> leak;
  for (auto& value : leak) value = columns.optional_integer();
  const auto number = [](const Optional& value) { return value.value_or(0); };
  const auto slope = [](const Optional& value) {
    return static_cast<double>(value.value_or(0)) / kSlopeUnit;
  };
  if (lockstep[0]) {
    judgement.lockstep = model::Lockstep{slope(lockstep[0]),
                                         slope(lockstep[1]),
                                         slope(lockstep[2]),
                                         static_cast<int>(number(lockstep[3])),
                                         static_cast<int>(number(lockstep[4])),
                                         number(lockstep[5]),
                                         time_of(number(lockstep[6]))};
  }
  if (leak[0]) {
    judgement.leak =
        model::Leak{*leak[0], number(leak[1]), number(leak[2]), time_of(number(leak[3]))};
  }
}

}  // namespace ballast::storage
