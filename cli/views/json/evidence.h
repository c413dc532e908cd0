// What the verdict stands on, as JSON: account, tolerance, pressure, suspects, history, causes,
// scans. Included in this folder only, because the library's header is large.
#pragma once

#include <vector>

#include "fleet/fleet_scans.h"
#include "fleet/retries.h"
#include "model/cause.h"
#include "model/guest_reading.h"
#include "model/judged_guest.h"
#include "model/reclaim.h"
#include "output/json.h"

namespace ballast::cli {

// Returns the parts of the account by name; an empty object without one.
[[nodiscard]] output::Json json_of_parts(const model::JudgedGuest& guest);
// Returns the terms of the tolerance by name; null without an account.
[[nodiscard]] output::Json json_of_terms(const model::JudgedGuest& guest);

// Returns {alloc_stalls, direct_scanned_kib, …, psi: {some_avg10_percent, …} or null}; null where
// nothing is known.
[[nodiscard]] output::Json json_of_pressure(const model::ReclaimPressure& pressure);

// Returns [{consumer, size_kib, bound, source, detail}], in the order given; size_kib and bound are
// null where no file has a size, detail where there is none.
[[nodiscard]] output::Json json_of_suspects(const std::vector<model::ConsumerTrace>& suspects);

// Returns {slope, low, high, levels, changes, range_kib, since, proves}; null where there is none,
// like the others.
[[nodiscard]] output::Json json_of(const std::optional<model::Lockstep>& lockstep);
[[nodiscard]] output::Json json_of(const std::optional<model::Leak>& leak);
[[nodiscard]] output::Json json_of(const std::optional<model::BalloonBracket>& bracket);

// Returns [{kind, object, limit_kib, demand_kib, frees_kib, sentence, fix}]
[[nodiscard]] output::Json json_of_causes(const std::vector<model::Cause>& causes);
// Returns what the causes are found from: {resource_pools: […], host: {…} or null}
[[nodiscard]] output::Json json_of(const model::VmSurroundings& around);

[[nodiscard]] output::Json json_of(const storage::ScanRow& scan);
// Returns {vcenter, incomplete, usable: scan or null, failed: scan or null, warning: sentence or
// null}
[[nodiscard]] output::Json json_of(const fleet::FleetScan& scan, UtcTime now);
[[nodiscard]] output::Json json_of(
    const std::optional<model::Setback>& setback);  // null where empty
[[nodiscard]] output::Json json_of(const model::LoginSetback& setback);

}  // namespace ballast::cli
