// From the text that a guest sent, by whatever channel, to the sample of its memory; or why it cannot
// be one of this VM, now.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include <tl/expected.hpp>

#include "base/result.h"
#include "base/time.h"
#include "collector/choice/guest_choice.h"
#include "model/inventory.h"
#include "model/judged_guest.h"

namespace ballast::collector {

// What guests have told under kReportKey, by moref; see Vcenter::guestinfo().
using Reports = Result<std::map<std::string, std::string>>;

using Understood = tl::expected<model::GuestSample, Unread>;

// Makes a guest sample of what a probe in `vm` printed, which is not trusted. It is kUnread as
// kOutputUnreadable, by parse_probe_output() and account_memory(), or as kContradiction, where it
// cannot be of this VM.
[[nodiscard]] Understood understand_guest(const std::string& output, const model::VmView& vm,
                                          UtcTime read_at);

// Makes a sample of the guest's own report. One
// that is older than `longest_age` by the guest's clock, or not yet due, is kReportOutdated; none is
// kNoReport. The sample's read_at is when the report was made.
[[nodiscard]] Understood understand_report(const Reports& told, const model::VmView& vm,
                                           UtcTime now, std::chrono::milliseconds longest_age);

}  // namespace ballast::collector
