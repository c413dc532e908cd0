-- The tables of ballast's history. docs/SCHEMA.md explains them.
--
-- Sizes are KiB, times are Unix time in milliseconds, UTC, unless the name says otherwise. NULL means "not told", never zero.
-- `checksum` is of the other columns of its row (storage/sqlite/checksum.h); `ballast db check` and readers compare it.

CREATE TABLE vcenter (
  id            INTEGER PRIMARY KEY,
  instance_uuid TEXT NOT NULL,  -- '' for a bare ESXi host, which is known by its URL
  name          TEXT NOT NULL,  -- in the configuration, latest
  url           TEXT NOT NULL,  -- latest
  full_name     TEXT NOT NULL,
  api_version   TEXT NOT NULL,
  checksum      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vcenter_by_uuid ON vcenter (instance_uuid) WHERE instance_uuid <> '';
CREATE UNIQUE INDEX vcenter_by_url ON vcenter (url) WHERE instance_uuid = '';

CREATE TABLE scan (
  id            INTEGER PRIMARY KEY,  -- the second (Unix time) in which it began, or the next that was free: rises from scan to scan
  uuid          TEXT NOT NULL UNIQUE,
  vcenter_id    INTEGER REFERENCES vcenter (id),  -- NULL if the vCenter was never reached
  vcenter_name  TEXT NOT NULL,                    -- in the configuration, at the time
  vcenter_url   TEXT NOT NULL,
  limited_to    TEXT NOT NULL,                    -- '' if it is about the whole vCenter
  status        TEXT NOT NULL CHECK (status IN ('running', 'complete', 'partial', 'failed')),
  started_ms    INTEGER NOT NULL,
  finished_ms   INTEGER,
  error         TEXT NOT NULL,
  vms           INTEGER NOT NULL,
  guests_read   INTEGER NOT NULL,
  guests_failed INTEGER NOT NULL,
  hosts         INTEGER NOT NULL,  -- rows in host_sample, like the next: 0 until it ends
  pools         INTEGER NOT NULL,
  writer_pid    INTEGER NOT NULL,
  writer_boot   TEXT NOT NULL,     -- boot id of the machine that the writer ran on
  writer_start  INTEGER NOT NULL,  -- the writer's start, clock ticks since that boot
  checksum      INTEGER NOT NULL
) STRICT;
CREATE INDEX scan_by_start ON scan (vcenter_id, started_ms);
CREATE INDEX scan_running ON scan (id) WHERE status = 'running';

CREATE TABLE host (
  id         INTEGER PRIMARY KEY,
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  moref      TEXT NOT NULL,
  name       TEXT NOT NULL,  -- latest, like the next two
  cluster    TEXT NOT NULL,  -- '' for a stand-alone host
  datacenter TEXT NOT NULL,
  checksum   INTEGER NOT NULL,
  UNIQUE (vcenter_id, moref)
) STRICT;

CREATE TABLE host_sample (
  vcenter_id       INTEGER NOT NULL,
  scan_id          INTEGER NOT NULL REFERENCES scan (id),
  host_id          INTEGER NOT NULL,
  memory_kib       INTEGER,  -- physical
  memory_usage_kib INTEGER,
  memory_state     INTEGER,  -- 0: memory is free; larger: scarcer
  checksum         INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, scan_id, host_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE pool (
  id         INTEGER PRIMARY KEY,
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  moref      TEXT NOT NULL,
  name       TEXT NOT NULL,  -- latest; of a root pool its cluster's or host's
  checksum   INTEGER NOT NULL,
  UNIQUE (vcenter_id, moref)
) STRICT;

CREATE TABLE pool_sample (
  vcenter_id      INTEGER NOT NULL,
  scan_id         INTEGER NOT NULL REFERENCES scan (id),
  pool_id         INTEGER NOT NULL,
  parent_id       INTEGER,  -- NULL: a root pool
  reservation_kib INTEGER,
  limit_kib       INTEGER,  -- -1: unlimited
  usage_kib       INTEGER,
  checksum        INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, scan_id, pool_id)
) STRICT, WITHOUT ROWID;

-- What changes rarely about a VM. A row never changes once it is written.
CREATE TABLE vm_state (
  id              INTEGER PRIMARY KEY,
  vcenter_id      INTEGER NOT NULL,
  host_id         INTEGER REFERENCES host (id),
  pool_id         INTEGER REFERENCES pool (id),
  power           TEXT NOT NULL,  -- on, off, suspended, unknown
  connection      TEXT NOT NULL,
  tools           TEXT NOT NULL,
  guest_ready     INTEGER,        -- 1: guest operations are possible
  guest_family    TEXT NOT NULL,  -- '' where not told, like the next
  guest_os        TEXT NOT NULL,
  configured_kib  INTEGER,
  reservation_kib INTEGER,
  limit_kib       INTEGER,        -- -1: unlimited
  checksum        INTEGER NOT NULL
) STRICT;
CREATE INDEX vm_state_by_content ON vm_state (vcenter_id, host_id, configured_kib);

-- What changes rarely in a guest. A row never changes once it is written.
CREATE TABLE guest_state (
  id                INTEGER PRIMARY KEY,
  vcenter_id        INTEGER NOT NULL,
  kernel            TEXT NOT NULL,
  boot_id           TEXT NOT NULL,
  era               TEXT NOT NULL,  -- whose formulas fit the kernel's counters: el5, el6, el7, el8, modern
  channel           TEXT NOT NULL,  -- how it was read: file, guestinfo, report
  cpus              INTEGER,
  mem_total_kib     INTEGER NOT NULL,
  counter_error_kib INTEGER NOT NULL,
  unread_fixed_kib  INTEGER NOT NULL,
  missing           TEXT NOT NULL,  -- what could not be read: sentences, each ends in a newline
  checksum          INTEGER NOT NULL
) STRICT;
CREATE INDEX guest_state_by_boot ON guest_state (vcenter_id, boot_id);

CREATE TABLE vm (
  id            INTEGER PRIMARY KEY,
  vcenter_id    INTEGER NOT NULL REFERENCES vcenter (id),
  instance_uuid TEXT NOT NULL,  -- '' while vCenter has not told it: then known by its moref
  bios_uuid     TEXT NOT NULL,
  moref         TEXT NOT NULL,  -- latest
  name          TEXT NOT NULL,  -- latest
  checksum      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vm_by_uuid ON vm (vcenter_id, instance_uuid) WHERE instance_uuid <> '';
CREATE INDEX vm_by_moref ON vm (vcenter_id, moref);

CREATE TABLE outcome (
  id         INTEGER PRIMARY KEY,
  vcenter_id INTEGER NOT NULL,
  verdict    TEXT NOT NULL,  -- docs/VERDICTS.md has the words, also of the next two
  proof      TEXT NOT NULL,
  reason     TEXT NOT NULL,
  detail     TEXT NOT NULL,
  checksum   INTEGER NOT NULL,
  UNIQUE (vcenter_id, verdict, proof, reason, detail)
) STRICT;

-- A VM in a scan, as vCenter sees it.
CREATE TABLE sample (
  vcenter_id      INTEGER NOT NULL,
  scan_id         INTEGER NOT NULL,
  vm_id           INTEGER NOT NULL,
  vm_state_id     INTEGER NOT NULL,
  outcome_id      INTEGER NOT NULL,
  polled_after_ms INTEGER NOT NULL,  -- since the start of the scan
  balloon_kib     INTEGER,
  consumed_kib    INTEGER,
  active_kib      INTEGER,
  uptime_s        INTEGER,
  overhead_kib    INTEGER,
  granted_kib     INTEGER,
  private_kib     INTEGER,
  shared_kib      INTEGER,
  swapped_kib     INTEGER,
  compressed_kib  INTEGER,
  entitled_kib    INTEGER,
  checksum        INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, scan_id, vm_id)
) STRICT, WITHOUT ROWID;

-- The same VM's guest, where it was read: its account, and what was judged.
CREATE TABLE guest_sample (
  vcenter_id      INTEGER NOT NULL,
  scan_id         INTEGER NOT NULL,
  vm_id           INTEGER NOT NULL,
  guest_state_id  INTEGER NOT NULL,
  read_after_ms   INTEGER NOT NULL,  -- since the start of the scan
  unaccounted_kib INTEGER NOT NULL,

  -- What the guest says of the balloon: the driver's status file, vmstat, meminfo.
  driver_kib      INTEGER,
  vmstat_kib      INTEGER,
  lower_bound_kib INTEGER,

  -- The parts of the account; NULL where there is none of it. With unaccounted_kib they add up to guest_state.mem_total_kib.
  free_kib               INTEGER,
  pcp_kib                INTEGER,
  anon_lru_kib           INTEGER,
  file_lru_kib           INTEGER,
  unevictable_kib        INTEGER,
  isolated_kib           INTEGER,
  slab_kib               INTEGER,
  kernel_reclaimable_kib INTEGER,
  kernel_stack_kib       INTEGER,
  vmalloc_kib            INTEGER,
  page_tables_kib        INTEGER,
  upper_page_tables_kib  INTEGER,
  sec_page_tables_kib    INTEGER,
  percpu_kib             INTEGER,
  memmap_kib             INTEGER,
  bounce_kib             INTEGER,
  writeback_tmp_kib      INTEGER,
  hardware_corrupted_kib INTEGER,
  gpu_active_kib         INTEGER,
  gpu_reclaim_kib        INTEGER,
  hugetlb_kib            INTEGER,
  zsmalloc_kib           INTEGER,
  zram_kib               INTEGER,
  zswap_kib              INTEGER,

  -- The judgement: unaccounted_kib - baseline_kib - reference_kib = difference_kib, which is compared with the tolerance, the sum of
  -- its terms.
  baseline_kib        INTEGER NOT NULL,
  baseline_spread_kib INTEGER NOT NULL,
  baseline_samples    INTEGER NOT NULL,  -- 0: not learned from this guest's own readings
  reference_kib       INTEGER NOT NULL,  -- the balloon that it was judged against
  difference_kib      INTEGER NOT NULL,
  tolerance_counters_kib      INTEGER,
  tolerance_baseline_kib      INTEGER,
  tolerance_unread_kib        INTEGER,
  tolerance_estimate_kib      INTEGER,
  tolerance_reading_kib       INTEGER,
  tolerance_host_rounding_kib INTEGER,
  tolerance_skew_kib          INTEGER,

  -- The hypervisor's balloon around the reading, and what it was to become.
  bracket_low_kib    INTEGER,
  bracket_high_kib   INTEGER,
  bracket_target_kib INTEGER,

  -- How hard the kernel had to work for memory, since its boot.
  alloc_stalls         INTEGER,
  direct_scanned_kib   INTEGER,
  direct_reclaimed_kib INTEGER,
  swapped_in_kib       INTEGER,
  swapped_out_kib      INTEGER,
  refaulted_kib        INTEGER,
  oom_kills            INTEGER,
  psi_some_avg10_centi INTEGER,  -- 1/100 %
  psi_full_avg10_centi INTEGER,
  psi_some_total_us    INTEGER,
  psi_full_total_us    INTEGER,

  -- How many rows of it there are in the next two tables.
  suspects INTEGER NOT NULL,
  trends   INTEGER NOT NULL,

  checksum INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, scan_id, vm_id)
) STRICT, WITHOUT ROWID;

