// The columns of each kind of export. Their names and meanings are a promise: docs/CSV.md.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "output/csv.h"
#include "storage/export_queries.h"

namespace ballast::cli {

template <class Row>
struct ExportColumn {
  std::string name;
  std::function<void(const Row& row, output::CsvWriter& csv)> write;  // exactly one field
};

// In the order in which they are written if nobody asks for another one.
[[nodiscard]] std::span<const ExportColumn<model::JudgedGuest>> sample_columns();
[[nodiscard]] std::span<const ExportColumn<storage::VmPeriodRow>> vm_period_columns();
[[nodiscard]] std::span<const ExportColumn<storage::HostHourRow>> host_hour_columns();

}  // namespace ballast::cli
