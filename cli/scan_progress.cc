#include "cli/scan_progress.h"

#include <fmt/format.h>

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

void ScanTally::on_result(const std::string& vcenter, const model::VmResult& result) {
  ScanCounts& counts = scans_[vcenter];
  if (result.guest) ++counts.read;
  if (model::is_failure(result.judgement.reason)) ++counts.failed;
  show();
}

}  // namespace ballast::cli