-- Who else may hold what is missing in a guest; only where the verdict is excess.
CREATE TABLE suspect (
  vcenter_id INTEGER NOT NULL,
  scan_id    INTEGER NOT NULL,
  vm_id      INTEGER NOT NULL,
  place      INTEGER NOT NULL,  -- 1: the most likely
  consumer   TEXT NOT NULL,
  size_kib   INTEGER,           -- what it holds or may hold; NULL where no file has a size
  checksum   INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, scan_id, vm_id, place)
) STRICT, WITHOUT ROWID;

-- What a guest's history told beside its reading, where it told anything. Rates and slopes have a 95 % interval.
CREATE TABLE trend (
  vcenter_id            INTEGER NOT NULL,
  scan_id               INTEGER NOT NULL,
  vm_id                 INTEGER NOT NULL,
  -- Lockstep: unaccounted memory follows the balloon by that slope, in 1/10000 (10000: page by page).
  slope_e4              INTEGER,
  slope_low_e4          INTEGER,
  slope_high_e4         INTEGER,
  balloon_levels        INTEGER,
  balloon_changes       INTEGER,
  balloon_range_kib     INTEGER,
  slope_since_ms        INTEGER,
  -- Leak: unaccounted memory grows beside the balloon.
  leak_kib_per_day      INTEGER,
  leak_low_kib_per_day  INTEGER,
  leak_high_kib_per_day INTEGER,
  leak_since_ms         INTEGER,
  checksum              INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, scan_id, vm_id)
) STRICT, WITHOUT ROWID;

