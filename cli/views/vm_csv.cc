#include <array>
#include <string_view>

#include "cli/views/vm_output.h"
#include "fleet/report.h"
#include "output/csv.h"

namespace ballast::cli {

using fleet::known_difference;
using fleet::VmReport;
using output::CsvWriter;

namespace {

constexpr std::array<std::string_view, 29> kColumns = {"polled_at_utc",
                                                       "read_at_utc",
                                                       "scan_id",
                                                       "name",
                                                       "host",
                                                       "cluster",
                                                       "vcenter",
                                                       "moref",
                                                       "instance_uuid",
                                                       "kernel",
                                                       "configured_kib",
                                                       "limit_kib",
                                                       "reservation_kib",
                                                       "consumed_kib",
                                                       "active_kib",
                                                       "swapped_kib",
                                                       "balloon_kib",
                                                       "driver_kib",
                                                       "mem_total_kib",
                                                       "unaccounted_kib",
                                                       "baseline_kib",
                                                       "difference_kib",
                                                       "tolerance_kib",
                                                       "verdict",
                                                       "proof",
                                                       "reason",
                                                       "detail",
                                                       "boot_id",
                                                       "leak_kib_per_day"};

// limit_kib is empty both for "unlimited" and for "not told"; JSON tells them apart.
std::optional<std::int64_t> set_limit(const model::VmView& vm) {
  const auto limit = vm.allocation.limit_kib;
  return limit == std::optional<std::int64_t>(model::kUnlimited) ? std::nullopt : limit;
}

void write_figures(const storage::VmRow& row, CsvWriter& csv) {
  const auto& vm = row.vm;
  const auto& guest = row.guest;
  using Kib = std::optional<std::int64_t>;
  for (const Kib& kib :
       {vm.configured_kib, set_limit(vm), vm.allocation.reservation_kib, vm.stats.consumed_kib,
        vm.stats.active_kib, vm.stats.swapped_kib, vm.stats.balloon_kib}) {
    csv.number(kib);
  }
  csv.number(guest ? guest->driver_kib : Kib());
  csv.number(guest ? Kib(guest->mem_total_kib) : Kib());
  csv.number(guest ? Kib(guest->unaccounted_kib) : Kib());
  csv.number(guest ? Kib(row.judgement.baseline.kib) : Kib());
  csv.number(known_difference(row));
  csv.number(guest ? Kib(row.judgement.tolerance_kib) : Kib());
}

void write_row(const storage::VmRow& row, CsvWriter& csv) {
  const auto& vm = row.vm;
  csv.text(format_iso8601(vm.polled_at));
  csv.text(row.guest ? format_iso8601(row.guest->read_at) : "");
  csv.number(row.scan_id);
  for (const std::string* text :
       {&vm.name, &row.host, &row.cluster, &row.vcenter, &vm.moref, &vm.instance_uuid}) {
    csv.text(*text);
  }
  csv.text(row.guest ? row.guest->kernel_release : "");
  write_figures(row, csv);
  csv.text(model::to_string(row.judgement.verdict));
  csv.text(model::to_string(row.judgement.proof));
  csv.text(model::to_string(row.judgement.reason));
  csv.text(row.detail);
  csv.text(row.guest ? row.guest->boot_id : "");
  const auto& leak = row.judgement.leak;
  csv.number(leak ? std::optional(leak->kib_per_day) : std::nullopt);
  csv.end_record();
}

}  // namespace

void print_vm_csv(const VmReport& report, std::ostream& out) {
  CsvWriter csv(out);
  for (const auto column : kColumns) csv.text(column);
  csv.end_record();
  for (const auto& row : report.history) write_row(row, csv);
}

}  // namespace ballast::cli
