#include "collector/scan_summary.h"

#include <spdlog/spdlog.h>

#include "base/log_subject.h"
#include "base/text.h"

namespace ballast::collector {

std::size_t ScanSummary::count_of(model::Verdict verdict) const {
  const auto found = verdicts.find(verdict);
  return found == verdicts.end() ? 0 : found->second;
}

void count(ScanSummary& summary, const model::JudgedGuest& result) {
  const auto& judgement = result.judgement;
  ++summary.verdicts[judgement.verdict];
  if (result.has_balloon()) ++summary.ballooned;
  summary.balloon_kib += result.shown_balloon_kib().value_or(0);
  if (result.guest) ++summary.guests_read;
  if (judgement.verdict == model::Verdict::kBalloon) {
    summary.matched_balloon_kib += result.judged_balloon_kib().value_or(0);
  }
  if (judgement.reason == model::UnknownReason::kNone) return;
  ++summary.reasons[judgement.reason];
  if (model::is_failure(judgement.reason)) ++summary.guests_failed;
}

void ScanLog::begun() const {
  const LogAbout about({.vcenter = vcenter_, .scan = scan_});
  spdlog::info("scan begins");
}

void ScanLog::kept(const model::JudgedGuest& result) const {
  // Called for each VM of a fleet, so the line is made only if somebody reads it.
  if (!spdlog::should_log(spdlog::level::debug)) return;
  const LogAbout about({.vcenter = vcenter_, .scan = scan_, .vm = result.vm.moref});
  const auto& judgement = result.judgement;
  const auto reason = model::to_string(judgement.reason);
  spdlog::debug("{}: {}{}{}", printable(result.vm.name, 80), model::to_string(judgement.verdict),
                judgement.reason == model::UnknownReason::kNone ? "" : ", ", reason);
}

void ScanLog::ended(const ScanSummary& summary) const {
  const LogAbout about({.vcenter = vcenter_, .scan = scan_});
  spdlog::info("scan {}: {} VMs, {} guests read, {} could not be read, {}",
               model::to_string(summary.status), summary.listed, summary.guests_read,
               summary.guests_failed, format_duration(summary.duration));
}

void ScanLog::warn(const std::string& text) const {
  const LogAbout about({.vcenter = vcenter_, .scan = scan_});
  spdlog::warn("{}", text);
}

}  // namespace ballast::collector
