// The columns of each kind of export. Their names and meanings are a promise: docs/CSV.md.
#pragma once

#include <span>
#include <string_view>

#include "output/csv.h"
#include "storage/export_queries.h"

namespace ballast::cli {

template <class Row>
struct ExportColumn {
  std::string_view name;
  void (*write)(const Row& row, output::CsvWriter& csv);  // exactly one field
};

// In the order in which they are written if nobody asks for another one.
[[nodiscard]] std::span<const ExportColumn<storage::VmRow>> sample_columns();
[[nodiscard]] std::span<const ExportColumn<storage::VmPeriodRow>> vm_period_columns();
[[nodiscard]] std::span<const ExportColumn<storage::HostHourRow>> host_hour_columns();

}  // namespace ballast::cli
