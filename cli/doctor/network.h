// Doctor's way to a server: name, port, certificate.
#pragma once

#include "base/async.h"
#include "base/time.h"
#include "cli/doctor/checks.h"
#include "collector/config/config.h"
#include "vsphere/http/reachability.h"

namespace ballast::cli {

// Adds the checks up to the first that fails; false if one did. The list must outlive the call.
Awaitable<bool> check_network(collector::VcenterConfig vcenter, CheckList& list);

// What is to be said of a handshake that succeeded. Pure.
[[nodiscard]] Check judge_tls(const vsphere::TlsReport& report, const vsphere::TlsTrust& trust,
                              UtcTime now);

}  // namespace ballast::cli
