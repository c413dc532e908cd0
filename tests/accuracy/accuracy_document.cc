#include "tests/accuracy/accuracy_document.h"

#include <cstddef>

#include <fmt/format.h>

#include "base/units.h"
#include "tests/accuracy/accuracy.h"
#include "tests/accuracy/accuracy_tables.h"
#include "tests/accuracy/subsets.h"

namespace ballast::test {

namespace {

std::string introduction() {
  std::size_t points = 0;
  for (const auto& one : series()) points += one.points.size();
  return fmt::format(
      R"md(# Accuracy

<!-- Made by scripts/accuracy; do not edit. To renew it: scripts/accuracy >docs/ACCURACY.md -->

How far ballast's figure is from the truth, measured on real guests whose balloon is of exactly
known size. This page is printed by a program over the captures in the repository, and a test
fails when the two differ:

```sh
scripts/accuracy                        # prints this page
scripts/test -R '^model.Accuracy'       # checks the bounds below
```

**What was measured.** {} readings of real guests with thirteen kernel builds, RHEL 5 to 6.19, at 1
to 4 GiB and 1 to 16 CPUs, and {} of a guest whose balloon moves. Each is the guest's own `/proc`, copied while the
balloon stood still at a size that was set from outside. The program runs the probe over it with a
real shell, as in a guest, then the product's parser, account, prior and verdict. The hypervisor's
figure given to the verdict is the true size in whole MiB, and no baseline has been learned: the
verdicts are those of a first scan.

**What is an error.** Each boot of a guest has a reading at rest without a balloon; what is
unaccounted in it is its *baseline*. The error of another reading of the boot is unaccounted −
balloon − baseline. It is to be at most {:.1f} MiB at rest with up to 4 CPUs, {:.1f} for each CPU with
more, and {:.1f} under reclaim, with a thousand processes or tens of thousands of files, and with 300
MiB of vmalloc.

All sizes are in MiB. The words are those of [VERDICTS.md](VERDICTS.md).
)md",
      captures().size(), points,
      static_cast<double>(kErrorAtRest) / static_cast<double>(kKibPerMib),
      static_cast<double>(kErrorOfCpu) / static_cast<double>(kKibPerMib),
      static_cast<double>(kErrorUnderLoad) / static_cast<double>(kKibPerMib));
}

std::string section(const char* title, const char* before, const std::string& table) {
  return fmt::format("\n## {}\n\n{}\n{}", title, before, table);
}

constexpr const char* kAboutKernels =
    R"md(Readings in which nobody but the balloon holds memory that the kernel does not count. *Deviation*
is the standard deviation of the errors at rest, without the readings that are the baseline. Right
is `balloon` for a balloon and `clean` for none; *wrong* counts what is neither right nor `unknown`.
)md";

constexpr const char* kScenarios =
    R"md(A row is one boot. `k_kernobj`: threads, cgroups, page tables, open files, on RHEL 5 1,500 processes;
`procs_kernobj`: 1,000 processes, tiny ones and ones of ordinary size; `h_idle_smp16`: 16 CPUs (the
kernel of RHEL 6 was built for one); `l_thp_lag`: huge pages being freed; `f_pressure`: a process takes all memory there is. Of the
boots called `n_neg` these are the readings in which the kernel counts everything. Driver
`vmmemctl-module` takes pages and tells nobody, as VMware's driver did before 5.3; in
`w_vmmemctl_ovt_idle` it is VMware's own of open-vm-tools 2010.04.25; `vmw_balloon`
is VMware's own driver with a stand-in for the hypervisor; `virtio` leaves MemTotal alone, as
VMware's driver does, and feeds the counters of `/proc/vmstat`.
)md";

constexpr const char* kWorst =
    R"md(Under reclaim pages move between the lists while the files are read, and some are on none of them.
Free, per-CPU, LRU and isolated pages are therefore from one pass over `/proc/zoneinfo`; with MemFree
and lists from meminfo 9.6 was 4.7 MiB off, with MGLRU 6.0. What a process costs in page tables that
no counter has is an estimate.
)md";

