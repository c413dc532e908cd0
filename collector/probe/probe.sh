# The guest probe: what one Linux guest says about its memory, as marked text on standard output.
#
# It is handed to the guest as the one argument of `/bin/sh -c` (see embed_script.cmake, which takes
# out comments and indentation): POSIX sh and awk, as in dash, bash and busybox; no single quotes,
# so that quoting it stays trivial; no root needed, though root sees vmallocinfo and debugfs.
# BALLAST_ROOT, empty in a guest, is put before every path: tests point it at a captured tree.
# BALLAST_FILE is the file its output goes to; probes that were cut short have left theirs beside it.
#
# Format 1: the line `@@ballast begin 1`, then sections, each behind a line `@@ballast <name>`, then
# the line `@@ballast end`. A section whose source cannot be read is missing or empty:
#   clock          seconds since 1970
#   nonce          $BALLAST_NONCE, by which its reader knows this output from any other
#   uid            0 for root
#   hugepages      a line per pool: page size in KiB, pages
#   zram           a line per device: bytes of memory it uses
#   toolbox        what the hypervisor says through VMware Tools: balloon, memlimit, memres, each
#                  with its line of vmware-toolbox-cmd stat, "512 MB"
#   processes      how many processes have memory of their own, by /proc/PID/statm
#   mm_struct      that line of /proc/slabinfo, where no process could be counted
#   vmmemctl       lines target, current, is resetting of the balloon driver's status file
#   meminfo        /proc/meminfo as it is
#   zoneinfo       pcp, managed, present, threshold, cpus: sums over zones and CPUs, pages; then,
#                  where all of them are there, free, anon, file, split (0 on RHEL 5, whose lists are
#                  one), unevictable, isolated, high (of the per-CPU lists), moved (the lists of the
#                  zones less those of the nodes)
#   vmstat         the lines of /proc/vmstat that matter
#   stalls         allocations that stalled and pages that they scanned while the probe read
#   allocinfo      its 20 call sites with most memory from 1 MiB on, and those of the balloon
#   vmalloc        pages held by vmalloc, a sum over /proc/vmallocinfo
#   percpu_areas   bytes of addresses for per-CPU memory, a sum over /proc/vmallocinfo
#   modules        name and last word of lines of /proc/modules: balloon drivers, zram, brd, and
#                  modules that may be from outside the kernel tree, by their taint
#   sockstat       the lines of /proc/net/sockstat that have a memory figure
#   xfs_buf        that line of /proc/slabinfo
#   zfs            the size of the ARC, by abdstats and arcstats
#   iomem          the System RAM lines of /proc/iomem, 64 at most
#   nfsd_threads   /proc/fs/nfsd/threads
#   swaps          the zram lines of /proc/swaps
#   trace_buffers  buffer_total_size_kb of tracefs
#   ram_disks      a line like those of /proc/partitions for each /sys/block/ram*
#   release boot_id uptime loadavg pressure possible_cpus zswap_pool crash_size    small files
# The exit status is 0 if meminfo was read.
#
# /proc/kpageflags, which marks the pages of the balloon, is left alone: it needs root, who can read
# the status file too, and the drivers that mark their pages feed vmstat from 5.3 on.

exec 2>/dev/null
LC_ALL=C
PATH=${PATH:+$PATH:}/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
r=${BALLAST_ROOT-}

# A section's marker stands on its own line, even if what came before lacks its newline.
mark() { printf "\n@@ballast %s\n" "$1"; }

mark "begin 1"
mark clock
date +%s
if [ -n "${BALLAST_NONCE-}" ]; then
  mark nonce
  echo "$BALLAST_NONCE"
