// Suspects: who else, beside the balloon, may hold the memory that is unaccounted for. Each is a
// consumer of pages that no counter has, with the file that gave it away.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/account/account.h"
#include "model/guest_reading.h"

namespace ballast::model {

// How a trace's size relates to what the consumer holds.
enum class Bound { kExact, kAtLeast, kAtMost };

// What is said about a kind of consumer, the same for every guest.
struct ConsumerWords {
  std::string_view key;     // for JSON and CSV, never changes: "xfs_buffers"
  std::string_view title;   // for people: "XFS metadata buffers"
  std::string_view source;  // the file that told: "/proc/slabinfo"
  Bound bound = Bound::kAtMost;
  std::string_view check;  // what to look at or try next, a sentence without its full stop
};
[[nodiscard]] const ConsumerWords& words_of(Consumer consumer);
[[nodiscard]] std::string_view to_string(Bound bound);  // "exact", "at_least", "at_most"
// Returns the consumer with this number in the store; empty if there is none.
[[nodiscard]] std::optional<Consumer> consumer_from_number(std::int64_t number);

// Returns the traces of `reading` that the account does not count already, and large kmalloc where
// the kernel does not count it. The largest come first, those without a size last. Traces below
// 1 MiB are left out; of those above MemTotal the size is dropped, since it tells nothing. Whether
// they matter, the verdict says: they are suspects where there is an excess.
[[nodiscard]] std::vector<ConsumerTrace> find_suspects(const GuestReading& reading,
                                                       const MemoryAccount& account);

// Returns how the kernel can be told to name who allocates each page, for a sentence; "" where it has
// no page_owner: before 4.4, which is RHEL 5 to 7.
[[nodiscard]] std::string_view how_to_trace(std::string_view kernel_release, KernelEra era);

// Writes the size of a suspect: "at least 412 MiB", "412 MiB" where it is exact, "size not known".
[[nodiscard]] std::string size_of(const ConsumerTrace& suspect);

// Describes a suspect: "XFS metadata buffers, at least 412 MiB (/proc/slabinfo)". Its detail
// follows the title, "pipes (600 pipes), …", and is made printable.
[[nodiscard]] std::string describe(const ConsumerTrace& suspect);

}  // namespace ballast::model
