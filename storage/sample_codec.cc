#include "storage/sample_codec.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/text.h"
#include "storage/packed.h"

namespace ballast::storage {
namespace {

// Differences are taken in unsigned arithmetic: absurd figures must come back, not overflow.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t offset(UtcTime time, UtcTime start) {
  return minus(time.time_since_epoch().count(), start.time_since_epoch().count());
}
UtcTime at_offset(UtcTime start, std::int64_t offset_ms) {
  return UtcTime(std::chrono::milliseconds(plus(start.time_since_epoch().count(), offset_ms)));
}

// What follows from other figures by the rules of the account and the verdict. Only the distance
// from it is stored, which is nearly always 0.
std::int64_t usual_first_part(std::int64_t mem_total_kib, std::int64_t unaccounted_kib,
                              std::int64_t other_parts_kib) {
  return minus(minus(mem_total_kib, unaccounted_kib), other_parts_kib);
}
std::int64_t usual_difference(std::int64_t unaccounted_kib, const model::Baseline& baseline,
                              std::optional<std::int64_t> balloon_kib) {
  return minus(minus(unaccounted_kib, baseline.kib), balloon_kib.value_or(0));
}
template <class Items>  // of things with a member kib
std::int64_t sum_of(const Items& items, std::size_t first = 0) {
  std::int64_t sum = 0;
  for (std::size_t i = first; i < items.size(); ++i) sum = plus(sum, items[i].kib);
  return sum;
}

// model::ToleranceTerm holds a view, so the few names there are live as long as the process.
std::string_view lasting_name(const std::string& name) {
  static std::mutex mutex;
  static std::set<std::string, std::less<>> names;
  const std::scoped_lock lock(mutex);
  return *names.insert(name).first;
}

}  // namespace

std::string pack_figures(const model::VmView& vm, UtcTime scan_start) {
  const model::QuickStats& stats = vm.stats;
  PackWriter pack;
  pack.put(offset(vm.polled_at, scan_start));
  for (const auto& figure :
       {stats.consumed_kib, stats.active_kib, stats.uptime_s, stats.overhead_kib, stats.granted_kib,
        stats.private_kib, stats.shared_kib, stats.swapped_kib, stats.compressed_kib}) {
    pack.put(figure);
  }
  return pack.bytes();
}

bool unpack_figures(std::string_view bytes, UtcTime scan_start, model::VmView& vm) {
  PackReader pack(bytes);
  model::QuickStats& stats = vm.stats;
  vm.polled_at = at_offset(scan_start, pack.next().value_or(0));
  for (auto* figure : {&stats.consumed_kib, &stats.active_kib, &stats.uptime_s, &stats.overhead_kib,
                       &stats.granted_kib, &stats.private_kib, &stats.shared_kib,
                       &stats.swapped_kib, &stats.compressed_kib}) {
    *figure = pack.next();
  }
  return pack.ended_well();
}

std::string pack_reference(const model::Judgement& judgement) {
  PackWriter pack;
  pack.put_unless_zero(judgement.baseline.kib);
  pack.put_unless_zero(judgement.baseline.spread_kib);
  pack.put_unless_zero(judgement.baseline.samples);
  for (const auto& term : judgement.tolerance) pack.put_unless_zero(term.kib);
  return pack.bytes();
}

std::string pack_guest(const model::GuestSample& guest, const model::Judgement& judgement,
                       std::optional<std::int64_t> balloon_kib, UtcTime scan_start,
                       std::string_view reference) {
  const model::MemoryAccount& account = guest.account;
  PackWriter pack;
  pack.put(offset(guest.read_at, scan_start));
  pack.put(account.driver_kib);
  pack.put(account.vmstat_kib);
  pack.put(account.lower_bound_kib);
  for (std::size_t i = 1; i < account.parts.size(); ++i) {
    pack.put_unless_zero(account.parts[i].kib);
  }
  if (!account.parts.empty()) {
    pack.put_unless_zero(
        minus(account.parts[0].kib, usual_first_part(account.mem_total_kib, account.unaccounted_kib,
                                                     sum_of(account.parts, 1))));
  }
  pack.put_unless_zero(
      minus(judgement.difference_kib,
            usual_difference(account.unaccounted_kib, judgement.baseline, balloon_kib)));
  pack.put_unless_zero(minus(judgement.tolerance_kib, sum_of(judgement.tolerance)));

  PackReader usual(reference);
  const auto put_change = [&](std::int64_t value) {
    pack.put_unless_zero(minus(value, usual.next().value_or(0)));
  };
  put_change(judgement.baseline.kib);
  put_change(judgement.baseline.spread_kib);
  put_change(judgement.baseline.samples);
  for (const auto& term : judgement.tolerance) put_change(term.kib);
  return pack.bytes();
}

bool unpack_guest(std::string_view bytes, const GuestContext& context, GuestRow& guest,
                  model::Judgement& judgement) {
  PackReader pack(bytes);
  const auto next = [&] { return pack.next().value_or(0); };
  guest.read_at = at_offset(context.scan_start, next());
  guest.driver_kib = pack.next();
  guest.vmstat_kib = pack.next();
  guest.lower_bound_kib = pack.next();
  for (const auto& name : context.part_names) guest.parts.push_back({name, 0});
  for (std::size_t i = 1; i < guest.parts.size(); ++i) guest.parts[i].kib = next();
  if (!guest.parts.empty()) {
    guest.parts[0].kib = plus(next(), usual_first_part(guest.mem_total_kib, guest.unaccounted_kib,
                                                       sum_of(guest.parts, 1)));
  }
  const std::int64_t difference = next();
  const std::int64_t tolerance = next();

  PackReader usual(context.reference);
  const auto changed = [&] { return plus(next(), usual.next().value_or(0)); };
  judgement.baseline.kib = changed();
  judgement.baseline.spread_kib = changed();
  judgement.baseline.samples = static_cast<int>(changed());
  for (const auto& name : context.term_names) {
    judgement.tolerance.push_back({lasting_name(name), changed()});
  }
  judgement.difference_kib = plus(
      difference, usual_difference(guest.unaccounted_kib, judgement.baseline, context.balloon_kib));
  judgement.tolerance_kib = plus(tolerance, sum_of(judgement.tolerance));
  return pack.ended_well() && usual.ended_well();
}

void append_line(std::string& text, std::string_view line) {
  for (const char c : line) text += c == '\n' ? ' ' : c;
  text += '\n';
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace ballast::storage
