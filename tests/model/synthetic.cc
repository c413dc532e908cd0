#include "tests/model/synthetic.h"

#include "model/parse/proc_files.h"

namespace ballast::test {

const std::string_view kRhel5Meminfo = R"(MemTotal:      2058536 kB
MemFree:        500000 kB
Buffers:         40000 kB
Cached:         600000 kB
SwapCached:          0 kB
Active:         700000 kB
Inactive:       160000 kB
HighTotal:           0 kB
HighFree:            0 kB
LowTotal:      2058536 kB
LowFree:        500000 kB
SwapTotal:     2097144 kB
SwapFree:      2097144 kB
Dirty:             100 kB
Writeback:           0 kB
AnonPages:      220000 kB
Mapped:          30000 kB
Slab:            60000 kB
PageTables:       8000 kB
NFS_Unstable:        0 kB
Bounce:              0 kB
CommitLimit:   3126412 kB
Committed_AS:   500000 kB
VmallocTotal: 34359738367 kB
VmallocUsed:    264000 kB
VmallocChunk: 34359474000 kB
HugePages_Total:    10
HugePages_Free:     10
HugePages_Rsvd:      2
Hugepagesize:     2048 kB
)";

const std::string_view kRhel6Meminfo = R"(MemTotal:        2058536 kB
MemFree:          500000 kB
Buffers:           40000 kB
Cached:           600000 kB
SwapCached:         1000 kB
Active:           700000 kB
Inactive:         160000 kB
Active(anon):     180000 kB
Inactive(anon):    40000 kB
Active(file):     520000 kB
Inactive(file):   120000 kB
Unevictable:        3000 kB
Mlocked:            3000 kB
SwapTotal:       2097144 kB
SwapFree:        2097144 kB
Dirty:               100 kB
Writeback:             0 kB
AnonPages:        210000 kB
Mapped:            30000 kB
Shmem:             10000 kB
Slab:              60000 kB
SReclaimable:      40000 kB
SUnreclaim:        20000 kB
KernelStack:        2000 kB
PageTables:         8000 kB
NFS_Unstable:          0 kB
Bounce:                0 kB
WritebackTmp:          0 kB
CommitLimit:     3126412 kB
Committed_AS:     500000 kB
VmallocTotal:   34359738367 kB
VmallocUsed:      264000 kB
VmallocChunk:   34359474000 kB
HardwareCorrupted:     0 kB
AnonHugePages:    100000 kB
HugePages_Total:      10
HugePages_Free:       10
HugePages_Rsvd:        2
HugePages_Surp:        0
Hugepagesize:       2048 kB
DirectMap4k:       10240 kB
DirectMap2M:     2086912 kB
)";

const std::string_view kRhel7Meminfo = R"(MemTotal:        2058536 kB
MemFree:          500000 kB
MemAvailable:    1200000 kB
Buffers:           40000 kB
Cached:           600000 kB
SwapCached:         1000 kB
Active:           700000 kB
Inactive:         160000 kB
Active(anon):     180000 kB
Inactive(anon):    40000 kB
Active(file):     520000 kB
Inactive(file):   120000 kB
Unevictable:        3000 kB
Mlocked:            3000 kB
SwapTotal:       2097144 kB
SwapFree:        2097144 kB
Dirty:               100 kB
Writeback:             0 kB
AnonPages:        210000 kB
Mapped:            30000 kB
Shmem:             10000 kB
Slab:              60000 kB
SReclaimable:      40000 kB
SUnreclaim:        20000 kB
KernelStack:        2000 kB
PageTables:         8000 kB
NFS_Unstable:          0 kB
Bounce:                0 kB
WritebackTmp:          0 kB
VmallocTotal:   34359738367 kB
VmallocUsed:      264000 kB
VmallocChunk:   34359474000 kB
HardwareCorrupted:     0 kB
AnonHugePages:    100000 kB
CmaTotal:              0 kB
CmaFree:               0 kB
HugePages_Total:      10
HugePages_Free:       10
HugePages_Rsvd:        2
HugePages_Surp:        0
Hugepagesize:       2048 kB
)";