-- The periods of a vCenter whose rows below are complete. Rows of others do not count.
CREATE TABLE rollup (
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  period     TEXT NOT NULL CHECK (period IN ('hour', 'day')),
  start_ms   INTEGER NOT NULL,
  vms        INTEGER NOT NULL,  -- rows in vm_hour or vm_day
  final      INTEGER NOT NULL CHECK (final IN (0, 1)),  -- 1: samples of it are pruned
  checksum   INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, period, start_ms)
) STRICT, WITHOUT ROWID;

-- A VM in an hour: how each figure was spread over the samples that told it.
CREATE TABLE vm_hour (
  vcenter_id           INTEGER NOT NULL,
  start_ms             INTEGER NOT NULL,
  vm_id                INTEGER NOT NULL,
  vm_state_id          INTEGER NOT NULL,  -- of the last sample
  samples              INTEGER NOT NULL,
  guests_read          INTEGER NOT NULL,  -- samples with guest data
  excess_samples       INTEGER NOT NULL,  -- of them, those whose verdict is excess
  leak_only_samples    INTEGER NOT NULL,  -- of them, those where nothing but growth is unexplained
  difference_mean_kib  INTEGER,           -- of the samples with guest data
  leak_kib_per_day     INTEGER,           -- of the last sample that told one
  balloon_min_kib      INTEGER,
  balloon_mean_kib     INTEGER,
  balloon_p95_kib      INTEGER,
  balloon_max_kib      INTEGER,
  unaccounted_min_kib  INTEGER,
  unaccounted_mean_kib INTEGER,
  unaccounted_p95_kib  INTEGER,
  unaccounted_max_kib  INTEGER,
  consumed_min_kib     INTEGER,
  consumed_mean_kib    INTEGER,
  consumed_p95_kib     INTEGER,
  consumed_max_kib     INTEGER,
  active_min_kib       INTEGER,
  active_mean_kib      INTEGER,
  active_p95_kib       INTEGER,
  active_max_kib       INTEGER,
  swapped_min_kib      INTEGER,
  swapped_mean_kib     INTEGER,
  swapped_p95_kib      INTEGER,
  swapped_max_kib      INTEGER,
  checksum             INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, start_ms, vm_id)
) STRICT, WITHOUT ROWID;

