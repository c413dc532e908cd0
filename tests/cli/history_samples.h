// VMs with a past, for the tests of what people see of history.
#pragma once

#include "cli/vm_output.h"

namespace ballast::cli {

// Two weeks, a scan every two hours. The balloon goes up and down in a sawtooth and unaccounted
// memory with it: proof lockstep. On the way the VM moved to another host, was off for half a day
// and came back rebooted. It has a limit and a pool that is full.
[[nodiscard]] VmReport sawtooth_report();

// Two weeks with a steady balloon under which 40 MiB a day leak.
[[nodiscard]] VmReport leak_report();

}  // namespace ballast::cli