constexpr const char* kAccess =
    R"md(*No root*: neither vmallocinfo nor the driver's status file. *No zoneinfo*: free pages on per-CPU
lists are not seen and count as unaccounted; the tolerance allows for them, so that some guests
get no verdict (`unknown`, reason `below_tolerance`), and none a wrong one. The error is against
the baseline that was read with the same access.
)md";

constexpr const char* kSubsets =
    R"md(Every capture, with every subset of its files taken away (zoneinfo, vmstat, vmallocinfo, the driver's
status, loadavg, slabinfo and the processes, the possible CPUs and the boot log, osrelease), and with its
meminfo cut after each line. A verdict is right, or there is none: `unknown`, with the files that
decide.
)md";

constexpr const char* kSeries =
    R"md(The balloon grows and shrinks while the guest is read every two seconds. Its size is known just
before and just after each reading; while it moves these two are a bracket, and the error is how
far the growth of unaccounted memory since the first reading is outside of it.
)md";

constexpr const char* kNegatives =
    R"md(No balloon, but memory in a RAM disk, in a driver, in zram (3.10 counts it nowhere but in
`mm_stat`, which the probe reads and the capture lacks), in kmalloc of more than 8 KiB (not
counted by 8.1) or in vmalloc (2.6.18 has no vmallocinfo). All of it shows, and with the hypervisor's figure 0 it is `excess`.

A wrong figure of the hypervisor makes it a `balloon` only if it coincides with the size of what
is hidden: every whole MiB up to MemTotal was tried. One reading cannot tell 300 MiB of a RAM disk
from 300 MiB of a balloon; such a verdict has proof `point`. The driver can: if its status file or
its counters in `/proc/vmstat` say that it holds less, no figure makes one of these a `balloon`.
In the guests of the other tables that have no balloon no figure does, with root, without, or
without zoneinfo.
)md";

constexpr const char* kCounted =
    R"md(What looks like a case of the table above and is none, because this kernel counts it: zram on
6.1, as `nr_zspages`; kmalloc of any size on 8.5, and up to 8 KiB on 8.1; vmalloc from 2.6.32 on, as
root up to 8.7. These readings are in the tables by kernel as well.
)md";

constexpr const char* kLowered =
    R"md(A balloon of virtio that VMware does not have: it goes out of MemTotal, so that nothing is
unaccounted. A hypervisor's figure that the guest does not show is `hidden`, also if the driver
inside names it.
)md";

constexpr const char* kNotShown = R"md(
## What the tables do not show

- **No VMware host.** The guests ran under emulation. The balloon was virtio's, a module that takes
  pages as VMware's driver does, or VMware's driver with a stand-in for the hypervisor. What vCenter
  reports, and how late, is not measured: the figure given to the verdict is the truth.
- **Bare guests**: few processes, few drivers, at most 4 GiB and 16 CPUs. The baseline of a real
  server is larger, and so is the lag of its per-CPU counters; that is what prior and tolerance
  allow for.
- **Processes** of these guests are alike. On a server they are of all sizes, and their page tables
  are within the bounds that the tolerance allows for, not at a known place in between.
- **Swap**: no guest among the captures had any. That swap cache is not counted twice is tested on
  readings made by hand.
- **Pipes, socket buffers, XFS and ZFS** hold memory that no counter has, as a driver does; no
  reading of the repository has them.
- Readings at rest were made at a standstill of the guest. In the field the files are read within
  some milliseconds of each other, while the guest works.
)md";

}  // namespace

std::string accuracy_document() {
  return introduction() + section("By kernel", kAboutKernels, kernel_table()) +
         section("By scenario", kScenarios, scenario_table()) +
         section("The largest errors", kWorst, worst_table()) +
         section("With and without root", kAccess, access_table()) +
         section("When files are missing", kSubsets, subset_table()) +
         section("A balloon that moves", kSeries, series_table()) +
         section("Memory that looks like a balloon", kNegatives, negatives_table()) +
         section("… and what only seems to", kCounted, counted_table()) +
         section("A balloon that the guest does not show", kLowered, lowered_table()) + kNotShown;
}

}  // namespace ballast::test
