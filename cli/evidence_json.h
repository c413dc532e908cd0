// Reclaim pressure and suspects as JSON. Included by *_json.cc only, as json.h is.
#pragma once

#include <vector>

#include "cli/json.h"
#include "model/guest_reading.h"
#include "model/reclaim.h"

namespace ballast::cli {

// {alloc_stalls, direct_scanned_kib, …, psi: {some_avg10_percent, …} or null}; null where nothing
// is known.
[[nodiscard]] Json json_of_pressure(const model::ReclaimPressure& pressure);

// [{consumer, size_kib, bound, source, detail}], in the order given; size_kib and bound are null
// where no file has a size, detail where there is none.
[[nodiscard]] Json json_of_suspects(const std::vector<model::ConsumerTrace>& suspects);

}  // namespace ballast::cli
