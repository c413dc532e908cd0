#include "storage/write/sample_codec.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "model/account/suspects.h"
#include "storage/sqlite/wrapping.h"
#include "storage/write/packed.h"

namespace ballast::storage {
namespace {

// More than any guest has. A damaged count must not make a reader take all memory.
constexpr std::int64_t kMostSuspects = 64;
constexpr std::int64_t kMostParts = 256;

std::int64_t offset(UtcTime time, UtcTime start) {
  return minus(time.time_since_epoch().count(), start.time_since_epoch().count());
}
UtcTime at_offset(UtcTime start, std::int64_t offset_ms) {
  return UtcTime(std::chrono::milliseconds(plus(start.time_since_epoch().count(), offset_ms)));
}

// These follow from other figures by the rules of the account and the verdict. Only the distance
// from them is stored, which is nearly always 0.
std::int64_t usual_first_part(std::int64_t mem_total_kib, std::int64_t unaccounted_kib,
                              std::int64_t other_parts_kib) {
  return minus(minus(mem_total_kib, unaccounted_kib), other_parts_kib);
}
std::int64_t usual_reference(std::optional<std::int64_t> balloon_kib,
                             std::optional<std::int64_t> driver_kib) {
  return balloon_kib ? *balloon_kib : driver_kib.value_or(0);
}
std::int64_t usual_difference(std::int64_t unaccounted_kib, const model::Judgement& judgement) {
  return minus(minus(unaccounted_kib, judgement.baseline.kib), judgement.reference_kib);
}
// Judgements mostly have the same terms, in one order.
std::int64_t usual_term(const Yardstick& yardstick, std::size_t place, std::string_view name) {
  const auto& terms = yardstick.terms;
  if (place < terms.size() && is_same_name(terms[place].name, name)) return terms[place].kib;
  for (const auto& term : terms) {
    if (term.name == name) return term.kib;
  }
  return 0;
}
template <class Items>  // things with a member kib
std::int64_t sum_of(const Items& items, std::size_t first = 0) {
  std::int64_t sum = 0;
  for (std::size_t i = first; i < items.size(); ++i) sum = plus(sum, items[i].kib);
  return sum;
}

// The balloon comes first and has a column of its own. A figure that was added to the end of the
// list is absent in samples stored before.
std::span<const model::QuickStat> packed_stats() {
  return std::span<const model::QuickStat>(model::kQuickStats).subspan(1);
}

}  // namespace

std::string pack_figures(const model::VmView& vm, UtcTime scan_start) {
  PackWriter pack;
  pack.put(offset(vm.polled_at, scan_start));
  for (const auto& stat : packed_stats()) pack.put(vm.stats.*stat.member);
  return pack.bytes();
}

bool unpack_figures(std::string_view bytes, UtcTime scan_start, model::VmView& vm) {
  PackReader pack(bytes);
  vm.polled_at = at_offset(scan_start, pack.next().value_or(0));
  for (const auto& stat : packed_stats()) vm.stats.*stat.member = pack.next();
  return pack.ended_well();
}

namespace {

// The figures of reclaim pressure in the order of their bits in the mask.
constexpr std::array kPressureFigures = {&model::ReclaimPressure::alloc_stalls,
                                         &model::ReclaimPressure::direct_scanned_kib,
                                         &model::ReclaimPressure::direct_reclaimed_kib,
                                         &model::ReclaimPressure::swapped_in_kib,
                                         &model::ReclaimPressure::swapped_out_kib,
                                         &model::ReclaimPressure::refaulted_kib,
                                         &model::ReclaimPressure::oom_kills};
constexpr std::int64_t kHasPsi = std::int64_t{1} << kPressureFigures.size();
constexpr std::array kPsiFigures = {
    &model::MemoryPressure::some_avg10_centi, &model::MemoryPressure::full_avg10_centi,
    &model::MemoryPressure::some_total_us, &model::MemoryPressure::full_total_us};

// One number says which figures are known; each known figure is packed as its distance from
// `usual`. So a guest at ease takes little more than that number. It is never 0 if something is
// known, and is absent in rows of older versions.
void pack_pressure(PackWriter& pack, const model::ReclaimPressure& pressure,
                   const model::ReclaimPressure& usual) {
  std::int64_t known = pressure.psi ? kHasPsi : 0;
  for (std::size_t i = 0; i < kPressureFigures.size(); ++i) {
    if (pressure.*kPressureFigures[i]) known |= std::int64_t{1} << i;
  }
  pack.put_unless_zero(known);
  for (const auto figure : kPressureFigures) {
    const auto& value = pressure.*figure;
    pack.put_unless_zero(value ? minus(*value, (usual.*figure).value_or(0)) : 0);
  }
  const auto usual_psi = usual.psi.value_or(model::MemoryPressure{});
  const auto psi = pressure.psi.value_or(usual_psi);
  for (const auto figure : kPsiFigures) pack.put_unless_zero(minus(psi.*figure, usual_psi.*figure));
}

// Returns false if figures are marked that this version does not know.
bool unpack_pressure(PackReader& pack, const model::ReclaimPressure& usual,
                     model::ReclaimPressure& pressure) {
  const auto next = [&] { return pack.next().value_or(0); };
  const std::int64_t known = next();
  if (known < 0 || known >= 2 * kHasPsi) return false;
  for (std::size_t i = 0; i < kPressureFigures.size(); ++i) {
    const std::int64_t value = next();
    if ((known >> i & 1) == 0) continue;
    pressure.*kPressureFigures[i] = plus(value, (usual.*kPressureFigures[i]).value_or(0));
  }
  auto psi = usual.psi.value_or(model::MemoryPressure{});
  for (const auto figure : kPsiFigures) psi.*figure = plus(next(), psi.*figure);
  if ((known & kHasPsi) != 0) pressure.psi = psi;
  return true;
}

}  // namespace

Yardstick yardstick_of(const GuestFigures& guest, const model::Judgement& judgement) {
  return {judgement.baseline, judgement.tolerance, guest.parts_kib, guest.pressure};
}

std::string pack_yardstick(const Yardstick& yardstick) {
  PackWriter pack;
  pack.put_unless_zero(yardstick.baseline.kib);
  pack.put_unless_zero(yardstick.baseline.spread_kib);
  pack.put_unless_zero(yardstick.baseline.samples);
  for (const auto& term : yardstick.terms) pack.put_unless_zero(term.kib);
  pack.put_unless_zero(static_cast<std::int64_t>(yardstick.parts_kib.size()));
  for (const std::int64_t kib : yardstick.parts_kib) pack.put_unless_zero(kib);
  pack_pressure(pack, yardstick.pressure, {});
  return pack.bytes();
}

std::optional<Yardstick> unpack_yardstick(std::string_view bytes, const LastingNames& term_names) {
  PackReader pack(bytes);
  const auto next = [&] { return pack.next().value_or(0); };
  Yardstick yardstick;
  yardstick.baseline.kib = next();
  yardstick.baseline.spread_kib = next();
  yardstick.baseline.samples = static_cast<int>(next());
  yardstick.terms.reserve(term_names.size());
  for (const auto& name : term_names) yardstick.terms.push_back({name, next()});
  const std::int64_t parts = next();
  if (parts < 0 || parts > kMostParts) return std::nullopt;
  yardstick.parts_kib.reserve(static_cast<std::size_t>(parts));
  for (std::int64_t i = 0; i < parts; ++i) yardstick.parts_kib.push_back(next());
  if (!unpack_pressure(pack, {}, yardstick.pressure) || !pack.ended_well()) return std::nullopt;
  return yardstick;
}

namespace {

void pack_judgement(PackWriter& pack, const model::Judgement& judgement, const GuestFigures& guest,
                    const Yardstick& yardstick, std::optional<std::int64_t> balloon_kib) {
  pack.put_unless_zero(
      minus(judgement.reference_kib, usual_reference(balloon_kib, guest.driver_kib)));
  pack.put_unless_zero(
      minus(judgement.difference_kib, usual_difference(guest.unaccounted_kib, judgement)));
  pack.put_unless_zero(minus(judgement.tolerance_kib, sum_of(judgement.tolerance)));
  const model::Baseline& usual = yardstick.baseline;
  pack.put_unless_zero(minus(judgement.baseline.kib, usual.kib));
  pack.put_unless_zero(minus(judgement.baseline.spread_kib, usual.spread_kib));
  pack.put_unless_zero(minus(judgement.baseline.samples, usual.samples));
  for (std::size_t i = 0; i < judgement.tolerance.size(); ++i) {
    const auto& term = judgement.tolerance[i];
    pack.put_unless_zero(minus(term.kib, usual_term(yardstick, i, term.name)));
  }
}

void unpack_judgement(PackReader& pack, const GuestContext& context, const AccountLayout& layout,
                      const model::GuestSample& guest, model::Judgement& judgement) {
  const auto next = [&] { return pack.next().value_or(0); };
  judgement.reference_kib =
      plus(next(), usual_reference(context.balloon_kib, guest.account.driver_kib));
  const std::int64_t difference = next();
  const std::int64_t tolerance = next();
  const model::Baseline& usual = context.yardstick.baseline;
  judgement.baseline.kib = plus(next(), usual.kib);
  judgement.baseline.spread_kib = plus(next(), usual.spread_kib);
  judgement.baseline.samples = static_cast<int>(plus(next(), usual.samples));
  for (std::size_t i = 0; i < layout.terms.size(); ++i) {
    const std::string_view name = layout.terms[i];
    judgement.tolerance.push_back({name, plus(next(), usual_term(context.yardstick, i, name))});
  }
  judgement.difference_kib =
      plus(difference, usual_difference(guest.account.unaccounted_kib, judgement));
  judgement.tolerance_kib = plus(tolerance, sum_of(judgement.tolerance));
}

void pack_suspects(PackWriter& pack, std::span<const model::ConsumerTrace> suspects) {
  pack.put_unless_zero(static_cast<std::int64_t>(suspects.size()));
  for (const auto& suspect : suspects) {
    pack.put(static_cast<std::int64_t>(suspect.consumer));
    pack.put(suspect.kib);
  }
}

// Returns false if there are more than anybody writes.
bool unpack_suspects(PackReader& pack, std::vector<model::ConsumerTrace>& suspects) {
  const std::int64_t count = pack.next().value_or(0);
  if (count < 0 || count > kMostSuspects) return false;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto consumer = model::consumer_from_number(pack.next().value_or(0));
    const auto kib = pack.next();
    // One that this version does not know is left out.
    if (consumer) suspects.push_back({*consumer, kib, ""});
  }
  return true;
}

// A sum of these says which of the following are there; absent (0) if none is.
constexpr std::int64_t kHasBracket = 1;
constexpr std::int64_t kHasTarget = 2;
constexpr std::int64_t kHasLockstep = 4;
constexpr std::int64_t kHasLeak = 8;
constexpr double kSlopeUnit = 10'000;  // slopes are stored as whole 1/10000

void pack_bracket(PackWriter& pack, const model::BalloonBracket& bracket, std::int64_t balloon) {
  pack.put_unless_zero(minus(bracket.low_kib, balloon));
  pack.put_unless_zero(minus(bracket.high_kib, bracket.low_kib));
  if (bracket.target_kib) pack.put_unless_zero(minus(*bracket.target_kib, balloon));
}

void pack_lockstep(PackWriter& pack, const model::Lockstep& lockstep, UtcTime scan_start) {
  for (const double slope : {lockstep.slope, lockstep.low, lockstep.high}) {
    pack.put_unless_zero(std::llround(slope * kSlopeUnit));
  }
  pack.put_unless_zero(lockstep.levels);
  pack.put_unless_zero(lockstep.changes);
  pack.put_unless_zero(lockstep.range_kib);
  pack.put_unless_zero(offset(lockstep.since, scan_start));
}

void pack_history(PackWriter& pack, const model::Judgement& judgement, std::int64_t balloon,
                  UtcTime scan_start) {
  const auto& bracket = judgement.bracket;
  pack.put_unless_zero((bracket ? kHasBracket : 0) |
                       (bracket && bracket->target_kib ? kHasTarget : 0) |
                       (judgement.lockstep ? kHasLockstep : 0) | (judgement.leak ? kHasLeak : 0));
  if (bracket) pack_bracket(pack, *bracket, balloon);
  if (judgement.lockstep) pack_lockstep(pack, *judgement.lockstep, scan_start);
  if (const auto& leak = judgement.leak) {
    pack.put_unless_zero(leak->kib_per_day);
    pack.put_unless_zero(leak->low_kib_per_day);
    pack.put_unless_zero(leak->high_kib_per_day);
    pack.put_unless_zero(offset(leak->since, scan_start));
  }
}

template <class Next>
model::BalloonBracket unpack_bracket(Next next, bool has_target, std::int64_t balloon) {
  model::BalloonBracket bracket;
  bracket.low_kib = plus(next(), balloon);
  bracket.high_kib = plus(next(), bracket.low_kib);
  if (has_target) bracket.target_kib = plus(next(), balloon);
  return bracket;
}

template <class Next>
model::Lockstep unpack_lockstep(Next next, UtcTime scan_start) {
  model::Lockstep lockstep;
  for (auto* slope : {&lockstep.slope, &lockstep.low, &lockstep.high}) {
    *slope = static_cast<double>(next()) / kSlopeUnit;
  }
  lockstep.levels = static_cast<int>(next());
  lockstep.changes = static_cast<int>(next());
  lockstep.range_kib = next();
  lockstep.since = at_offset(scan_start, next());
  return lockstep;
}

template <class Next>
model::Leak unpack_leak(Next next, UtcTime scan_start) {
  model::Leak leak;
  leak.kib_per_day = next();
  leak.low_kib_per_day = next();
  leak.high_kib_per_day = next();
  leak.since = at_offset(scan_start, next());
  return leak;
}

// Returns false if something is marked that this version does not know.
bool unpack_history(PackReader& pack, const GuestContext& context, model::Judgement& judgement) {
  const auto next = [&] { return pack.next().value_or(0); };
  const std::int64_t there = next();
  if (there < 0 || there >= 2 * kHasLeak) return false;
  if ((there & kHasBracket) != 0) {
    judgement.bracket =
        unpack_bracket(next, (there & kHasTarget) != 0, context.balloon_kib.value_or(0));
  }
  if ((there & kHasLockstep) != 0) judgement.lockstep = unpack_lockstep(next, context.scan_start);
  if ((there & kHasLeak) != 0) judgement.leak = unpack_leak(next, context.scan_start);
  return true;
}

}  // namespace

