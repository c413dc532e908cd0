// Private to storage/: the packed columns of a sample (sample.figures and sample.guest). The order
// of the values is the format; docs/SCHEMA.md lists it. Times are offsets from the scan's start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/vm_result.h"
#include "storage/queries.h"

namespace ballast::storage {

// When polled, and the quick stats but for the balloon, which has a column of its own.
[[nodiscard]] std::string pack_figures(const model::VmView& vm, UtcTime scan_start);
// Fills `vm`; false if the bytes are not what pack_figures makes.
[[nodiscard]] bool unpack_figures(std::string_view bytes, UtcTime scan_start, model::VmView& vm);

// What the guest's state row (guest_state) keeps, so that a sample need only say how it differs:
// the judgement's baseline and tolerance terms at the time that row was made.
[[nodiscard]] std::string pack_reference(const model::Judgement& judgement);

// When read, the evidence, the parts of the account and the figures of the judgement. Names, era
// and totals are in the state row; unaccounted has a column of its own.
[[nodiscard]] std::string pack_guest(const model::GuestSample& guest,
                                     const model::Judgement& judgement,
                                     std::optional<std::int64_t> balloon_kib, UtcTime scan_start,
                                     std::string_view reference);

// What the other columns say, which unpack_guest needs.
struct GuestContext {
  UtcTime scan_start{};
  std::optional<std::int64_t> balloon_kib;
  std::vector<std::string> part_names;
  std::vector<std::string> term_names;
  std::string reference;
};
// Fills the rest of `guest` (whose unaccounted_kib and mem_total_kib are set) and the figures of
// `judgement`; false if the bytes are not what pack_guest makes.
[[nodiscard]] bool unpack_guest(std::string_view bytes, const GuestContext& context,
                                GuestRow& guest, model::Judgement& judgement);

// Lists of names or sentences in one text: each followed by a newline (one inside becomes a space).
void append_line(std::string& text, std::string_view line);
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

}  // namespace ballast::storage
