#include "tests/accuracy/accuracy.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

#include "base/units.h"
#include "model/parse/probe_output.h"
#include "model/parse/proc_files.h"

namespace ballast::test {

namespace {

Measured measure(GuestShell shell, const Capture& capture) {
  const auto run = run_probe(shell, capture.root);
  if (run.exit_status != 0) throw std::runtime_error(capture.name() + ": the probe failed");
  auto reading = model::parse_probe_output(run.output);
  if (!reading) throw std::runtime_error(capture.name() + ": " + reading.error().message);
  auto account = model::account_memory(*reading);
  if (!account) throw std::runtime_error(capture.name() + ": " + account.error().message);
  return {capture, std::move(*reading), std::move(*account)};
}

std::vector<Measured> seen_with(Access access) {
  auto all = measured();
  for (auto& guest : all) {
    if (access == Access::kNoZoneinfo) {
      guest.reading.zones.reset();
    } else {
      guest.reading.as_root = false;
      guest.reading.vmalloc_kib.reset();
      guest.reading.balloon.current_kib.reset();
      guest.reading.balloon.target_kib.reset();
    }
    guest.account = model::account_memory(guest.reading).value();
  }
  return all;
}

std::map<std::string, std::int64_t> baselines(Access access) {
  std::map<std::string, std::int64_t> by_boot;
  for (const auto& guest : measured(access)) {
    if (guest.capture.is_reference()) by_boot[guest.capture.boot] = guest.residual_kib();
  }
  return by_boot;
}

std::int64_t unaccounted_kib(const SeriesPoint& point) {
  model::GuestReading reading;
  reading.kernel_release = "6.1.0-56-amd64";
  reading.meminfo = model::parse_meminfo(read_text(point.meminfo)).value();
  model::ZoneTotals zones;
  zones.cpus = 2;
  zones.pcp_pages = point.pcp_pages;
  reading.zones = zones;
  return model::account_memory(reading).value().unaccounted_kib;
}

}  // namespace

std::int64_t Measured::hypervisor_kib() const {
  return capture.balloon_kib / kKibPerMib * kKibPerMib;
}

model::Judgement Measured::judge(std::optional<std::int64_t> hypervisor_kib) const {
  return model::judge(account, model::prior_baseline(reading, account), hypervisor_kib);
}

model::Verdict Measured::expected() const {
  if (capture.lowers_mem_total()) return model::Verdict::kHidden;
  if (capture.hidden_mib() > 0) return model::Verdict::kExcess;
  return capture.balloon_kib > 0 ? model::Verdict::kBalloon : model::Verdict::kClean;
}

std::vector<Measured> measure_all(GuestShell shell) {
  std::vector<Measured> all;
  for (const auto& capture : captures()) all.push_back(measure(shell, capture));
  return all;
}

const std::vector<Measured>& measured() {
  static const auto all = measure_all(GuestShell::kDash);
  return all;
}

const std::vector<Measured>& measured(Access access) {
  static const auto no_root = seen_with(Access::kNoRoot);
  static const auto no_zoneinfo = seen_with(Access::kNoZoneinfo);
  if (access == Access::kRoot) return measured();
  return access == Access::kNoRoot ? no_root : no_zoneinfo;
}

std::int64_t baseline_kib(const Measured& guest, Access access) {
  static const std::map<Access, std::map<std::string, std::int64_t>> all = {
      {Access::kRoot, baselines(Access::kRoot)},
      {Access::kNoRoot, baselines(Access::kNoRoot)},
      {Access::kNoZoneinfo, baselines(Access::kNoZoneinfo)},
  };
  return all.at(access).at(guest.capture.boot);
}

std::int64_t largest_error_kib(const Capture& capture) {
  if (capture.is_loaded()) return kErrorUnderLoad;
  return std::max(kErrorAtRest, kErrorOfCpu * capture.cpus);
}

std::int64_t error_kib(const Measured& guest, Access access) {
  return guest.residual_kib() - baseline_kib(guest, access);
}

Figures taken_for_a_balloon(const Measured& guest) {
  Figures figures;
  for (std::int64_t mib = 0; mib <= guest.account.mem_total_kib / kKibPerMib; ++mib) {
    if (guest.judge(kib_from_mib(mib)).verdict != model::Verdict::kBalloon) continue;
    if (figures && figures->second != mib - 1) {
      throw std::runtime_error(fmt::format("{}: a balloon with {} and {} MiB, but not between",
                                           guest.capture.name(), figures->second, mib));
    }
    figures = {figures ? figures->first : mib, mib};
  }
  return figures;
}

std::int64_t SeriesError::outside_kib() const {
  return std::max({least_kib - seen_kib, seen_kib - most_kib, std::int64_t{0}});
}

std::vector<SeriesError> follow(const Series& series) {
  const auto start = unaccounted_kib(series.points.at(0));
  std::vector<SeriesError> errors;
  for (const auto& point : series.points) {
    const auto [least, most] = std::minmax(point.before_kib, point.after_kib);
    errors.push_back({least, most, unaccounted_kib(point) - start});
  }
  return errors;
}

}  // namespace ballast::test