const std::string_view kRhel8Meminfo = R"(MemTotal:        2058536 kB
MemFree:          500000 kB
MemAvailable:    1200000 kB
Buffers:           40000 kB
Cached:           600000 kB
SwapCached:         1000 kB
Active:           700000 kB
Inactive:         160000 kB
Active(anon):     180000 kB
Inactive(anon):    40000 kB
Active(file):     520000 kB
Inactive(file):   120000 kB
Unevictable:        3000 kB
Mlocked:            3000 kB
SwapTotal:       2097144 kB
SwapFree:        2097144 kB
Dirty:               100 kB
Writeback:             0 kB
AnonPages:        210000 kB
Mapped:            30000 kB
Shmem:             10000 kB
KReclaimable:      45000 kB
Slab:              60000 kB
SReclaimable:      40000 kB
SUnreclaim:        20000 kB
KernelStack:        2000 kB
PageTables:         8000 kB
NFS_Unstable:          0 kB
Bounce:                0 kB
WritebackTmp:          0 kB
VmallocTotal:   34359738367 kB
VmallocUsed:           0 kB
VmallocChunk:          0 kB
Percpu:             4416 kB
HardwareCorrupted:     0 kB
AnonHugePages:    100000 kB
ShmemHugePages:        0 kB
ShmemPmdMapped:        0 kB
HugePages_Total:      10
HugePages_Free:       10
HugePages_Rsvd:        2
HugePages_Surp:        0
Hugepagesize:       2048 kB
Hugetlb:           20480 kB
)";

const std::string_view kKernel514Meminfo = R"(MemTotal:        2058536 kB
MemFree:          500000 kB
MemAvailable:    1200000 kB
Buffers:           40000 kB
Cached:           600000 kB
SwapCached:         1000 kB
Active:           700000 kB
Inactive:         160000 kB
Active(anon):     180000 kB
Inactive(anon):    40000 kB
Active(file):     520000 kB
Inactive(file):   120000 kB
Unevictable:        3000 kB
Mlocked:            3000 kB
SwapTotal:       2097144 kB
SwapFree:        2097144 kB
Dirty:               100 kB
Writeback:             0 kB
AnonPages:        210000 kB
Mapped:            30000 kB
Shmem:             10000 kB
KReclaimable:      45000 kB
Slab:              60000 kB
SReclaimable:      40000 kB
SUnreclaim:        20000 kB
KernelStack:        2000 kB
PageTables:         8000 kB
NFS_Unstable:          0 kB
Bounce:                0 kB
WritebackTmp:          0 kB
CommitLimit:     3126412 kB
Committed_AS:     500000 kB
VmallocTotal:   34359738367 kB
VmallocUsed:       30000 kB
VmallocChunk:          0 kB
Percpu:             4416 kB
HardwareCorrupted:     0 kB
AnonHugePages:    100000 kB
ShmemHugePages:        0 kB
ShmemPmdMapped:        0 kB
FileHugePages:         0 kB
FilePmdMapped:         0 kB
CmaTotal:              0 kB
CmaFree:               0 kB
HugePages_Total:      10
HugePages_Free:       10
HugePages_Rsvd:        2
HugePages_Surp:        0
Hugepagesize:       2048 kB
Hugetlb:           20480 kB
DirectMap4k:       10240 kB
DirectMap2M:     2086912 kB
)";

const std::string_view kRhel5Zoneinfo = R"(Node 0, zone      DMA
  pages free     2500
        min      9
        low      11
        high     13
        active   0
        inactive 0
        scanned  0 (a: 5 i: 5)
        spanned  4096
        present  2600
    nr_anon_pages 0
    nr_mapped    1
    nr_file_pages 0
        protection: (0, 2004, 2004, 2004)
  pagesets
  all_unreclaimable: 1
  prev_priority:     12
  start_pfn:         0
Node 0, zone    DMA32
  pages free     122000
        min      1424
        low      1780
        high     2136
        active   175000
        inactive 40000
        scanned  0 (a: 0 i: 0)
        spanned  520176
        present  513056
        protection: (0, 0, 0, 0)
  pagesets
    cpu: 0 pcp: 0
              count: 70
              high:  186
              batch: 31
    cpu: 0 pcp: 1
              count: 57
              high:  62
              batch: 15
  vm stats threshold: 24
    cpu: 1 pcp: 0
              count: 100
              high:  186
              batch: 31
    cpu: 1 pcp: 1
              count: 3
              high:  62
              batch: 15
  vm stats threshold: 24
  all_unreclaimable: 0
  prev_priority:     12
  start_pfn:         4096
)";

model::GuestReading reading_of(std::string_view meminfo, std::string_view release) {
  model::GuestReading reading;
  reading.kernel_release = release;
  reading.meminfo = model::parse_meminfo(meminfo).value();
  model::ZoneTotals zones;
  zones.pcp_pages = 1000;
  zones.stat_threshold_pages = 48;
  zones.cpus = 2;
  reading.zones = zones;
  return reading;
}

}  // namespace ballast::test
