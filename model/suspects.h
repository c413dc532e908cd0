// Who else may hold the memory that is unaccounted for: consumers of pages that no counter has, and
// the file that gave each away.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/account.h"
#include "model/guest_reading.h"

namespace ballast::model {

// How a trace's size relates to what the consumer holds.
enum class Bound { kExact, kAtLeast, kAtMost };

// What is known about a kind of consumer, the same for every guest.
struct ConsumerWords {
  std::string_view key;     // stable, for JSON and CSV: "xfs_buffers"
  std::string_view title;   // for people: "XFS metadata buffers"
  std::string_view source;  // the file that told: "/proc/slabinfo"
  Bound bound = Bound::kAtMost;
  std::string_view check;  // what to look at or try next, a sentence without its full stop
};
[[nodiscard]] const ConsumerWords& words_of(Consumer consumer);
[[nodiscard]] std::string_view to_string(Bound bound);  // "exact", "at_least", "at_most"
// Empty if it is no number of a consumer.
[[nodiscard]] std::optional<Consumer> consumer_from_number(std::int64_t number);

// The traces of `reading` that the account does not count already, and large kmalloc where the
// kernel does not count it; the largest first, those without a size last. Sizes below 1 MiB are
// left out, sizes above MemTotal, which tell nothing, left off. Whether they matter is the
// verdict's business: they are suspects when there is excess.
[[nodiscard]] std::vector<ConsumerTrace> find_suspects(const GuestReading& reading,
                                                       const MemoryAccount& account);

// "at least 412 MiB", "412 MiB" where it is exact, "size not known".
[[nodiscard]] std::string size_of(const ConsumerTrace& suspect);

// "XFS metadata buffers, at least 412 MiB (/proc/slabinfo)"; a detail follows the title: "pipes
// (600 pipes), …". It is made printable.
[[nodiscard]] std::string describe(const ConsumerTrace& suspect);

}  // namespace ballast::model
