#include <array>
#include <string_view>

#include "cli/csv.h"
#include "cli/report_output.h"

namespace ballast::cli {

namespace {

constexpr std::array<std::string_view, 22> kColumns = {"name",
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
                                                       "read_at_utc"};

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
  csv.end_record();
}

}  // namespace

void print_report_csv(const Report& report, std::ostream& out) {
  CsvWriter csv(out);
  for (const auto column : kColumns) csv.text(column);
  csv.end_record();
  for (const auto& row : report.rows) write_row(row, csv);
}

}  // namespace ballast::cli