void fill(GuestFigures& figures, const model::GuestSample& sample) {
  const model::MemoryAccount& account = sample.account;
  figures.read_at = sample.read_at;
  figures.mem_total_kib = account.mem_total_kib;
  figures.unaccounted_kib = account.unaccounted_kib;
  figures.driver_kib = account.driver_kib;
  figures.vmstat_kib = account.vmstat_kib;
  figures.lower_bound_kib = account.lower_bound_kib;
  figures.parts_kib.clear();
  for (const auto& part : account.parts) figures.parts_kib.push_back(part.kib);
  figures.pressure = sample.pressure;
  figures.suspects = sample.suspects;
}

std::string pack_guest(const GuestFigures& guest, const model::Judgement& judgement,
                       std::int64_t layout_id, const Yardstick& yardstick,
                       std::optional<std::int64_t> balloon_kib, UtcTime scan_start) {
  const auto& parts = guest.parts_kib;
  PackWriter pack;
  pack.put(layout_id);
  pack.put(offset(guest.read_at, scan_start));
  pack.put(guest.driver_kib);
  pack.put(guest.vmstat_kib);
  pack.put(guest.lower_bound_kib);
  std::int64_t others = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    pack.put_unless_zero(minus(parts[i], yardstick.part_kib(i)));
    others = plus(others, parts[i]);
  }
  if (!parts.empty()) {
    const auto usual = usual_first_part(guest.mem_total_kib, guest.unaccounted_kib, others);
    pack.put_unless_zero(minus(parts[0], usual));
  }
  pack_judgement(pack, judgement, guest, yardstick, balloon_kib);
  pack_pressure(pack, guest.pressure, yardstick.pressure);
  const bool suspected = judgement.verdict == model::Verdict::kExcess;
  pack_suspects(pack, suspected ? guest.suspects : std::span<const model::ConsumerTrace>());
  pack_history(pack, judgement, balloon_kib.value_or(0), scan_start);
  return pack.bytes();
}

