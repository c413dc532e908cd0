#include "collector/scan_watch.h"

#include <chrono>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"

namespace ballast::collector {

void ScanWatch::on_phase(const std::string& vcenter, const std::string& phase) {
  is_at(phase);
  observer_.on_phase(vcenter, phase);
}

void ScanWatch::on_vms_listed(const std::string& vcenter, std::size_t total_so_far) {
  moved();
  observer_.on_vms_listed(vcenter, total_so_far);
}

void ScanWatch::on_probe_started(const std::string& vcenter) {
  moved();
  observer_.on_probe_started(vcenter);
}

void ScanWatch::on_probe_ended(const std::string& vcenter) {
  moved();
  observer_.on_probe_ended(vcenter);
}

void ScanWatch::on_result(const std::string& vcenter, const model::JudgedGuest& result) {
  moved();
  observer_.on_result(vcenter, result);
}

void ScanWatch::is_at(std::string phase) {
  moved();
  phase_ = std::move(phase);
}

ScanWatch::Waiting::Waiting(ScanWatch& watch, const model::VmView& vm)
    : watch_(watch),
      place_(watch.probes_.insert(watch.probes_.end(),
                                  {vm.name, vm.moref, vm.host_moref, TimePoint::clock::now()})) {}

std::string ScanWatch::waits_for() const {
  constexpr std::size_t kMostNamed = 8;
  constexpr std::size_t kNameBytes = 80;
  std::string text = phase_;
  if (probes_.empty()) return text;
  text += fmt::format("; {} under way:", probes_.size() == 1
                                             ? "1 probe is"
                                             : fmt::format("{} probes are", probes_.size()));
  std::size_t named = 0;
  for (const auto& probe : probes_) {
    if (++named > kMostNamed) return text + ", …";
    const auto waited =
        std::chrono::round<std::chrono::milliseconds>(TimePoint::clock::now() - probe.since);
    text += fmt::format("{} {} ({} on {}) for {}", named > 1 ? "," : "",
                        printable(probe.name, kNameBytes), printable(probe.moref, kNameBytes),
                        printable(probe.host, kNameBytes), format_duration(waited));
  }
  return text;
}

}  // namespace ballast::collector
