// The guest probe: runs probe.sh inside one guest through guest operations and brings its output
// back. Leaves nothing behind: the temporary file is deleted and a program that still runs is
// terminated also after failure, deadline or cancellation.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "base/async.h"
#include "collector/ending.h"
#include "collector/ports.h"
#include "model/verdict.h"

namespace ballast::collector {

struct ProbeTarget {
  std::string vm;               // moref
  std::string host_thumbprint;  // of the ESXi host it runs on; "" if unknown
  GuestCredentials credentials;
  std::string vcenter = {};  // configured name; this and the scan are for the log
  ScanId scan = 0;
  std::function<void()> on_login_taken =
      {};  // called once the guest has let us in, long before the end
};

struct ProbeOptions {
  std::chrono::milliseconds deadline{60'000};  // from the first call to the file's last byte
  // The probe runs at least so long before it is asked for, the ways from and to the guest
  // included; the interval grows from here …
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
};

// One attempt and the clean-up behind it. Cancellation gives kCancelled; after the return the
// calling task is shielded from it, so that its result can be kept. Once `ending` has begun, and
// the task was cancelled, it returns in time for that. References must outlive the call.
Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options, Ending& ending);
// For a program that ends otherwise.
Awaitable<ProbeOutcome> probe_guest(GuestOperations& guests, ProbeTarget target,
                                    ProbeOptions options);

// Quotes `text` as one word for a POSIX shell, whatever it holds.
[[nodiscard]] std::string shell_quote(std::string_view text);

// What an error from guest operations means for the guest's verdict.
[[nodiscard]] model::UnknownReason reason_of(const Error& error);

}  // namespace ballast::collector
