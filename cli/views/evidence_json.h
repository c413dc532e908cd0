// Reclaim pressure and suspects as JSON. Included by *_json.cc only, as json.h is.
#pragma once

#include <vector>

#include "fleet/fleet_scans.h"
#include "fleet/retries.h"
#include "model/cause.h"
#include "model/guest_reading.h"
#include "model/reclaim.h"
#include "output/json.h"

namespace ballast::cli {

// {alloc_stalls, direct_scanned_kib, …, psi: {some_avg10_percent, …} or null}; null where nothing
// is known.
[[nodiscard]] output::Json json_of_pressure(const model::ReclaimPressure& pressure);

// [{consumer, size_kib, bound, source, detail}], in the order given; size_kib and bound are null
// where no file has a size, detail where there is none.
[[nodiscard]] output::Json json_of_suspects(const std::vector<model::ConsumerTrace>& suspects);

// {slope, low, high, levels, changes, range_kib, since, proves}; null where there is none, like the
// others.
[[nodiscard]] output::Json json_of(const std::optional<model::Lockstep>& lockstep);
[[nodiscard]] output::Json json_of(const std::optional<model::Leak>& leak);
[[nodiscard]] output::Json json_of(const std::optional<model::BalloonBracket>& bracket);

// [{kind, object, limit_kib, demand_kib, frees_kib, sentence, fix}]
[[nodiscard]] output::Json json_of_causes(const std::vector<model::Cause>& causes);
// What the causes are found from: {resource_pools: […], host: {…} or null}
[[nodiscard]] output::Json json_of(const model::VmSurroundings& around);

[[nodiscard]] output::Json json_of(const storage::ScanRow& scan);
// {vcenter, incomplete, usable: scan or null, failed: scan or null, warning: sentence or null}
[[nodiscard]] output::Json json_of(const fleet::FleetScan& scan, UtcTime now);
[[nodiscard]] output::Json json_of(
    const std::optional<model::Setback>& setback);  // null where empty
[[nodiscard]] output::Json json_of(const model::LoginSetback& setback);

}  // namespace ballast::cli
