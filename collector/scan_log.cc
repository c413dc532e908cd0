#include "collector/scan_log.h"

#include <spdlog/spdlog.h>

#include "base/log_subject.h"
#include "base/text.h"

namespace ballast::collector {

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
