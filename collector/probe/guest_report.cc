#include "collector/probe/guest_report.h"

#include <utility>

#include <fmt/format.h>

#include "base/units.h"
#include "collector/probe/guestinfo_text.h"
#include "collector/probe/probe_faults.h"
#include "model/account/contradictions.h"
#include "model/parse/probe_output.h"

namespace ballast::collector {

namespace {

using model::UnknownReason;

// How far clocks of guests may be off: NTP, or VMware Tools, keep them much nearer.
constexpr std::chrono::minutes kClockError{2};

tl::unexpected<Unread> why(UnknownReason reason, std::string detail) {
  return tl::unexpected(Unread{reason, std::move(detail), {}});
}

Understood sample_of(model::GuestReading reading, const model::VmView& vm, UtcTime read_at) {
  reading.platform.hypervisor = "VMware";  // vCenter has no other guests
  if (auto problem = model::find_contradiction(reading, vm); !problem.empty()) {
    return why(UnknownReason::kContradiction, std::move(problem));
  }
  auto sample = model::make_guest_sample(reading, read_at);
  if (!sample) return why(UnknownReason::kOutputUnreadable, sample.error().sentence());
  return std::move(*sample);
}

// Returns why a report of this moment cannot be used; "" if it can.
std::string why_not_now(UtcTime made_at, UtcTime now, std::chrono::milliseconds longest_age) {
  if (made_at > now + kClockError) {
    return fmt::format(
        "its age cannot be told: by the guest's clock it was made at {}, {} from now",
        format_iso8601(made_at), format_duration(made_at - now));
  }
  if (now - made_at > longest_age + kClockError) {
    return fmt::format("the newest one is {} old, of {}", format_duration(now - made_at),
                       format_iso8601(made_at));
  }
  return "";
}

}  // namespace

Understood understand_guest(const std::string& output, const model::VmView& vm, UtcTime read_at) {
  auto reading = model::parse_probe_output(output);
  if (!reading) return why(UnknownReason::kOutputUnreadable, reading.error().sentence());
  return sample_of(std::move(*reading), vm, read_at);
}

Understood understand_report(const Reports& told, const model::VmView& vm, UtcTime now,
                             std::chrono::milliseconds longest_age) {
  if (!told) return why(reason_of(told.error()), told.error().sentence());
  const auto text = told->find(vm.moref);
  if (text == told->end()) return why(UnknownReason::kNoReport, "");
  const auto output = open_report(text->second);
  if (!output) {
    return why(UnknownReason::kOutputUnreadable,
               fmt::format("{} is no report of ballast's", kReportKey));
  }
  auto reading = model::parse_probe_output(*output);
  if (!reading) return why(UnknownReason::kOutputUnreadable, reading.error().sentence());
  if (!reading->clock) {
    return why(UnknownReason::kOutputUnreadable, "the report does not say when it was made");
  }
  const UtcTime made_at = std::min(*reading->clock, now);
  if (auto problem = why_not_now(*reading->clock, now, longest_age); !problem.empty()) {
    return why(UnknownReason::kReportOutdated, std::move(problem));
  }
  auto sample = sample_of(std::move(*reading), vm, made_at);
  if (sample) {
    sample->channel = model::Channel::kReport;
    // The hypervisor speaks for itself, and of now: its word in a report is anybody's.
    sample->host_balloon_kib.reset();
  }
  return sample;
}

}  // namespace ballast::collector
