#include "storage/rollup/period_columns.h"

namespace ballast::storage {
namespace {

void add_spread(const std::optional<Spread>& spread, RowValues& row) {
  if (!spread) {
    row.resize(row.size() + 4);
    return;
  }
  row.insert(row.end(), {spread->min_kib, spread->mean_kib, spread->p95_kib, spread->max_kib});
}

void read_spread(Columns& columns, std::optional<Spread>& spread) {
  const auto min = columns.optional_integer();
  const auto mean = columns.optional_integer();
  const auto p95 = columns.optional_integer();
  const auto max = columns.optional_integer();
  spread.reset();
  if (min && mean && p95 && max) spread = Spread{*min, *mean, *p95, *max};
}

}  // namespace

void add_vm_period(const VmPeriod& period, RowValues& row) {
  row.insert(row.end(),
             {period.samples, period.guests_read, period.excess_samples, period.leak_only_samples,
              period.difference_mean_kib, period.leak_kib_per_day});
  for (const auto figure : kVmSpreads) add_spread(period.figures.*figure, row);
}

void read_vm_period(Columns& columns, VmPeriod& period) {
  period.samples = columns.integer();
  period.guests_read = columns.integer();
  period.excess_samples = columns.integer();
  period.leak_only_samples = columns.integer();
  period.difference_mean_kib = columns.optional_integer();
  period.leak_kib_per_day = columns.optional_integer();
  for (const auto figure : kVmSpreads) read_spread(columns, period.figures.*figure);
}

void add_host_means(const HostMeans& means, RowValues& row) {
  for (const auto figure : kHostMeans) row.push_back(means.*figure);
}

void read_host_means(Columns& columns, HostMeans& means) {
  for (const auto figure : kHostMeans) means.*figure = columns.optional_integer();
}

}  // namespace ballast::storage