fi
mark uid
id -u
mark hugepages
for d in "$r"/sys/kernel/mm/hugepages/hugepages-*kB; do
  k=${d##*-}
  read n <"$d/nr_hugepages" && echo "${k%kB} $n"
done
mark zram
for d in "$r"/sys/block/zram*; do
  # The third field of mm_stat; kernels before 4.1 have a file of its own.
  if read a b n c <"$d/mm_stat" || read n <"$d/mem_used_total"; then
    echo "$n"
  fi
done

# vmware-toolbox-cmd stat needs no root (requireRoot is FALSE for it in toolbox-cmd.c of
# open-vm-tools) and asks the hypervisor, so that it may hang; there is no timeout(1) on RHEL 5. The
# probe waits for a sleep that the answer cuts short, and never for the command.
t=$r/usr/bin/vmware-toolbox-cmd
if [ -x "$t" ]; then
  mark toolbox
  for k in balloon memlimit memres; do
    sleep 2 >/dev/null &
    w=$!
    (
      printf "\n%s " $k
      "$t" stat $k &
      c=$!
      trap "kill -9 $c" TERM
      wait $c
      kill $w
    ) &
    c=$!
    wait $w && {
      kill $c
      break
    }
  done
fi
n=
if read n k <"$r/proc/1/statm"; then
  n=0
  for k in "$r"/proc/[0-9]*/statm; do
    read d k <"$k" && [ "$d" != 0 ] && n=$((n + 1))
  done
  mark processes
  echo $n
fi

# One process reads what has to fit together, in one go: starting another between meminfo and
# zoneinfo would move pages from one to the other. Where much moved all the same, it reads again, up
# to three times, and keeps the readings that are nearest to each other.
awk -v r="$r" -v n="$n" "
function mark(name) {
  printf \"\\n@@ballast %s\\n\", name
}
function copy(name, file, pattern, most,  line, n) {
  while ((getline line < (r file)) > 0)
    if (line ~ pattern) {
      if (!n++)
        mark(name)
      print line
      if (n == most)
        break
    }
  close(r file)
  return n
}
# Returns how many allocations stalled and pages they scanned since the boot.
function vmstat(  sum) {
  v = \"\"
  while ((getline < (r p \"vmstat\")) > 0) {
    if (/^(balloon_|nr_(isolated|zspages|memmap|balloon)|allocstall|pswp|oom_kill|workingset_refault|pg(scan|steal)_(direct|dma|normal|high|movable))/)
      v = v \$0 \"\\n\"
    if (/^(allocstall|pgscan_direct)(_(dma|normal|high|movable|device).*)? /) {
      stalls = 1
      sum += \$2
    }
  }
  close(r p \"vmstat\")
  return sum
}
function meminfo() {
  text = \"\"
  d = 0
  while ((getline < (r p \"meminfo\")) > 0) {
    text = text \$0 \"\\n\"
    if (/^(MemFree|Active|Inactive|Unevictable):/)
      d -= \$2 / 4
  }
  close(r p \"meminfo\")
}
function zoneinfo(  seen, z, free, anon, file, locked, off, high, lists, old, la, lf, lu, lo, cpus, pcp, managed, present, threshold) {
  while ((getline < (r p \"zoneinfo\")) > 0) {
    z = 1
    if (\$1 == \"count:\")
      pcp += \$2
    else if (\$1 == \"high:\")
      high += \$2
    else if (\$1 == \"managed\")
      managed += \$2
    else if (\$1 == \"present\")
      present += \$2
    else if (\$1 == \"pages\" && \$2 == \"free\")
      free += \$3
    else if (\$1 ~ /^nr_(in)?active_anon\$/) {
      anon += \$2
      la = 1
    } else if (\$1 ~ /^nr_(in)?active_file\$/) {
      file += \$2
      lf = 1
    } else if (\$1 == \"nr_unevictable\") {
      locked += \$2
      lu = 1
    } else if (\$1 ~ /^nr_isolated_/)
      off += \$2
    else if (\$1 ~ /^nr_zone_((in)?active_|unevictable)/)
      lists += \$2
    else if (\$1 ~ /^(in)?active\$/) {
      old += \$2
      lo = 1
    } else if (\$1 == \"vm\" && \$3 == \"threshold:\")
      threshold += \$4
    else if (\$1 == \"cpu:\" && !(\$2 in seen)) {
      seen[\$2] = 1
      cpus++
    }
  }
  close(r p \"zoneinfo\")
  sums = \"\"
  if (z)
    sums = sprintf(\"pcp %.0f\\nmanaged %.0f\\npresent %.0f\\nthreshold %.0f\\ncpus %.0f\\n\", pcp, managed, present, threshold, cpus)
  if (!(la && lf && lu) && !lo) {
    d = 0
    return
  }
  if (lists)
    lists -= anon + file + locked
  if (!la)
    file = old
  d += free + anon + file + locked
  d = (d < 0 ? -d : d) + (lists < 0 ? -lists : lists)
  sums = sums sprintf(\"free %.0f\\nanon %.0f\\nfile %.0f\\nsplit %d\\nunevictable %.0f\\nisolated %.0f\\nhigh %.0f\\nmoved %.0f\\n\", free, anon, file, la, locked, off, high, lists)
}
BEGIN {
  p = \"/proc/\"
  s = \"^(target|current|is resetting)\"
  if (!copy(\"vmmemctl\", p \"vmmemctl\", s))
    copy(\"vmmemctl\", \"/sys/kernel/debug/vmmemctl\", s)
  before = vmstat()
  do {
    meminfo()
    zoneinfo()
    if (!i || d < best) {
      best = d
      m = text
      zones = sums
    }
  } while (++i < 3 && best > 256)
  during = vmstat() - before
  if (m) {
    mark(\"meminfo\")
    printf \"%s\", m
  }
  if (v) {
    mark(\"vmstat\")
    printf \"%s\", v
  }
  if (stalls) {
    mark(\"stalls\")
    printf \"%.0f\\n\", during
  }
  if (zones) {
    mark(\"zoneinfo\")
    printf \"%s\", zones
  }
  v = \"\"
  while ((getline < (r p \"vmallocinfo\")) > 0) {
    v = 1
    if (/ vmalloc( |\$)/ && match(\$0, /pages=[0-9]+/))
      pages += substr(\$0, RSTART + 6, RLENGTH - 6)
    if (/ pcpu_get_vm_areas/)
      areas += \$2
  }
  if (v) {
    mark(\"vmalloc\")
    printf \"%.0f\\n\", pages
  }
  if (areas) {
    mark(\"percpu_areas\")
    printf \"%.0f\\n\", areas
  }
  mark(\"modules\")
  while ((getline < (r p \"modules\")) > 0)
    if (\$1 ~ /^(vmw_balloon|vmware_balloon|vmmemctl|vmware_vmmemctl|hv_balloon|virtio_balloon|xen_balloon|zram|brd)\$/ || (\$NF ~ /^[(].*[OPFUNX]/ && o++ < 32))
      print \$1, \$NF
  while ((getline < (r p \"allocinfo\")) > 0) {
    if (/balloon/)
      sites = sites \$0 \"\\n\"
    else if (\$1 + 0 >= 1048576)
      site[\$0] = \$1 + 0
  }
  for (i = 0; i < 20; i++) {
    k = \"\"
    for (l in site)
      if (k == \"\" || site[l] > site[k])
        k = l
    if (k == \"\")
      break
    sites = sites k \"\\n\"
    delete site[k]
  }
  if (sites) {
    mark(\"allocinfo\")
    printf \"%s\", sites
  }
  if (n == \"\")
    copy(\"mm_struct\", p \"slabinfo\", \"^mm_struct \", 1)
  copy(\"release\", p \"sys/kernel/osrelease\", \".\")
  copy(\"boot_id\", p \"sys/kernel/random/boot_id\", \".\")
  copy(\"uptime\", p \"uptime\", \".\")
  copy(\"loadavg\", p \"loadavg\", \".\")
  copy(\"pressure\", p \"pressure/memory\", \".\")
  copy(\"possible_cpus\", \"/sys/devices/system/cpu/possible\", \".\")
  copy(\"crash_size\", \"/sys/kernel/kexec_crash_size\", \".\")
  copy(\"zswap_pool\", \"/sys/module/zswap/parameters/zpool\", \".\")
  copy(\"sockstat\", p \"net/sockstat\", \" mem\")
  copy(\"iomem\", p \"iomem\", \"^[0-9a-f]+-[0-9a-f]*[1-9a-f][0-9a-f]* : System RAM\$\", 64)
  copy(\"nfsd_threads\", p \"fs/nfsd/threads\", \".\", 1)
  copy(\"swaps\", p \"swaps\", \"^/dev/zram\", 64)
  if (!copy(\"zfs\", p \"spl/kstat/zfs/abdstats\", \"^scatter_data_size \", 1))
    copy(\"zfs\", p \"spl/kstat/zfs/arcstats\", \"^size \", 1)
  # slabinfo is dear where there are many slabs, and looking below debugfs would mount tracefs: only
  # where XFS and tracefs are there anyway. Before 4.1 there is no tracefs.
  t = \"/sys/kernel/debug/tracing\"
  while ((getline < (r p \"filesystems\")) > 0) {
    if (/tracefs/)
      t = \"\"
    if (/xfs\$/)
      copy(\"xfs_buf\", p \"slabinfo\", \"^xfs_buf \", 1)
  }
  while ((getline < (r p \"mounts\")) > 0)
    if (\$3 == \"tracefs\")
      t = \$2
  if (t)
    copy(\"trace_buffers\", t \"/buffer_total_size_kb\", \".\", 1)
  exit !m
}"
m=$?
mark ram_disks
for d in "$r"/sys/block/ram*; do
  read n <"$d/size" && echo "1 0 $((n / 2)) ${d##*/}"
done
mark end

# What probes left whose collector was killed. A find that does not know -mmin does nothing, and names
# do no harm: none goes through the shell, and none but regular files of this user are touched.
f=${BALLAST_FILE-}
case $f in
/*/ballast-probe-*)
  find "${f%/*}/." ! -name . -prune -type f -name "ballast-probe-*" ! -name "${f##*/}" -user "$(id -u)" -mmin +10 -exec rm -f {} \; >/dev/null
  ;;
esac
exit $m
