#include "cli/views/csv/export_columns.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/views/csv/figures.h"
#include "model/figures.h"

namespace ballast::cli {

using output::CsvWriter;

namespace {

using model::JudgedGuest;

// The order that version 0.1.0 gave its columns. Figures that the catalogue gained since follow.
constexpr auto kFirstColumns = std::to_array<std::string_view>({
    "scan_id",
    "polled_at",
    "vcenter",
    "datacenter",
    "cluster",
    "host",
    "pool",
    "name",
    "moref",
    "instance_uuid",
    "power",
    "configured_kib",
    "limit_kib",
    "reservation_kib",
    "balloon_kib",
    "consumed_kib",
    "active_kib",
    "granted_kib",
    "private_kib",
    "shared_kib",
    "swapped_kib",
    "compressed_kib",
    "overhead_kib",
    "uptime_s",
    "read_at",
    "kernel",
    "boot_id",
    "mem_total_kib",
    "unaccounted_kib",
    "baseline_kib",
    "baseline_samples",
    "tolerance_kib",
    "difference_kib",
    "driver_kib",
    "vmstat_kib",
    "verdict",
    "proof",
    "reason",
    "detail",
    "lockstep_slope",
    "lockstep_low",
    "lockstep_high",
    "leak_kib_per_day",
    "leak_low_kib_per_day",
    "leak_high_kib_per_day",
    "suspects",
});

std::vector<ExportColumn<JudgedGuest>> make_sample_columns() {
  std::vector<const model::Figure*> chosen;
  for (const auto key : kFirstColumns) chosen.push_back(&model::figure(key));
  for (const auto& figure : model::figures()) {
    const bool is_there = std::find(chosen.begin(), chosen.end(), &figure) != chosen.end();
    if (figure.listed == model::Listed::kSamples && !is_there) chosen.push_back(&figure);
  }
  std::vector<ExportColumn<JudgedGuest>> columns;
  for (const auto* figure : chosen) {
    columns.push_back(
        {column_name({figure->key}), [figure](const JudgedGuest& guest, CsvWriter& csv) {
           write_figure(*figure, guest, csv);
         }});
  }
  return columns;
}

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
void vm_samples(const VmPeriodRow& row, CsvWriter& csv) { csv.number(row.period.samples); }
void host_samples(const HostHourRow& row, CsvWriter& csv) { csv.number(row.samples); }
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
  const auto& figure = row.period.figures.*Figure;
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

const std::vector<ExportColumn<VmPeriodRow>>& vm_columns() {
  static const std::vector<ExportColumn<VmPeriodRow>> kColumns = {
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
      {"samples", vm_samples},
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
  };
  return kColumns;
}

const std::vector<ExportColumn<HostHourRow>>& host_columns() {
  static const std::vector<ExportColumn<HostHourRow>> kColumns = {
      {"start_utc", start<HostHourRow>},
      {"vcenter", host_text<HostHourRow, &ExportHost::vcenter>},
      {"datacenter", host_text<HostHourRow, &ExportHost::datacenter>},
      {"cluster", host_text<HostHourRow, &ExportHost::cluster>},
      {"host", host_text<HostHourRow, &ExportHost::name>},
      {"moref", host_text<HostHourRow, &ExportHost::moref>},
      {"samples", host_samples},
      {"physical_kib", host_figure<&HostMeans::memory_kib>},
      {"configured_kib", host_figure<&HostMeans::configured_kib>},
      {"consumed_kib", host_figure<&HostMeans::consumed_kib>},
      {"active_kib", host_figure<&HostMeans::active_kib>},
      {"ballooned_kib", host_figure<&HostMeans::balloon_kib>},
      {"swapped_kib", host_figure<&HostMeans::swapped_kib>},
      {"overcommit_ratio", overcommit_ratio},
      {"vms_on", host_figure<&HostMeans::vms_on>},
      {"vms", host_figure<&HostMeans::vms>},
  };
  return kColumns;
}

}  // namespace

std::span<const ExportColumn<JudgedGuest>> sample_columns() {
  static const auto kColumns = make_sample_columns();
  return kColumns;
}
std::span<const ExportColumn<VmPeriodRow>> vm_period_columns() { return vm_columns(); }
std::span<const ExportColumn<HostHourRow>> host_hour_columns() { return host_columns(); }

}  // namespace ballast::cli
