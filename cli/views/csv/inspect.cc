#include <array>
#include <span>

#include "cli/views/csv/figures.h"
#include "cli/views/formats.h"

namespace ballast::cli {

namespace {

// After the time and the source, which are of the files and not of the guest.
constexpr auto kInspectColumns = std::to_array<CsvFigure>({
    {"kernel"},
    {"boot_id"},
    {"mem_total_kib"},
    {"unaccounted_kib"},
    {"baseline_kib"},
    {"baseline_samples"},
    {"tolerance_kib"},
    {"balloon_kib", "hypervisor_kib"},
    {"driver_kib"},
    {"vmstat_kib"},
    {"judged_balloon_kib", "balloon_kib"},
    {"difference_kib"},
    {"verdict"},
    {"proof"},
    {"reason"},
});

}  // namespace

void CsvOutput::inspection(const fleet::Inspection& inspection) {
  output::CsvWriter csv(out_);
  csv.text("taken_at_utc");
  csv.text("source");
  write_head(kInspectColumns, csv);
  for (const auto& sample : inspection.samples) {
    csv.time(sample.input.taken_at);
    csv.text(sample.input.sources.front());
    write_record(kInspectColumns, sample.judged, csv);
  }
}

}  // namespace ballast::cli
