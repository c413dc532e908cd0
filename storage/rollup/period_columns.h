// Private to storage/: the columns of the tables vm_hour, vm_day and host_hour, after their keys.
#pragma once

#include <cstdint>

#include "storage/rollup/rollup_figures.h"
#include "storage/schema/sample_columns.h"
#include "storage/sqlite/row_cursor.h"

namespace ballast::storage {

void add_vm_period(const VmPeriod& period, RowValues& row);
void read_vm_period(Columns& columns, VmPeriod& period);
void add_host_means(const HostMeans& means, RowValues& row);
void read_host_means(Columns& columns, HostMeans& means);

}  // namespace ballast::storage
