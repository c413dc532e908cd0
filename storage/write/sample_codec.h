// Private to storage/: packs and unpacks the columns sample.figures, sample.guest and
// guest_state.yardstick. The order of the values is the format; docs/SCHEMA.md lists it. Times are
// offsets from the scan's start. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/judged_guest.h"
#include "storage/queries.h"
#include "storage/write/account_layout.h"

namespace ballast::storage {

// Packs the time of the poll and the quick stats, without the balloon, which has its own column.
[[nodiscard]] std::string pack_figures(const model::VmView& vm, UtcTime scan_start);
// Fills `vm`. Returns false if the bytes are not what pack_figures() makes.
[[nodiscard]] bool unpack_figures(std::string_view bytes, UtcTime scan_start, model::VmView& vm);

// What the first sample of a guest state said: the baseline and the tolerance terms of its
// judgement, the parts of its account, its reclaim pressure. These change little, so later samples
// store only the difference. A state written by schema version 3 or older has no parts and no
// pressure, which count as 0.
struct Yardstick {
  model::Baseline baseline;
  std::vector<model::ToleranceTerm> terms;
  std::vector<std::int64_t> parts_kib;
  model::ReclaimPressure pressure;

  // Returns the size of the part at that place in the account.
  [[nodiscard]] std::int64_t part_kib(std::size_t place) const {
    return place < parts_kib.size() ? parts_kib[place] : 0;
  }
};
// Packs the values. The terms' names are stored apart, as lines of text.
[[nodiscard]] std::string pack_yardstick(const Yardstick& yardstick);
[[nodiscard]] std::optional<Yardstick> unpack_yardstick(std::string_view bytes,
                                                        const LastingNames& term_names);

// What a sample says about its guest, without what the guest's state holds. Refers to the sample or
// row that it was filled from, and can be filled again.
struct GuestFigures {
  UtcTime read_at{};
  std::int64_t mem_total_kib = 0;
  std::int64_t unaccounted_kib = 0;
  std::optional<std::int64_t> driver_kib;
  std::optional<std::int64_t> vmstat_kib;
  std::optional<std::int64_t> lower_bound_kib;
  std::vector<std::int64_t> parts_kib;
  model::ReclaimPressure pressure;
  std::span<const model::ConsumerTrace> suspects;
};
void fill(GuestFigures& figures, const model::GuestSample& sample);

[[nodiscard]] Yardstick yardstick_of(const GuestFigures& guest, const model::Judgement& judgement);

// Packs the time of the reading, the evidence, the parts of the account, the figures of the
// judgement, the reclaim pressure, the suspects (for kExcess), and what history and counters told.
// Kernel, era and total are in the guest state; unaccounted has its own column.
[[nodiscard]] std::string pack_guest(const GuestFigures& guest, const model::Judgement& judgement,
                                     std::int64_t layout_id, const Yardstick& yardstick,
                                     std::optional<std::int64_t> balloon_kib, UtcTime scan_start);

// What unpack_guest() needs from other columns.
struct GuestContext {
  UtcTime scan_start{};
  std::optional<std::int64_t> balloon_kib;
  Yardstick yardstick;
};
// Fills the rest of `guest`, whose unaccounted_kib and mem_total_kib are set already, and the
// figures of `judgement`. Returns false if the bytes are not what pack_guest() makes.
[[nodiscard]] bool unpack_guest(std::string_view bytes, const GuestContext& context,
                                LayoutReader& layouts, model::GuestSample& guest,
                                model::Judgement& judgement);

}  // namespace ballast::storage
