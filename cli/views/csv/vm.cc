#include <array>

#include "cli/views/csv/figures.h"
#include "cli/views/formats.h"

namespace ballast::cli {

namespace {

constexpr auto kHistoryColumns = std::to_array<CsvFigure>({
    {"polled_at"},
    {"read_at"},
    {"scan_id"},
    {"name"},
    {"host"},
    {"cluster"},
    {"vcenter"},
    {"moref"},
    {"instance_uuid"},
    {"kernel"},
    {"configured_kib"},
    {"limit_kib"},
    {"reservation_kib"},
    {"consumed_kib"},
    {"active_kib"},
    {"swapped_kib"},
    {"balloon_kib"},
    {"driver_kib"},
    {"mem_total_kib"},
    {"unaccounted_kib"},
    {"baseline_kib"},
    {"difference_kib"},
    {"tolerance_kib"},
    {"verdict"},
    {"proof"},
    {"reason"},
    {"detail"},
    {"boot_id"},
    {"leak_kib_per_day"},
});

}  // namespace

void CsvOutput::vm(const fleet::VmReport& report) {
  output::CsvWriter csv(out_);
  write_head(kHistoryColumns, csv);
  for (const auto& guest : report.history) write_record(kHistoryColumns, guest, csv);
}

}  // namespace ballast::cli
