#include "fleet/sentences.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/units.h"
#include "base/words.h"

namespace ballast::fleet {

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
  const bool need_login = report.reasons.contains(model::UnknownReason::kNoCredentials);
  const std::string_view why = need_login ? "no guest was read" : "no guest could be read";
  if (guests == 0) {
    return fmt::format("vCenter reports no balloon in any of {}; {}.", counted(report.vms, "VM"),
                       why);
  }
  return fmt::format("{} {}, {}; {}{}.", counted(guests, "VM"),
                     guests == 1 ? "has a balloon" : "have balloons",
                     format_size(ballooned_kib(report)), why,
                     need_login ? ": give a guest login to see what is behind it" : "");
}

std::string with_unit(std::int64_t kib) { return mib(kib) + " MiB"; }

std::string leak_sentence(const model::Leak& leak, std::int64_t balloon) {
  const auto beside = balloon == 0
                          ? "without a balloon"
                          : fmt::format("beside the {} in its balloon", format_size(balloon));
  return fmt::format("it leaks: {}, unaccounted memory has grown by {} a day since {}.", beside,
                     with_unit(leak.kib_per_day), format_when(leak.since));
}

std::string excess_sentence(const model::Judgement& judgement, std::int64_t balloon) {
  if (model::is_leak_only(judgement)) return leak_sentence(*judgement.leak, balloon);
  const auto missing = format_size(judgement.difference_kib);
  const auto growth = judgement.leak ? fmt::format("; the gap grows by {} a day",
                                                   with_unit(judgement.leak->kib_per_day))
                                     : std::string();
  if (balloon == 0) {
    return fmt::format("{} is missing in the guest, and there is no balloon to explain it{}.",
                       missing, growth);
  }
  return fmt::format("the guest misses {} more than the {} that its balloon holds{}.", missing,
                     format_size(balloon), growth);
}

void add_excess(std::int64_t count, std::int64_t leaks, std::string_view when,
                std::vector<std::string>& parts) {
  if (count > leaks) parts.push_back(fmt::format("{} {} excess", grouped(count - leaks), when));
  if (leaks > 0) parts.push_back(counted(leaks, fmt::format("{} leak", when)));
}

}  // namespace

std::string bracket_words(const model::BalloonBracket& bracket) {
  const bool moved = bracket.low_kib != bracket.high_kib;
  auto words = fmt::format("{}{} around the reading", moved ? mib(bracket.low_kib) + " to " : "",
                           with_unit(bracket.high_kib));
  if (bracket.target_kib) words += fmt::format("; target {}", with_unit(*bracket.target_kib));
  if (const auto now = model::trend(bracket)) words += fmt::format(": {}", model::to_string(*now));
  return words;
}

std::string sentence_of(const model::Judgement& judgement, std::int64_t balloon,
                        std::string_view who) {
  switch (judgement.verdict) {
    case model::Verdict::kBalloon:
      return fmt::format("{} is in the balloon, and that is what the guest misses{}.",
                         format_size(balloon),
                         judgement.proof == model::Proof::kReport ? ", by its own report" : "");
    case model::Verdict::kExcess:
      return excess_sentence(judgement, balloon);
    case model::Verdict::kHidden:
      return fmt::format("{} reports {} in the balloon, but the guest does not miss it.", who,
                         format_size(balloon));
    case model::Verdict::kClean:
      return "no balloon, and nothing unusual is missing.";
    case model::Verdict::kUnknown:
      break;
  }
  const auto reason = fmt::format("no verdict, {}", model::describe(judgement.reason));
  if (balloon == 0) return reason + ".";
  return fmt::format("{}; {} reports {} in its balloon.", reason, who, format_size(balloon));
}

std::string verdict_sentence(const model::JudgedGuest& row) {
  return sentence_of(row.judgement, row.shown_balloon_kib().value_or(0), "vCenter");
}

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

namespace {

// What limits mean for VMs that only one of the two scans has.
std::string limits_note(const ScanComparison& scans) {
  if (scans.before && scans.before->limited_to != scans.limited_to) {
    return " They are not limited alike: nothing is said of VMs that one of them left out.";
  }
  if (scans.limited_to.empty()) return {};
  return " A VM that is no longer in " + printable(scans.limited_to) + " counts as gone.";
}

std::string days_note(const ScanComparison& scans) {
  const ComparedDay& before = *scans.day_before;
  if (before.is_of_calendar) {
    return fmt::format(
        "the last 24 hours compared with the figures of {}; single scans of it are "
        "pruned.",
        format_iso8601(before.from).substr(0, 10));
  }
  const bool overlap = scans.day_now && scans.day_now->from < before.to;
  return fmt::format("the last 24 hours compared with those until {}.{}", format_when(before.to),
                     overlap ? " They overlap: --at compares two moments." : "");
}

}  // namespace

std::string comparison_note(const ScanComparison& scans, UtcTime since) {
  const std::string vcenter = "vCenter " + printable(scans.vcenter);
  if (scans.is_newest) {
    return fmt::format("{}: no scan since {}; nothing to compare.", vcenter, format_when(since));
  }
  if (scans.day_before) return vcenter + ": " + days_note(scans) + limits_note(scans);
  if (scans.before) {
    return fmt::format("{}: compared with the scan of {}.{}", vcenter,
                       format_when(scans.before->started_at), limits_note(scans));
  }
  return fmt::format("{}: no scan so early, its data begin at {}; nothing to compare.", vcenter,
                     format_when(scans.data_since.value_or(since)));
}

std::string changes_headline(const Changes& changes) {
  const auto when = format_when(changes.since);
  if (std::none_of(changes.scans.begin(), changes.scans.end(),
                   [](const ScanComparison& scans) { return scans.is_compared(); })) {
    return fmt::format("Since {}: nothing to compare.", when);
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kChangeKinds; ++i) {
    const auto kind = static_cast<ChangeKind>(i);
    const auto count = changes.count(kind);
    if (kind == ChangeKind::kNewExcess) {
      add_excess(count, changes.new_leaks, "new", parts);
    } else if (kind == ChangeKind::kGoneExcess) {
      add_excess(count, changes.gone_leaks, "gone", parts);
    } else if (count > 0) {
      parts.push_back(counted(count, title_of(kind)));
    }
  }
  if (parts.empty()) return fmt::format("Since {}: no change worth a line.", when);
  return fmt::format("Since {}: {}.", when, fmt::join(parts, ", "));
}

}  // namespace ballast::fleet
