// Parsers for the files in which consumers of uncounted pages leave a trace: sockets, XFS, ZFS, RAM
// disks, ftrace, hot-added memory, pipes, nfsd, zram, modules from elsewhere.
//
// Each takes the text of its file, from any kernel, whole or only the lines that it needs (which is
// what the probe prints); other lines are skipped. Errors of all of them: kParse where a line that
// they need is not what the kernel prints, or a figure or sum is beyond kMaxNumber.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// What a file shows of its consumer. Empty where it shows nothing, or that the consumer holds
// nothing.
using MaybeTrace = std::optional<ConsumerTrace>;

// Reads /proc/net/sockstat: `mem` of TCP and UDP in pages (UDP-Lite is inside UDP's), `memory` of
// IP fragments in bytes. That is more than what is uncounted: the buffers' heads are in slab.
[[nodiscard]] Result<MaybeTrace> trace_sockets(std::string_view sockstat);

// Reads /proc/slabinfo: each active object of `xfs_buf` describes a buffer of at least one page.
[[nodiscard]] Result<MaybeTrace> trace_xfs_buffers(std::string_view slabinfo);

// Reads abdstats (`scatter_data_size`) or arcstats (`size`) of /proc/spl/kstat/zfs, or both, one
// after the other. abdstats is preferred: it counts pages only, while arcstats counts headers that
// are in slab.
[[nodiscard]] Result<MaybeTrace> trace_zfs_arc(std::string_view kstats);

// Reads the sizes of ram0, ram1 … in /proc/partitions; they count only while `modules`
// (/proc/modules) has brd. Kernels that hide them have no such lines: a trace without a size.
[[nodiscard]] Result<MaybeTrace> trace_ram_disks(std::string_view partitions,
                                                 std::string_view modules);

// Reads buffer_total_size_kb of tracefs: `1408`, or `7 (expanded: 1408)` where only 7 KiB are
// allocated.
[[nodiscard]] Result<MaybeTrace> trace_trace_buffers(std::string_view total_size_kb);

// Reads /proc/iomem and returns the page descriptors (1/64) of memory that was added while the
// guest ran. Such memory is a "System RAM" range of whole memory blocks (128 MiB) that begins where
// the range before it ended: firmware would have made one range of the two. Without root all
// addresses are 0, which tells nothing.
[[nodiscard]] Result<MaybeTrace> trace_hot_added_memmap(std::string_view iomem);

// Reads what lsof prints: each pipe or FIFO counts with the default capacity, 64 KiB, however many
// processes have it open.
[[nodiscard]] Result<MaybeTrace> trace_pipes(std::string_view lsof);

// Reads /proc/fs/nfsd/threads: each thread keeps pages for the largest request and answer, 1 MiB.
[[nodiscard]] Result<MaybeTrace> trace_nfsd(std::string_view threads);

// Reads /proc/swaps: what zram devices hold, before compression. If there is none, but `modules`
// (/proc/modules) has zram: a trace without a size.
[[nodiscard]] Result<MaybeTrace> trace_zram(std::string_view swaps, std::string_view modules);

// Reads /proc/modules: the names of modules from outside the kernel's tree, except the balloon
// driver, as a trace without a size. At most a dozen names are kept. The taint tells: O since 3.2;
// P (proprietary) and F (forced) on every kernel, which is all that RHEL 6 has; U (not signed by
// Red Hat) on RHEL 5; N and X (not supported, supported by its maker) on SLES. `release` is the
// kernel's; where it is "", all of these count.
[[nodiscard]] Result<MaybeTrace> trace_foreign_modules(std::string_view modules,
                                                       std::string_view release);

// Reads /proc/vmallocinfo: the areas of pcpu_get_vm_areas, which hold per-CPU memory. They have no
// count of pages, so the size of their addresses is an upper bound.
[[nodiscard]] Result<MaybeTrace> trace_percpu(std::string_view vmallocinfo);
// Reads the same sum as the probe makes it, in bytes; "" is none.
[[nodiscard]] Result<MaybeTrace> trace_percpu_sum(std::string_view bytes);

// Returns whether /proc/slabinfo is that of SLUB, which prints "tunables 0 0 0" on every line; SLAB
// prints real ones. Empty if there is no line of a cache.
[[nodiscard]] std::optional<bool> is_slub(std::string_view slabinfo);

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
  std::string_view vmallocinfo;
  std::string_view percpu_sum;  // the probe's, in place of vmallocinfo
};

// Fills traces, other_balloons and slub of `reading` from all of them; its kernel_release must be
// set. A file that cannot be understood counts as not read, and a sentence in reading.notes says
// so.
void read_traces(const TraceFiles& files, GuestReading& reading);

}  // namespace ballast::model
