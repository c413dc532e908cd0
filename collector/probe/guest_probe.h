// The guest probe: runs probe.sh inside one guest through guest operations and brings its output
// back. It leaves nothing behind, whether it succeeds, fails, runs out of time or is cancelled: the
// temporary file is deleted, and a program that still runs is terminated. (What was handed over as
// guestinfo stays in the VM's configuration until the next probe or the VM's end.)
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "collector/ending.h"
#include "collector/ports/guest_operations.h"
#include "collector/ports/stored_scan.h"
#include "model/judged_guest.h"
#include "model/verdict.h"

namespace ballast::collector {

class GuestinfoReader;

struct ProbeTarget {
  std::string vm;               // moref
  std::string host_thumbprint;  // of the ESXi host that it runs on; "" if unknown
  GuestCredentials credentials;
  std::string vcenter = {};  // configured name; this and the scan are for the log
  ScanId scan = 0;
  // The channels by which its output may come, in the order in which they are tried: kFile,
  // kGuestinfo. The next one is tried where the guest did its part and nothing came.
  std::vector<model::Channel> channels = {model::Channel::kFile};
  GuestinfoReader* guestinfo = nullptr;  // for kGuestinfo
  // Called once the guest has accepted the login, long before the probe ends.
  std::function<void()> on_login_taken = {};
  // Called once it is known why the probe failed, before it cleans up.
  std::function<void(model::UnknownReason)> on_failure = {};
};

struct ProbeOptions {
  std::chrono::milliseconds deadline{60'000};  // from the first call to the file's last byte
  // How long the probe has to run before it is first asked for; time that calls spend on their way
  // counts. The interval doubles from here …
  std::chrono::milliseconds first_poll{25};
  std::chrono::milliseconds longest_poll{2'000};  // … to here
  std::chrono::milliseconds clean_up_deadline{15'000};
  std::size_t max_output_bytes = 1024 * 1024;
};

struct ProbeOutcome {
  model::UnknownReason reason = model::UnknownReason::kNone;  // kNone: `output` is there
  std::string detail;                                         // the whole sentence when it failed
  std::string output;                                         // untrusted text
  bool login_taken = false;                                   // by the guest, whatever came then
  model::Channel channel = model::Channel::kNone;             // by which `output` came
  bool is_host_unreachable = false;  // the ESXi host that had the output in a file …
  std::string host_detail;           // … and why
  bool is_channel_closed = false;    // nothing comes back by the channels that were tried
};

// Probes one guest: one attempt, and the clean-up after it. When it is cancelled the outcome says
// kCancelled, and the calling task is protected from the cancellation from then on, so that it can
// still keep the result. Once `ending` has begun and the task was cancelled, it returns in time for
// that. References must outlive the call.
Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options, Ending& ending);
// Does the same for a program that has no Ending.
Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options);

// Returns `text` as one word for a POSIX shell, whatever it holds.
[[nodiscard]] std::string shell_quote(std::string_view text);

}  // namespace ballast::collector
