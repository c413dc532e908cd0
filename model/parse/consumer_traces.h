// Parsers for the files in which consumers of uncounted pages leave a trace: sockets, XFS, ZFS, RAM
// disks, ftrace, hot-added memory, pipes, nfsd, zram, modules from elsewhere. Each takes the text
// of the file, whole or only the lines it needs (the probe prints those), from any kernel.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Empty where the file shows nothing of the consumer, or that it holds nothing.
using MaybeTrace = std::optional<ConsumerTrace>;

// All of these: lines they have no use for are skipped. Errors: kParse where a line they need is
// not what the kernel prints, or a figure or sum is beyond kMaxNumber.

// /proc/net/sockstat: `mem` of TCP and UDP in pages (UDP-Lite is inside UDP's), `memory` of IP
// fragments in bytes. The heads of the buffers are in slab, so it is more than what is uncounted.
[[nodiscard]] Result<MaybeTrace> trace_sockets(std::string_view sockstat);

// /proc/slabinfo: a page at least for each active object of `xfs_buf`, which describes a buffer.
[[nodiscard]] Result<MaybeTrace> trace_xfs_buffers(std::string_view slabinfo);

// /proc/spl/kstat/zfs/abdstats (`scatter_data_size`), arcstats (`size`), or one after the other:
// abdstats, which counts pages alone, comes before arcstats, whose headers are in slab.
[[nodiscard]] Result<MaybeTrace> trace_zfs_arc(std::string_view kstats);

// /proc/partitions: the sizes of ram0, ram1 …; counted only while `modules` (/proc/modules) has
// brd. Without such a line (kernels that hide them): a trace without a size.
[[nodiscard]] Result<MaybeTrace> trace_ram_disks(std::string_view partitions,
                                                 std::string_view modules);

// buffer_total_size_kb of tracefs: `1408`, or `7 (expanded: 1408)` where 7 KiB are allocated.
[[nodiscard]] Result<MaybeTrace> trace_trace_buffers(std::string_view total_size_kb);

// /proc/iomem: the page descriptors, 1/64, of the memory that was added while the guest ran. That
// is a "System RAM" range in whole memory blocks of 128 MiB which begins where the one before
// ended: the ranges of the firmware would have been made one. Without root all addresses are 0,
// which tells nothing.
[[nodiscard]] Result<MaybeTrace> trace_hot_added_memmap(std::string_view iomem);

// What lsof prints: the default capacity, 64 KiB, of each pipe or FIFO, however many processes have
// it open.
[[nodiscard]] Result<MaybeTrace> trace_pipes(std::string_view lsof);

// /proc/fs/nfsd/threads: a thread keeps pages for the largest request and answer, 1 MiB.
[[nodiscard]] Result<MaybeTrace> trace_nfsd(std::string_view threads);

// /proc/swaps: what zram devices hold, before compression. Else, where `modules` has zram, a trace
// without a size.
[[nodiscard]] Result<MaybeTrace> trace_zram(std::string_view swaps, std::string_view modules);

// /proc/modules: the names of those with taint O, but for the balloon driver; a trace without a
// size. At most a dozen names are kept.
[[nodiscard]] Result<MaybeTrace> trace_foreign_modules(std::string_view modules);

// The texts of a guest's files, "" where one was not read.
struct TraceFiles {
  std::string_view sockstat;
  std::string_view slabinfo;
  std::string_view kstats;  // abdstats, arcstats
  std::string_view partitions;
  std::string_view trace_buffers;
  std::string_view iomem;
  std::string_view lsof;
  std::string_view nfsd_threads;
  std::string_view swaps;
  std::string_view modules;
};

// Fills traces of `reading` from all of them. A file that cannot be understood counts as not read,
// and a sentence in notes says so.
void read_traces(const TraceFiles& files, GuestReading& reading);

}  // namespace ballast::model
