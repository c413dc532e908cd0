// Private to storage/: the packed columns of a sample (sample.figures and sample.guest). The order
// of the values is the format; docs/SCHEMA.md lists it. Times are offsets from the scan's start.
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

// When polled, and the quick stats but for the balloon, which has a column of its own.
[[nodiscard]] std::string pack_figures(const model::VmView& vm, UtcTime scan_start);
// Fills `vm`; false if the bytes are not what pack_figures makes.
[[nodiscard]] bool unpack_figures(std::string_view bytes, UtcTime scan_start, model::VmView& vm);

// What the first sample of a guest state said, kept with it: the baseline and the tolerance terms
// of its judgement, the parts of its account, its reclaim pressure. They change little, so that
// samples only say by how much. States that an older version wrote have no parts and no pressure:
// 0.
struct Yardstick {
  model::Baseline baseline;
  std::vector<model::ToleranceTerm> terms;
  std::vector<std::int64_t> parts_kib;
  model::ReclaimPressure pressure;

  // Of the part at that place in the account.
  [[nodiscard]] std::int64_t part_kib(std::size_t place) const {
    return place < parts_kib.size() ? parts_kib[place] : 0;
  }
};
// The values; the names are kept apart, as lines of text.
[[nodiscard]] std::string pack_yardstick(const Yardstick& yardstick);
[[nodiscard]] std::optional<Yardstick> unpack_yardstick(std::string_view bytes,
                                                        const LastingNames& term_names);

// What a sample says of its guest, but for what its state holds: refers to what it was made from,
// and can be filled again.
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

// When read, the evidence, the parts of the account, the figures of the judgement, the reclaim
// pressure, for kExcess the suspects, and what history and counters told. Kernel, era and total are
// in the guest state; unaccounted has a column of its own.
[[nodiscard]] std::string pack_guest(const GuestFigures& guest, const model::Judgement& judgement,
                                     std::int64_t layout_id, const Yardstick& yardstick,
                                     std::optional<std::int64_t> balloon_kib, UtcTime scan_start);

// What the other columns say, which unpack_guest needs.
struct GuestContext {
  UtcTime scan_start{};
  std::optional<std::int64_t> balloon_kib;
  Yardstick yardstick;
};
// Fills the rest of `guest` (whose unaccounted_kib and mem_total_kib are set) and the figures of
// `judgement`; false if the bytes are not what pack_guest makes.
[[nodiscard]] bool unpack_guest(std::string_view bytes, const GuestContext& context,
                                LayoutReader& layouts, model::GuestSample& guest,
                                model::Judgement& judgement);

}  // namespace ballast::storage