-- The same of a day (UTC).
CREATE TABLE vm_day (
  vcenter_id           INTEGER NOT NULL,
  start_ms             INTEGER NOT NULL,
  vm_id                INTEGER NOT NULL,
  vm_state_id          INTEGER NOT NULL,
  samples              INTEGER NOT NULL,
  guests_read          INTEGER NOT NULL,
  excess_samples       INTEGER NOT NULL,
  leak_only_samples    INTEGER NOT NULL,
  difference_mean_kib  INTEGER,
  leak_kib_per_day     INTEGER,
  balloon_min_kib      INTEGER,
  balloon_mean_kib     INTEGER,
  balloon_p95_kib      INTEGER,
  balloon_max_kib      INTEGER,
  unaccounted_min_kib  INTEGER,
  unaccounted_mean_kib INTEGER,
  unaccounted_p95_kib  INTEGER,
  unaccounted_max_kib  INTEGER,
  consumed_min_kib     INTEGER,
  consumed_mean_kib    INTEGER,
  consumed_p95_kib     INTEGER,
  consumed_max_kib     INTEGER,
  active_min_kib       INTEGER,
  active_mean_kib      INTEGER,
  active_p95_kib       INTEGER,
  active_max_kib       INTEGER,
  swapped_min_kib      INTEGER,
  swapped_mean_kib     INTEGER,
  swapped_p95_kib      INTEGER,
  swapped_max_kib      INTEGER,
  checksum             INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, start_ms, vm_id)
) STRICT, WITHOUT ROWID;

-- A host in an hour: means over the scans that saw it.
CREATE TABLE host_hour (
  vcenter_id     INTEGER NOT NULL,
  start_ms       INTEGER NOT NULL,
  host_id        INTEGER NOT NULL,
  samples        INTEGER NOT NULL,  -- scans that saw it
  memory_kib     INTEGER,           -- physical
  configured_kib INTEGER,           -- sum of the VMs that are on, like the next four
  consumed_kib   INTEGER,
  active_kib     INTEGER,
  balloon_kib    INTEGER,
  swapped_kib    INTEGER,
  vms_on         INTEGER,
  vms            INTEGER,
  checksum       INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, start_ms, host_id)
) STRICT, WITHOUT ROWID;

-- Guests whose probe failed, until one succeeds. They belong to no scan.
CREATE TABLE guest_setback (
  vm_id       INTEGER PRIMARY KEY REFERENCES vm (id),
  vcenter_id  INTEGER NOT NULL,
  reason      TEXT NOT NULL,     -- of the last try
  failures    INTEGER NOT NULL,  -- tries in a row
  last_try_ms INTEGER NOT NULL,
  next_try_ms INTEGER NOT NULL,
  username    TEXT NOT NULL,     -- the login of the last try
  checksum    INTEGER NOT NULL
) STRICT;

-- Logins that guests of a vCenter refused one after the other, until one of them takes it.
CREATE TABLE login_setback (
  vcenter_id  INTEGER NOT NULL REFERENCES vcenter (id),
  username    TEXT NOT NULL,
  failures    INTEGER NOT NULL,  -- times it was suspended in a row
  last_try_ms INTEGER NOT NULL,
  next_try_ms INTEGER NOT NULL,
  checksum    INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, username)
) STRICT, WITHOUT ROWID;
