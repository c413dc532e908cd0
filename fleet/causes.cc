#include "fleet/causes.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "fleet/report.h"

namespace ballast::fleet {

namespace {

using model::Cause;
using model::CauseKind;

// vSphere allows 8 resource pools above one another.
constexpr std::size_t kMostPools = 32;

std::string host_sentence(const Cause& cause) {
  const auto host = printable(cause.object);
  if (cause.limit_kib > 0 && cause.demand_kib > cause.limit_kib) {
    return fmt::format("The VMs that run on host {} are configured with {}; it has {}.", host,
                       format_size(cause.demand_kib), format_size(cause.limit_kib));
  }
  const auto size = cause.limit_kib > 0 ? " with its " + format_size(cause.limit_kib) : "";
  return fmt::format("Host {}{} is short of memory.", host, size);
}

}  // namespace

model::VmSurroundings ScanPlaces::around(const model::VmView& vm) const {
  model::VmSurroundings around;
  if (const auto host = hosts.find(vm.host_moref); host != hosts.end()) around.host = host->second;
  auto pool = pools.find(vm.pool_moref);
  while (pool != pools.end() && around.pools.size() < kMostPools) {
    const auto seen = [&](const auto& one) { return one.moref == pool->second.moref; };
    if (std::any_of(around.pools.begin(), around.pools.end(), seen)) break;
    around.pools.push_back(pool->second);
    pool = pools.find(pool->second.parent);
  }
  return around;
}

Result<ScanPlaces> read_scan_places(storage::Queries& queries, std::int64_t scan_id,
                                    const std::string& host_moref) {
  auto hosts = queries.host_loads(scan_id, host_moref);
  if (!hosts) return fail(hosts.error());
  auto pools = queries.pools(scan_id);
  if (!pools) return fail(pools.error());
  return ScanPlaces{std::move(*hosts), std::move(*pools)};
}

std::vector<Cause> causes_of(const model::JudgedGuest& row, const model::VmSurroundings& around) {
  return row.has_balloon() ? model::find_causes(row.vm, around) : std::vector<Cause>();
}

std::string cause_sentence(const Cause& cause) {
  switch (cause.kind) {
    case CauseKind::kVmLimit:
      return fmt::format("Its limit of {} is below its configured memory of {}.",
                         format_size(cause.limit_kib), format_size(cause.demand_kib));
    case CauseKind::kPoolLimit:
      return fmt::format("Resource pool {} uses {} of its limit of {}.", printable(cause.object),
                         format_size(cause.demand_kib), format_size(cause.limit_kib));
    case CauseKind::kHostMemory:
      return host_sentence(cause);
    case CauseKind::kNoReservation:
      break;
  }
  return fmt::format("No reservation protects the {} that it actively uses.",
                     format_size(cause.demand_kib));
}

std::string fix_sentence(const Cause& cause) {
  const auto object = printable(cause.object);
  switch (cause.kind) {
    case CauseKind::kVmLimit:
      return "Remove the memory limit of the VM.";
    case CauseKind::kPoolLimit:
      return fmt::format("Raise or remove the memory limit of resource pool {}.", object);
    case CauseKind::kHostMemory:
      return fmt::format("Move VMs from host {} to one with free memory, or add memory.", object);
    case CauseKind::kNoReservation:
      break;
  }
  return fmt::format("Reserve {} for the VM.", format_size(cause.limit_kib));
}

std::string_view cause_title(const std::vector<Cause>& causes) {
  if (causes.empty()) return {};
  switch (causes.front().kind) {
    case CauseKind::kVmLimit:
      return "VM limit";
    case CauseKind::kPoolLimit:
      return "pool limit";
    case CauseKind::kHostMemory:
      return "host memory";
    case CauseKind::kNoReservation:
      break;
  }
  return "reservation";
}

}  // namespace ballast::fleet