bool unpack_guest(std::string_view bytes, const GuestContext& context, LayoutReader& layouts,
                  model::GuestSample& guest, model::Judgement& judgement) {
  PackReader pack(bytes);
  const AccountLayout* layout = layouts.find(pack.next().value_or(0));
  if (layout == nullptr) return false;
  guest.read_at = at_offset(context.scan_start, pack.next().value_or(0));
  guest.account.driver_kib = pack.next();
  guest.account.vmstat_kib = pack.next();
  guest.account.lower_bound_kib = pack.next();
  auto& parts = guest.account.parts;
  parts.reserve(layout->parts.size());
  for (const auto& name : layout->parts) parts.push_back({name, 0});
  for (std::size_t i = 1; i < parts.size(); ++i) {
    parts[i].kib = plus(pack.next().value_or(0), context.yardstick.part_kib(i));
  }
  if (!parts.empty()) {
    const auto usual = usual_first_part(guest.account.mem_total_kib, guest.account.unaccounted_kib,
                                        sum_of(parts, 1));
    parts[0].kib = plus(pack.next().value_or(0), usual);
  }
  unpack_judgement(pack, context, *layout, guest, judgement);
  return unpack_pressure(pack, context.yardstick.pressure, guest.pressure) &&
         unpack_suspects(pack, guest.suspects) && unpack_history(pack, context, judgement) &&
         pack.ended_well();
}

}  // namespace ballast::storage
