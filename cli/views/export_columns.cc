#include "cli/views/export_columns.h"

#include <array>
#include <optional>
#include <string>

#include "fleet/report.h"
#include "model/inventory.h"
#include "model/suspects.h"

namespace ballast::cli {

using fleet::known_difference;

using output::CsvWriter;

namespace {

using storage::GuestRow;
using storage::VmRow;
using Number = std::optional<std::int64_t>;

template <auto Member>
void row_text(const VmRow& row, CsvWriter& csv) {
  csv.text(row.*Member);
}
template <auto Member>
void vm_text(const VmRow& row, CsvWriter& csv) {
  csv.text(row.vm.*Member);
}
template <auto Member>
void stat(const VmRow& row, CsvWriter& csv) {
  csv.number(row.vm.stats.*Member);
}

// What only a guest that was read has; empty without it.
template <auto Member>
void guest_text(const VmRow& row, CsvWriter& csv) {
  csv.text(row.guest ? std::string_view((*row.guest).*Member) : std::string_view());
}
template <auto Member>
void guest_number(const VmRow& row, CsvWriter& csv) {
  csv.number(row.guest ? Number((*row.guest).*Member) : Number());
}
template <auto Member>
void judged_number(const VmRow& row, CsvWriter& csv) {
  csv.number(row.guest ? Number(row.judgement.*Member) : Number());
}
template <auto Member>
void baseline_number(const VmRow& row, CsvWriter& csv) {
  csv.number(row.guest ? Number(row.judgement.baseline.*Member) : Number());
}
template <auto Member>
void pressure_number(const VmRow& row, CsvWriter& csv) {
  csv.number(row.guest ? row.guest->pressure.*Member : Number());
}
template <auto Member>
void stalled_percent(const VmRow& row, CsvWriter& csv) {
  const bool known = row.guest && row.guest->pressure.psi;
  csv.decimal(known ? std::optional((*row.guest->pressure.psi).*Member / 100.0) : std::nullopt, 2);
}

template <auto Member>
void lockstep_decimal(const VmRow& row, CsvWriter& csv) {
  const auto& lockstep = row.judgement.lockstep;
  csv.decimal(lockstep ? std::optional((*lockstep).*Member) : std::nullopt, 4);
}
template <auto Member>
void leak_number(const VmRow& row, CsvWriter& csv) {
  const auto& leak = row.judgement.leak;
  csv.number(leak ? Number((*leak).*Member) : Number());
}

// A limit that is not set is an empty cell, as one that vCenter did not tell.
void limit(const VmRow& row, CsvWriter& csv) {
  const auto kib = row.vm.allocation.limit_kib;
  csv.number(kib == Number(model::kUnlimited) ? Number() : kib);
}

// "xfs_buffers=421888;ram_disks", the largest first, sizes in KiB where they are known.
void suspects(const VmRow& row, CsvWriter& csv) {
  std::string list;
  if (row.guest) {
    for (const auto& suspect : row.guest->suspects) {
      if (!list.empty()) list += ';';
      list += model::words_of(suspect.consumer).key;
      if (suspect.kib) list += '=' + std::to_string(*suspect.kib);
    }
  }
  csv.text(list);
}

using Psi = model::MemoryPressure;
using model::Baseline;
using model::Judgement;
using model::Leak;
using model::Lockstep;
using model::QuickStats;
using model::ReclaimPressure;
using model::VmView;

constexpr auto kColumns = std::to_array<ExportColumn<VmRow>>({
    {"scan_id", [](const VmRow& row, CsvWriter& csv) { csv.number(row.scan_id); }},
    {"polled_at_utc", [](const VmRow& row, CsvWriter& csv) { csv.time(row.vm.polled_at); }},
    {"vcenter", row_text<&VmRow::vcenter>},
    {"datacenter", row_text<&VmRow::datacenter>},
    {"cluster", row_text<&VmRow::cluster>},
    {"host", row_text<&VmRow::host>},
    {"pool", row_text<&VmRow::pool>},
    {"name", vm_text<&VmView::name>},
    {"moref", vm_text<&VmView::moref>},
    {"instance_uuid", vm_text<&VmView::instance_uuid>},
    {"power", [](const VmRow& row, CsvWriter& csv) { csv.text(model::to_string(row.vm.power)); }},
    {"configured_kib", [](const VmRow& row, CsvWriter& csv) { csv.number(row.vm.configured_kib); }},
    {"limit_kib", limit},
    {"reservation_kib",
     [](const VmRow& row, CsvWriter& csv) { csv.number(row.vm.allocation.reservation_kib); }},
    {"balloon_kib", stat<&QuickStats::balloon_kib>},
    {"consumed_kib", stat<&QuickStats::consumed_kib>},
    {"active_kib", stat<&QuickStats::active_kib>},
    {"granted_kib", stat<&QuickStats::granted_kib>},
    {"private_kib", stat<&QuickStats::private_kib>},
    {"shared_kib", stat<&QuickStats::shared_kib>},
    {"swapped_kib", stat<&QuickStats::swapped_kib>},
    {"compressed_kib", stat<&QuickStats::compressed_kib>},
    {"overhead_kib", stat<&QuickStats::overhead_kib>},
    {"uptime_s", stat<&QuickStats::uptime_s>},
    {"read_at_utc",
     [](const VmRow& row,
        CsvWriter&
            csv) { csv.time(row.guest ? std::optional(row.guest->read_at) : std::nullopt); }},
    {"kernel", guest_text<&GuestRow::kernel_release>},
    {"boot_id", guest_text<&GuestRow::boot_id>},
    {"mem_total_kib", guest_number<&GuestRow::mem_total_kib>},
    {"unaccounted_kib", guest_number<&GuestRow::unaccounted_kib>},
    {"baseline_kib", baseline_number<&Baseline::kib>},
    {"baseline_samples", baseline_number<&Baseline::samples>},
    {"tolerance_kib", judged_number<&Judgement::tolerance_kib>},
    {"difference_kib", [](const VmRow& row, CsvWriter& csv) { csv.number(known_difference(row)); }},
    {"driver_kib", guest_number<&GuestRow::driver_kib>},
    {"vmstat_kib", guest_number<&GuestRow::vmstat_kib>},
    {"verdict",
     [](const VmRow& row, CsvWriter& csv) { csv.text(model::to_string(row.judgement.verdict)); }},
    {"proof",
     [](const VmRow& row, CsvWriter& csv) { csv.text(model::to_string(row.judgement.proof)); }},
    {"reason",
     [](const VmRow& row, CsvWriter& csv) { csv.text(model::to_string(row.judgement.reason)); }},
    {"detail", row_text<&VmRow::detail>},
    {"lockstep_slope", lockstep_decimal<&Lockstep::slope>},
    {"lockstep_low", lockstep_decimal<&Lockstep::low>},
    {"lockstep_high", lockstep_decimal<&Lockstep::high>},
    {"leak_kib_per_day", leak_number<&Leak::kib_per_day>},
    {"leak_low_kib_per_day", leak_number<&Leak::low_kib_per_day>},
    {"leak_high_kib_per_day", leak_number<&Leak::high_kib_per_day>},
    {"suspects", suspects},
    {"alloc_stalls", pressure_number<&ReclaimPressure::alloc_stalls>},
    {"direct_scanned_kib", pressure_number<&ReclaimPressure::direct_scanned_kib>},
    {"direct_reclaimed_kib", pressure_number<&ReclaimPressure::direct_reclaimed_kib>},
    {"swapped_in_kib", pressure_number<&ReclaimPressure::swapped_in_kib>},
    {"swapped_out_kib", pressure_number<&ReclaimPressure::swapped_out_kib>},
    {"refaulted_kib", pressure_number<&ReclaimPressure::refaulted_kib>},
    {"oom_kills", pressure_number<&ReclaimPressure::oom_kills>},
    {"stalled_some_percent", stalled_percent<&Psi::some_avg10_centi>},
    {"stalled_full_percent", stalled_percent<&Psi::full_avg10_centi>},
});

using storage::ExportHost;
using storage::ExportVm;
using storage::HostHourRow;
using storage::HostMeans;
using storage::Spread;
using storage::VmPeriodRow;
using storage::VmSpreads;
using Number = std::optional<std::int64_t>;

template <class Row>
void start(const Row& row, CsvWriter& csv) {
  csv.time(row.start);
}
template <class Row>
void samples(const Row& row, CsvWriter& csv) {
  csv.number(row.samples);
}
template <class Row, auto Member>
void host_text(const Row& row, CsvWriter& csv) {
  csv.text(row.host == nullptr ? std::string_view() : std::string_view(row.host->*Member));
}
template <auto Member>
void vm_text(const VmPeriodRow& row, CsvWriter& csv) {
  csv.text(row.vm->*Member);
}
template <auto Member>
void last(const VmPeriodRow& row, CsvWriter& csv) {
  csv.number(row.*Member);
}
template <auto Figure, auto Statistic>
void spread(const VmPeriodRow& row, CsvWriter& csv) {
  const auto& figure = row.figures.*Figure;
  csv.number(figure ? Number((*figure).*Statistic) : Number());
}
template <auto Figure>
void host_figure(const HostHourRow& row, CsvWriter& csv) {
  csv.number(row.figures.*Figure);
}

// A limit that is not set is an empty cell, as one that vCenter did not tell.
void limit(const VmPeriodRow& row, CsvWriter& csv) {
  csv.number(row.limit_kib == Number(model::kUnlimited) ? Number() : row.limit_kib);
}

void overcommit_ratio(const HostHourRow& row, CsvWriter& csv) {
  const auto& [physical, configured] =
      std::pair(row.figures.memory_kib, row.figures.configured_kib);
  const bool known = physical && configured && *physical > 0;
  csv.decimal(known
                  ? std::optional(static_cast<double>(*configured) / static_cast<double>(*physical))
                  : std::nullopt,
              4);
}

constexpr auto kVmColumns = std::to_array<ExportColumn<VmPeriodRow>>({
    {"start_utc", start<VmPeriodRow>},
    {"vcenter", vm_text<&ExportVm::vcenter>},
    {"datacenter", host_text<VmPeriodRow, &ExportHost::datacenter>},
    {"cluster", host_text<VmPeriodRow, &ExportHost::cluster>},
    {"host", host_text<VmPeriodRow, &ExportHost::name>},
    {"name", vm_text<&ExportVm::name>},
    {"moref", vm_text<&ExportVm::moref>},
    {"instance_uuid", vm_text<&ExportVm::instance_uuid>},
    {"configured_kib", last<&VmPeriodRow::configured_kib>},
    {"limit_kib", limit},
    {"reservation_kib", last<&VmPeriodRow::reservation_kib>},
    {"samples", samples<VmPeriodRow>},
    {"balloon_min_kib", spread<&VmSpreads::balloon, &Spread::min_kib>},
    {"balloon_mean_kib", spread<&VmSpreads::balloon, &Spread::mean_kib>},
    {"balloon_p95_kib", spread<&VmSpreads::balloon, &Spread::p95_kib>},
    {"balloon_max_kib", spread<&VmSpreads::balloon, &Spread::max_kib>},
    {"unaccounted_min_kib", spread<&VmSpreads::unaccounted, &Spread::min_kib>},
    {"unaccounted_mean_kib", spread<&VmSpreads::unaccounted, &Spread::mean_kib>},
    {"unaccounted_p95_kib", spread<&VmSpreads::unaccounted, &Spread::p95_kib>},
    {"unaccounted_max_kib", spread<&VmSpreads::unaccounted, &Spread::max_kib>},
    {"consumed_min_kib", spread<&VmSpreads::consumed, &Spread::min_kib>},
    {"consumed_mean_kib", spread<&VmSpreads::consumed, &Spread::mean_kib>},
    {"consumed_p95_kib", spread<&VmSpreads::consumed, &Spread::p95_kib>},
    {"consumed_max_kib", spread<&VmSpreads::consumed, &Spread::max_kib>},
    {"active_min_kib", spread<&VmSpreads::active, &Spread::min_kib>},
    {"active_mean_kib", spread<&VmSpreads::active, &Spread::mean_kib>},
    {"active_p95_kib", spread<&VmSpreads::active, &Spread::p95_kib>},
    {"active_max_kib", spread<&VmSpreads::active, &Spread::max_kib>},
    {"swapped_min_kib", spread<&VmSpreads::swapped, &Spread::min_kib>},
    {"swapped_mean_kib", spread<&VmSpreads::swapped, &Spread::mean_kib>},
    {"swapped_p95_kib", spread<&VmSpreads::swapped, &Spread::p95_kib>},
    {"swapped_max_kib", spread<&VmSpreads::swapped, &Spread::max_kib>},
});

constexpr auto kHostColumns = std::to_array<ExportColumn<HostHourRow>>({
    {"start_utc", start<HostHourRow>},
    {"vcenter", host_text<HostHourRow, &ExportHost::vcenter>},
    {"datacenter", host_text<HostHourRow, &ExportHost::datacenter>},
    {"cluster", host_text<HostHourRow, &ExportHost::cluster>},
    {"host", host_text<HostHourRow, &ExportHost::name>},
    {"moref", host_text<HostHourRow, &ExportHost::moref>},
    {"samples", samples<HostHourRow>},
    {"physical_kib", host_figure<&HostMeans::memory_kib>},
    {"configured_kib", host_figure<&HostMeans::configured_kib>},
    {"consumed_kib", host_figure<&HostMeans::consumed_kib>},
    {"active_kib", host_figure<&HostMeans::active_kib>},
    {"ballooned_kib", host_figure<&HostMeans::balloon_kib>},
    {"swapped_kib", host_figure<&HostMeans::swapped_kib>},
    {"overcommit_ratio", overcommit_ratio},
    {"vms_on", host_figure<&HostMeans::vms_on>},
    {"vms", host_figure<&HostMeans::vms>},
});

}  // namespace

std::span<const ExportColumn<VmRow>> sample_columns() { return kColumns; }

std::span<const ExportColumn<VmPeriodRow>> vm_period_columns() { return kVmColumns; }
std::span<const ExportColumn<HostHourRow>> host_hour_columns() { return kHostColumns; }

}  // namespace ballast::cli
