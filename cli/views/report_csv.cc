#include <array>
#include <string_view>

#include "cli/views/report_output.h"
#include "fleet/causes.h"
#include "output/csv.h"

namespace ballast::cli {

using fleet::cause_keys;
using fleet::Change;
using fleet::find_scan;
using fleet::Report;
using fleet::ReportRow;
using fleet::VmMoment;
using output::CsvWriter;

namespace {

constexpr std::array<std::string_view, 27> kColumns = {"name",
                                                       "host",
                                                       "cluster",
                                                       "datacenter",
                                                       "vcenter",
                                                       "moref",
                                                       "instance_uuid",
                                                       "kernel",
                                                       "memory_kib",
                                                       "mem_total_kib",
                                                       "balloon_kib",
                                                       "vcenter_balloon_kib",
                                                       "unaccounted_kib",
                                                       "baseline_kib",
                                                       "difference_kib",
                                                       "tolerance_kib",
                                                       "verdict",
                                                       "proof",
                                                       "reason",
                                                       "detail",
                                                       "polled_at_utc",
                                                       "read_at_utc",
                                                       "consumed_kib",
                                                       "leak_kib_per_day",
                                                       "cause",
                                                       "failures",
                                                       "next_try_utc"};

constexpr std::array<std::string_view, 17> kChangeColumns = {"change",
                                                             "name",
                                                             "host",
                                                             "cluster",
                                                             "vcenter",
                                                             "moref",
                                                             "instance_uuid",
                                                             "balloon_before_kib",
                                                             "balloon_kib",
                                                             "difference_before_kib",
                                                             "difference_kib",
                                                             "verdict_before",
                                                             "verdict",
                                                             "compared_with_utc",
                                                             "scanned_at_utc",
                                                             "leak_before_kib_per_day",
                                                             "leak_kib_per_day"};

void write_row(const ReportRow& row, CsvWriter& csv) {
  for (const std::string* text : {&row.name, &row.host, &row.cluster, &row.datacenter, &row.vcenter,
                                  &row.moref, &row.instance_uuid, &row.kernel_release}) {
    csv.text(*text);
  }
  for (const auto& kib :
       {row.memory_kib, row.mem_total_kib, row.balloon_kib, row.vcenter_balloon_kib,
        row.unaccounted_kib, row.baseline_kib, row.difference_kib, row.tolerance_kib}) {
    csv.number(kib);
  }
  csv.text(model::to_string(row.verdict));
  csv.text(model::to_string(row.proof));
  csv.text(model::to_string(row.reason));
  csv.text(row.detail);
  csv.text(format_iso8601(row.polled_at));
  csv.text(row.read_at ? format_iso8601(*row.read_at) : "");
  csv.number(row.consumed_kib);
  csv.number(row.leak_kib_per_day);
  csv.text(cause_keys(row.causes));
  csv.number(row.setback ? std::optional<std::int64_t>(row.setback->failures) : std::nullopt);
  csv.text(row.setback ? format_iso8601(row.setback->next_try) : "");
  csv.end_record();
}

std::string start_of(const std::optional<storage::ScanRow>& scan) {
  return scan ? format_iso8601(scan->started_at) : "";
}

void write_change(const Change& change, const Report& report, CsvWriter& csv) {
  csv.text(to_string(change.kind));
  for (const std::string* text : {&change.name, &change.host, &change.cluster, &change.vcenter,
                                  &change.moref, &change.instance_uuid}) {
    csv.text(*text);
  }
  for (const auto figure : {&VmMoment::balloon_kib, &VmMoment::difference_kib}) {
    for (const auto* figures : {&change.before, &change.now}) {
      csv.number(*figures ? (**figures).*figure : std::nullopt);
    }
  }
  for (const auto* figures : {&change.before, &change.now}) {
    csv.text(*figures ? model::to_string((*figures)->verdict) : "");
  }
  const auto* compared = report.changes->find(change.vcenter);
  csv.text(compared == nullptr ? "" : start_of(compared->before));
  const auto* scan = find_scan(report.scans, change.vcenter);
  csv.text(scan == nullptr ? "" : start_of(scan->usable));
  for (const auto* figures : {&change.before, &change.now}) {
    csv.number(*figures ? (**figures).leak_kib_per_day : std::nullopt);
  }
  csv.end_record();
}

template <std::size_t N>
void write_head(const std::array<std::string_view, N>& columns, CsvWriter& csv) {
  for (const auto column : columns) csv.text(column);
  csv.end_record();
}

}  // namespace

void print_report_csv(const Report& report, std::ostream& out) {
  CsvWriter csv(out);
  if (report.changes) {
    write_head(kChangeColumns, csv);
    for (const auto& change : report.changes->rows) write_change(change, report, csv);
    return;
  }
  write_head(kColumns, csv);
  for (const auto& row : report.rows) write_row(row, csv);
}

}  // namespace ballast::cli
