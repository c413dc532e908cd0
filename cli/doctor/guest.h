// Doctor's guest probe: the one that scans use, with every step noted.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/async.h"
#include "cli/doctor/checks.h"
#include "collector/probe/guest_probe.h"

namespace ballast::cli {

// The checks of a probe, in their order; all but the last are its steps.
inline constexpr std::array<std::string_view, 6> kGuestChecks = {
    "guest: create file", "guest: start program", "guest: wait",
    "guest: fetch file",  "guest: delete file",   "guest probe"};

// Probes one guest. `name` is the VM's, for people. `guests` and the list must outlive the call.
Awaitable<void> check_guest(collector::GuestOperations& guests, std::string name,
                            collector::ProbeTarget target, collector::ProbeOptions options,
                            CheckList& list);

}  // namespace ballast::cli
