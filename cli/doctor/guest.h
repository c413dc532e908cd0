// Doctor's guest probe: the one that scans use, with every step noted.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "base/async.h"
#include "cli/doctor/checks.h"
#include "collector/ports/vcenter.h"
#include "collector/probe/guest_probe.h"
#include "model/inventory.h"

namespace ballast::cli {

// The checks of a probe, in their order; all but the last are its steps.
inline constexpr std::array<std::string_view, 6> kGuestChecks = {
    "guest: create file", "guest: start program", "guest: wait",
    "guest: fetch file",  "guest: delete file",   "guest probe"};

// Probes one guest. `guests` and the list must outlive the call.
Awaitable<void> check_guest(collector::GuestOperations& guests, model::VmView vm,
                            collector::ProbeTarget target, collector::ProbeOptions options,
                            CheckList& list);
// Reads the report of a guest that reports on its own. The references must outlive the call.
Awaitable<void> check_report(collector::Vcenter& vcenter, model::VmView vm,
                             std::chrono::milliseconds longest_age, CheckList& list);

}  // namespace ballast::cli
