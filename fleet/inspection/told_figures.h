// What texts tell where there is no account of the memory: the balloon's size, and bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/inspection/inspection.h"

namespace ballast::fleet {

// Returns what the driver's counters in vmstat say that it holds, in KiB; empty where they were
// never fed.
[[nodiscard]] std::optional<std::int64_t> balloon_of_vmstat(const model::Vmstat& vmstat);

// Tells whether a text gives the balloon's size, by the driver or by the hypervisor. Such a text is
// an answer, if not a verdict.
[[nodiscard]] bool tells_balloon(const model::GuestReading& reading);

// Returns sentences with the balloon's size by each side that tells it: "the guest's balloon driver
// holds 3.91 GiB, by its status file".
[[nodiscard]] std::vector<std::string> balloon_sentences(const model::GuestReading& reading);

// Returns sentences with what other tools show: "free: no more than about 24.0 GiB of 31.0 GiB can
// be missing".
[[nodiscard]] std::vector<std::string> tool_sentences(
    const std::vector<model::ToolFigures>& figures);

// Returns the answer of a sample without account in one or two sentences, and what to run next; ""
// if it tells neither a balloon nor a bound.
[[nodiscard]] std::string answer_without_account(const offline::OfflineSample& input);

// Returns how much can be missing at most by `kmem -i` alone, a clause; "" where it does not tell.
[[nodiscard]] std::string bound_of_kmem(const model::Meminfo& meminfo);

}  // namespace ballast::fleet
