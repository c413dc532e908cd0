#include <array>
#include <string_view>

#include "cli/views/csv/figures.h"
#include "cli/views/formats.h"
#include "output/csv.h"

namespace ballast::cli {

using fleet::Change;
using fleet::find_scan;
using fleet::Report;
using fleet::VmMoment;
using output::CsvWriter;

namespace {

constexpr auto kReportColumns = std::to_array<CsvFigure>({
    {"name"},
    {"host"},
    {"cluster"},
    {"datacenter"},
    {"vcenter"},
    {"moref"},
    {"instance_uuid"},
    {"kernel"},
    {"memory_kib"},
    {"mem_total_kib"},
    {"shown_balloon_kib", "balloon_kib"},
    {"balloon_kib", "vcenter_balloon_kib"},
    {"unaccounted_kib"},
    {"baseline_kib"},
    {"difference_kib"},
    {"tolerance_kib"},
    {"verdict"},
    {"proof"},
    {"reason"},
    {"detail"},
    {"polled_at"},
    {"read_at"},
    {"consumed_kib"},
    {"leak_kib_per_day"},
    {"cause"},
    {"failures"},
    {"next_try"},
});

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

std::string start_of(const std::optional<storage::ScanRow>& scan) {
  return scan ? format_iso8601(scan->started_at) : "";
}

std::string compared_with(const fleet::ScanComparison& scans) {
  return scans.day_before ? format_iso8601(scans.day_before->to) : start_of(scans.before);
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
    csv.text(*figures && (*figures)->verdict ? model::to_string(*(*figures)->verdict) : "");
  }
  const auto* compared = report.changes->find(change.vcenter);
  csv.text(compared == nullptr ? "" : compared_with(*compared));
  const auto* scan = find_scan(report.scans, change.vcenter);
  csv.text(scan == nullptr ? "" : start_of(scan->usable));
  for (const auto* figures : {&change.before, &change.now}) {
    csv.number(*figures ? (**figures).leak_kib_per_day : std::nullopt);
  }
  csv.end_record();
}

}  // namespace

void CsvOutput::report(const Report& report) {
  CsvWriter csv(out_);
  if (report.changes) {
    for (const auto column : kChangeColumns) csv.text(column);
    csv.end_record();
    for (const auto& change : report.changes->rows) write_change(change, report, csv);
    return;
  }
  write_head(kReportColumns, csv);
  for (const auto& guest : report.rows) write_record(kReportColumns, guest, csv);
}

}  // namespace ballast::cli
