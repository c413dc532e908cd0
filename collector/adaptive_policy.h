// The adaptive probe policy: guests with a balloon are read at every scan, the others now and then,
// to learn what they leave unaccounted. Pure rules.
#pragma once

#include <chrono>

#include "base/time.h"
#include "model/inventory.h"
#include "model/setback.h"

namespace ballast::collector {

// Whether the guest is to be read by a scan at `now`. `record` counts the reads of
// model::kHistoryWindow; null: it was never read. Guests without a balloon are spread over
// `interval` (at least 1 s) by their identity, each at a time of its own.
[[nodiscard]] bool is_due(const model::VmView& vm, const model::GuestRecord* record,
                          std::chrono::seconds interval, UtcTime now);

}  // namespace ballast::collector
