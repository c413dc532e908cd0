// Private to storage/: which member of a sample is in which column of the tables sample, guest_sample
// and trend. The order of the lists is that of the columns (storage/schema/tables.sql); writing and
// reading go by them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/judged_guest.h"
#include "storage/sqlite/row_cursor.h"

namespace ballast::storage {

// The figures of vCenter, one column each.
inline constexpr std::array kStatColumns = {
    &model::QuickStats::balloon_kib,  &model::QuickStats::consumed_kib,
    &model::QuickStats::active_kib,   &model::QuickStats::uptime_s,
    &model::QuickStats::overhead_kib, &model::QuickStats::granted_kib,
    &model::QuickStats::private_kib,  &model::QuickStats::shared_kib,
    &model::QuickStats::swapped_kib,  &model::QuickStats::compressed_kib,
    &model::QuickStats::entitled_kib};

// The parts of an account (model/account.h) and the terms of a tolerance (model/verdict.h): the
// columns are "<part>_kib" and "tolerance_<term>_kib".
inline constexpr auto kPartColumns = std::to_array<std::string_view>({"free",
                                                                      "pcp",
                                                                      "anon_lru",
                                                                      "file_lru",
                                                                      "unevictable",
                                                                      "isolated",
                                                                      "slab",
                                                                      "kernel_reclaimable",
                                                                      "kernel_stack",
                                                                      "vmalloc",
                                                                      "page_tables",
                                                                      "upper_page_tables",
                                                                      "sec_page_tables",
                                                                      "percpu",
                                                                      "memmap",
                                                                      "bounce",
                                                                      "writeback_tmp",
                                                                      "hardware_corrupted",
                                                                      "gpu_active",
                                                                      "gpu_reclaim",
                                                                      "hugetlb",
                                                                      "zsmalloc",
                                                                      "zram",
                                                                      "zswap"});
inline constexpr auto kTermColumns = std::to_array<std::string_view>(
    {"counters", "baseline", "unread", "estimate", "reading", "host_rounding", "skew"});

// The values of one row, in the order of its table's columns, without those of the key and the
// checksum.
using RowValues = std::vector<std::optional<std::int64_t>>;

// Append the values of a table's figures to `row`, and fill a sample with them again. Reading returns
// false for what ballast never writes; the key has been taken from `columns` before.
void add_stats(const model::VmView& vm, UtcTime scan_start, RowValues& row);
void read_stats(Columns& columns, UtcTime scan_start, model::VmView& vm);

void add_guest(const model::GuestSample& guest, const model::Judgement& judgement,
               UtcTime scan_start, RowValues& row);
void read_guest(Columns& columns, UtcTime scan_start, model::GuestSample& guest,
                model::Judgement& judgement);

// How many rows of the guest there are beside its own. Suspects are kept of an excess alone.
struct RowsBeside {
  std::int64_t suspects = 0;
  std::int64_t trends = 0;
};
[[nodiscard]] RowsBeside rows_beside(const model::GuestSample& guest,
                                     const model::Judgement& judgement);

// A trend has a row only where there is a lockstep or a leak.
[[nodiscard]] bool has_trend(const model::Judgement& judgement);
void add_trend(const model::Judgement& judgement, RowValues& row);
void read_trend(Columns& columns, model::Judgement& judgement);

}  // namespace ballast::storage
