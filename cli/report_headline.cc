#include <fmt/format.h>

#include "base/units.h"
#include "cli/report_output.h"
#include "cli/wording.h"

namespace ballast::cli {

namespace {

using model::Verdict;

std::int64_t ballooned_guests(const Report& report) {
  std::int64_t guests = 0;
  for (const auto& count : report.counts) guests += count.ballooned;
  return guests;
}

std::int64_t ballooned_kib(const Report& report) {
  std::int64_t kib = 0;
  for (const auto& count : report.counts) kib += count.balloon_kib;
  return kib;
}

std::string nothing_listed(const Report& report) {
  if (report.query.has_place()) return "No VM matches.";
  return "There is no VM in the last scan.";
}

std::string nothing_read(const Report& report) {
  const auto guests = ballooned_guests(report);
  const std::string by_vcenter =
      guests == 0 ? "vCenter reports no balloon in any of them"
                  : fmt::format("vCenter reports {} in the balloons of {} of them",
                                format_size(ballooned_kib(report)), grouped(guests));
  return fmt::format("No guest could be read ({}): {}.", counted(report.vms, "VM"), by_vcenter);
}

}  // namespace

std::string headline(const Report& report) {
  if (report.vms == 0) return nothing_listed(report);
  if (report.guests_read == 0) return nothing_read(report);
  const auto& balloon = report.of(Verdict::kBalloon);
  const std::string read = counted(report.guests_read, "guest") + " read";
  if (balloon.guests > 0) {
    return fmt::format("{} of {}: {} held by balloons, matched in the guest.",
                       grouped(balloon.guests), read, format_size(balloon.balloon_kib));
  }
  const std::int64_t guests = ballooned_guests(report) - report.of(Verdict::kUnknown).ballooned;
  if (guests == 0) return fmt::format("{}: none of them has a balloon.", read);
  return fmt::format("{}: {} a balloon, none is matched by what the guest misses.", read,
                     guests == 1 ? "1 has" : grouped(guests) + " have");
}

std::string suspended_logins(const Report& report) {
  const auto not_tried = report.reasons.find(model::UnknownReason::kLoginSuspended);
  return suspended_sentence(report.logins,
                            not_tried == report.reasons.end() ? 0 : not_tried->second);
}

}  // namespace ballast::cli
