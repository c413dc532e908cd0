#include "cli/views/scan_progress.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/log_subject.h"
#include "base/text.h"
#include "model/verdict.h"

namespace ballast::cli {

namespace {

std::string describe_counts(const std::string& name, const ScanCounts& counts) {
  std::string text = fmt::format("{}: {}", name, counts.phase);
  if (counts.listed > 0) text += fmt::format(", {} VMs listed", counts.listed);
  if (counts.probing > 0) text += fmt::format(", {} being probed", counts.probing);
  if (counts.read > 0) text += fmt::format(", {} guests read", counts.read);
  if (counts.failed > 0) text += fmt::format(", {} failed", counts.failed);
  return text;
}

std::string describe_wait(std::optional<UtcTime> due) {
  return due ? fmt::format("next scan {}", format_iso8601(*due)) : "never due by its schedule";
}

spdlog::level::level_enum level_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kCancelled:
      return spdlog::level::info;
    case ErrorCode::kBusy:  // another process does it
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

}  // namespace

std::string describe_progress(const std::map<std::string, ScanCounts>& scans) {
  std::string text;
  for (const auto& [name, counts] : scans) {
    if (!text.empty()) text += "; ";
    text += describe_counts(name, counts);
  }
  return text;
}

void ScanTally::on_phase(const std::string& vcenter, const std::string& phase) {
  scans_[vcenter].phase = phase;
  show();
}

void ScanTally::on_vms_listed(const std::string& vcenter, std::size_t total_so_far) {
  scans_[vcenter].listed = total_so_far;
  show();
}

void ScanTally::on_probe_started(const std::string& vcenter) {
  ++scans_[vcenter].probing;
  show();
}

void ScanTally::on_probe_ended(const std::string& vcenter) {
  --scans_[vcenter].probing;
  show();
}

void ScanTally::on_result(const std::string& vcenter, const model::JudgedGuest& result) {
  ScanCounts& counts = scans_[vcenter];
  if (result.guest) ++counts.read;
  if (model::is_failure(result.judgement.reason)) ++counts.failed;
  show();
}

std::string CollectStatus::line() const {
  constexpr std::size_t kMaxBytes = 512;
  std::string text = describe_progress(scans());
  for (const auto& [vcenter, due] : waiting_) {
    if (!text.empty()) text += "; ";
    text += fmt::format("{}: {}", vcenter, describe_wait(due));
  }
  return printable(text, kMaxBytes);
}

void CollectStatus::on_waiting(const std::string& vcenter, std::optional<UtcTime> due) {
  waiting_[vcenter] = due;
  const LogAbout about({.vcenter = vcenter});
  spdlog::info("{}", describe_wait(due));
}

void CollectStatus::on_scan_started(const std::string& vcenter) { waiting_.erase(vcenter); }

void CollectStatus::on_scan_ended(const collector::ScanSummary& summary) {
  forget(summary.vcenter);
  if (!summary.error) return;
  const LogAbout about({.vcenter = summary.vcenter, .scan = summary.scan.value_or(0)});
  spdlog::log(level_of(*summary.error), "{}", summary.error->sentence());
}

void CollectStatus::on_removed(const std::string& vcenter) {
  waiting_.erase(vcenter);
  const LogAbout about({.vcenter = vcenter});
  spdlog::info("no longer configured");
}

}  // namespace ballast::cli
