-- The tables of the hub. They have the names and columns of those in SQLite (storage/schema/tables.sql
-- says what each column means); columns that only the hub has come last, with a comment.
--
-- Every key begins with the vCenter, so that Citus can spread the tables over machines, and then has
-- the time, by which the large tables are parted: ballast.make_scan_partitions() and
-- make_period_partitions() make their parts. Ids are made of what they stand for (hub/content_id.h):
-- every collector gives the same thing the same id. They are 63 bits long and have no order; `seq` is
-- the order in which things became known.
--
-- scan.vcenter_id is never NULL here: of a vCenter that was never reached, and so is not in the table
-- vcenter, it is made of the URL.

CREATE TABLE ballast.vcenter (
  id bigint NOT NULL,
  instance_uuid text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  url text COLLATE "C" NOT NULL,
  full_name text COLLATE "C" NOT NULL,
  api_version text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,  -- the order in which they became known; two may have the same
  latest_scan_id bigint NOT NULL,  -- that told the latest names, also of hosts, pools and VMs
  changes bigint NOT NULL,  -- how often something was sent of it
  PRIMARY KEY (id)
);

CREATE TABLE ballast.scan (
  id bigint NOT NULL,
  uuid text COLLATE "C" NOT NULL,
  vcenter_id bigint NOT NULL,
  vcenter_name text COLLATE "C" NOT NULL,
  vcenter_url text COLLATE "C" NOT NULL,
  limited_to text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL CHECK (status IN ('complete', 'partial', 'failed')),
  started_ms bigint NOT NULL,
  finished_ms bigint,
  error text COLLATE "C" NOT NULL,
  vms integer NOT NULL,
  guests_read integer NOT NULL,
  guests_failed integer NOT NULL,
  hosts integer NOT NULL,
  pools integer NOT NULL,
  writer_pid bigint NOT NULL,
  writer_boot text COLLATE "C" NOT NULL,
  writer_start bigint NOT NULL,
  collector text COLLATE "C" NOT NULL,  -- that did it
  sent_ms bigint NOT NULL,  -- by the hub's clock
  PRIMARY KEY (vcenter_id, id),
  UNIQUE (vcenter_id, uuid)
);
CREATE INDEX scan_by_start ON ballast.scan (vcenter_id, started_ms);

CREATE TABLE ballast.host (
  id bigint NOT NULL,
  vcenter_id bigint NOT NULL,
  moref text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  cluster text COLLATE "C" NOT NULL,
  datacenter text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,  -- rises in the order in which they became known
  PRIMARY KEY (vcenter_id, id),
  UNIQUE (vcenter_id, moref),
  UNIQUE (vcenter_id, seq),
  FOREIGN KEY (vcenter_id) REFERENCES ballast.vcenter (id)
);

CREATE TABLE ballast.host_sample (
  vcenter_id bigint NOT NULL,
  scan_id bigint NOT NULL,
  host_id bigint NOT NULL,
  memory_kib bigint,
  memory_usage_kib bigint,
  memory_state bigint,
  PRIMARY KEY (vcenter_id, scan_id, host_id)
) PARTITION BY RANGE (scan_id);

CREATE TABLE ballast.pool (
  id bigint NOT NULL,
  vcenter_id bigint NOT NULL,
  moref text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (vcenter_id, id),
  UNIQUE (vcenter_id, moref),
  UNIQUE (vcenter_id, seq),
  FOREIGN KEY (vcenter_id) REFERENCES ballast.vcenter (id)
);

CREATE TABLE ballast.pool_sample (
  vcenter_id bigint NOT NULL,
  scan_id bigint NOT NULL,
  pool_id bigint NOT NULL,
  parent_id bigint,
  reservation_kib bigint,
  limit_kib bigint,
  usage_kib bigint,
  PRIMARY KEY (vcenter_id, scan_id, pool_id)
) PARTITION BY RANGE (scan_id);

CREATE TABLE ballast.vm_state (
  id bigint NOT NULL,
  vcenter_id bigint NOT NULL,
  host_id bigint,
  pool_id bigint,
  power text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL,
  tools text COLLATE "C" NOT NULL,
  guest_ready bigint,
  guest_family text COLLATE "C" NOT NULL,
  guest_os text COLLATE "C" NOT NULL,
  configured_kib bigint,
  reservation_kib bigint,
  limit_kib bigint,
  PRIMARY KEY (vcenter_id, id),
  FOREIGN KEY (vcenter_id, host_id) REFERENCES ballast.host (vcenter_id, id),
  FOREIGN KEY (vcenter_id, pool_id) REFERENCES ballast.pool (vcenter_id, id)
);

CREATE TABLE ballast.guest_state (
  id bigint NOT NULL,
  vcenter_id bigint NOT NULL,
  kernel text COLLATE "C" NOT NULL,
  boot_id text COLLATE "C" NOT NULL,
  era text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  cpus bigint,
  mem_total_kib bigint NOT NULL,
  counter_error_kib bigint NOT NULL,
  unread_fixed_kib bigint NOT NULL,
  missing text COLLATE "C" NOT NULL,
  PRIMARY KEY (vcenter_id, id)
);

CREATE TABLE ballast.vm (
  id bigint NOT NULL,
  vcenter_id bigint NOT NULL,
  instance_uuid text COLLATE "C" NOT NULL,
  bios_uuid text COLLATE "C" NOT NULL,
  moref text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (vcenter_id, id),
  UNIQUE (vcenter_id, seq),
  FOREIGN KEY (vcenter_id) REFERENCES ballast.vcenter (id)
);
CREATE UNIQUE INDEX vm_by_uuid ON ballast.vm (vcenter_id, instance_uuid) WHERE instance_uuid <> '';
CREATE INDEX vm_by_moref ON ballast.vm (vcenter_id, moref);

CREATE TABLE ballast.outcome (
  id bigint NOT NULL,
  vcenter_id bigint NOT NULL,
  verdict text COLLATE "C" NOT NULL,
  proof text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  detail text COLLATE "C" NOT NULL,
  PRIMARY KEY (vcenter_id, id)
);

CREATE TABLE ballast.sample (
  vcenter_id bigint NOT NULL,
  scan_id bigint NOT NULL,
  vm_id bigint NOT NULL,
  vm_state_id bigint NOT NULL,
  outcome_id bigint NOT NULL,
  polled_after_ms bigint NOT NULL,
  balloon_kib bigint,
  consumed_kib bigint,
  active_kib bigint,
  uptime_s bigint,
  overhead_kib bigint,
  granted_kib bigint,
  private_kib bigint,
  shared_kib bigint,
  swapped_kib bigint,
  compressed_kib bigint,
  entitled_kib bigint,
  PRIMARY KEY (vcenter_id, scan_id, vm_id)
) PARTITION BY RANGE (scan_id);

CREATE TABLE ballast.guest_sample (
  vcenter_id bigint NOT NULL,
  scan_id bigint NOT NULL,
  vm_id bigint NOT NULL,
  guest_state_id bigint NOT NULL,
  read_after_ms bigint NOT NULL,
  unaccounted_kib bigint NOT NULL,
  driver_kib bigint,
  vmstat_kib bigint,
  lower_bound_kib bigint,
  free_kib bigint,
  pcp_kib bigint,
  anon_lru_kib bigint,
  file_lru_kib bigint,
  unevictable_kib bigint,
  isolated_kib bigint,
  slab_kib bigint,
  kernel_reclaimable_kib bigint,
  kernel_stack_kib bigint,
  vmalloc_kib bigint,
  page_tables_kib bigint,
  upper_page_tables_kib bigint,
  sec_page_tables_kib bigint,
  percpu_kib bigint,
  memmap_kib bigint,
  bounce_kib bigint,
  writeback_tmp_kib bigint,
  hardware_corrupted_kib bigint,
  gpu_active_kib bigint,
  gpu_reclaim_kib bigint,
  hugetlb_kib bigint,
  zsmalloc_kib bigint,
  zram_kib bigint,
  zswap_kib bigint,
  baseline_kib bigint NOT NULL,
  baseline_spread_kib bigint NOT NULL,
  baseline_samples bigint NOT NULL,
  reference_kib bigint NOT NULL,
  difference_kib bigint NOT NULL,
  tolerance_counters_kib bigint,
  tolerance_baseline_kib bigint,
  tolerance_unread_kib bigint,
  tolerance_estimate_kib bigint,
  tolerance_reading_kib bigint,
  tolerance_host_rounding_kib bigint,
  tolerance_skew_kib bigint,
  bracket_low_kib bigint,
  bracket_high_kib bigint,
  bracket_target_kib bigint,
  alloc_stalls bigint,
  direct_scanned_kib bigint,
  direct_reclaimed_kib bigint,
  swapped_in_kib bigint,
  swapped_out_kib bigint,
  refaulted_kib bigint,
  oom_kills bigint,
  psi_some_avg10_centi bigint,
  psi_full_avg10_centi bigint,
  psi_some_total_us bigint,
  psi_full_total_us bigint,
  suspects integer NOT NULL,
  trends integer NOT NULL,
  PRIMARY KEY (vcenter_id, scan_id, vm_id)
) PARTITION BY RANGE (scan_id);

CREATE TABLE ballast.suspect (
  vcenter_id bigint NOT NULL,
  scan_id bigint NOT NULL,
  vm_id bigint NOT NULL,
  place smallint NOT NULL,
  consumer text COLLATE "C" NOT NULL,
  size_kib bigint,
  PRIMARY KEY (vcenter_id, scan_id, vm_id, place)
) PARTITION BY RANGE (scan_id);

CREATE TABLE ballast.trend (
  vcenter_id bigint NOT NULL,
  scan_id bigint NOT NULL,
  vm_id bigint NOT NULL,
  slope_e4 bigint,
  slope_low_e4 bigint,
  slope_high_e4 bigint,
  balloon_levels bigint,
  balloon_changes bigint,
  balloon_range_kib bigint,
  slope_since_ms bigint,
  leak_kib_per_day bigint,
  leak_low_kib_per_day bigint,
  leak_high_kib_per_day bigint,
  leak_since_ms bigint,
  PRIMARY KEY (vcenter_id, scan_id, vm_id)
) PARTITION BY RANGE (scan_id);

CREATE TABLE ballast.rollup (
  vcenter_id bigint NOT NULL,
  period text COLLATE "C" NOT NULL CHECK (period IN ('hour', 'day')),
  start_ms bigint NOT NULL,
  vms integer NOT NULL,
  final smallint NOT NULL CHECK (final IN (0, 1)),
  PRIMARY KEY (vcenter_id, period, start_ms),
  FOREIGN KEY (vcenter_id) REFERENCES ballast.vcenter (id)
);

CREATE TABLE ballast.vm_hour (
  vcenter_id bigint NOT NULL,
  start_ms bigint NOT NULL,
  vm_id bigint NOT NULL,
  vm_state_id bigint NOT NULL,
  samples integer NOT NULL,
  guests_read integer NOT NULL,
  excess_samples integer NOT NULL,
  leak_only_samples integer NOT NULL,
  difference_mean_kib bigint,
  leak_kib_per_day bigint,
  balloon_min_kib bigint,
  balloon_mean_kib bigint,
  balloon_p95_kib bigint,
  balloon_max_kib bigint,
  unaccounted_min_kib bigint,
  unaccounted_mean_kib bigint,
  unaccounted_p95_kib bigint,
  unaccounted_max_kib bigint,
  consumed_min_kib bigint,
  consumed_mean_kib bigint,
  consumed_p95_kib bigint,
  consumed_max_kib bigint,
  active_min_kib bigint,
  active_mean_kib bigint,
  active_p95_kib bigint,
  active_max_kib bigint,
  swapped_min_kib bigint,
  swapped_mean_kib bigint,
  swapped_p95_kib bigint,
  swapped_max_kib bigint,
  PRIMARY KEY (vcenter_id, start_ms, vm_id)
) PARTITION BY RANGE (start_ms);

CREATE TABLE ballast.vm_day (
  vcenter_id bigint NOT NULL,
  start_ms bigint NOT NULL,
  vm_id bigint NOT NULL,
  vm_state_id bigint NOT NULL,
  samples integer NOT NULL,
  guests_read integer NOT NULL,
  excess_samples integer NOT NULL,
  leak_only_samples integer NOT NULL,
  difference_mean_kib bigint,
  leak_kib_per_day bigint,
  balloon_min_kib bigint,
  balloon_mean_kib bigint,
  balloon_p95_kib bigint,
  balloon_max_kib bigint,
  unaccounted_min_kib bigint,
  unaccounted_mean_kib bigint,
  unaccounted_p95_kib bigint,
  unaccounted_max_kib bigint,
  consumed_min_kib bigint,
  consumed_mean_kib bigint,
  consumed_p95_kib bigint,
  consumed_max_kib bigint,
  active_min_kib bigint,
  active_mean_kib bigint,
  active_p95_kib bigint,
  active_max_kib bigint,
  swapped_min_kib bigint,
  swapped_mean_kib bigint,
  swapped_p95_kib bigint,
  swapped_max_kib bigint,
  PRIMARY KEY (vcenter_id, start_ms, vm_id)
) PARTITION BY RANGE (start_ms);

CREATE TABLE ballast.host_hour (
  vcenter_id bigint NOT NULL,
  start_ms bigint NOT NULL,
  host_id bigint NOT NULL,
  samples integer NOT NULL,
  memory_kib bigint,
  configured_kib bigint,
  consumed_kib bigint,
  active_kib bigint,
  balloon_kib bigint,
  swapped_kib bigint,
  vms_on integer,
  vms integer,
  PRIMARY KEY (vcenter_id, start_ms, host_id)
) PARTITION BY RANGE (start_ms);

CREATE TABLE ballast.guest_setback (
  vm_id bigint NOT NULL,
  vcenter_id bigint NOT NULL,
  reason text COLLATE "C" NOT NULL,
  failures bigint NOT NULL,
  last_try_ms bigint NOT NULL,
  next_try_ms bigint NOT NULL,
  username text COLLATE "C" NOT NULL,
  instance_uuid text COLLATE "C" NOT NULL,  -- of the VM, as it may not be known here yet
  moref text COLLATE "C" NOT NULL,
  PRIMARY KEY (vcenter_id, vm_id)
);

CREATE TABLE ballast.login_setback (
  vcenter_id bigint NOT NULL,
  username text COLLATE "C" NOT NULL,
  failures bigint NOT NULL,
  last_try_ms bigint NOT NULL,
  next_try_ms bigint NOT NULL,
  PRIMARY KEY (vcenter_id, username)
);

-- What the hub is: one row. What is older than so many days is dropped by ballast.drop_expired().
CREATE TABLE ballast.hub (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  schema_version integer NOT NULL,
  raw_days integer NOT NULL DEFAULT 30,
  hourly_days integer NOT NULL DEFAULT 180,
  daily_days integer NOT NULL DEFAULT 1825
);

-- Which collector scans which vCenter, known by its URL. Kept by ballast.take_turn(); expired where
-- expires_at has passed. The epoch rises whenever it goes to a holder anew.
CREATE TABLE ballast.lease (
  vcenter_key text COLLATE "C" PRIMARY KEY,
  holder text COLLATE "C" NOT NULL DEFAULT '',
  epoch bigint NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL DEFAULT '-infinity'
);

-- When each epoch began: an upload from before is accepted if its scan ended before.
CREATE TABLE ballast.lease_epoch (
  vcenter_key text COLLATE "C" NOT NULL,
  epoch bigint NOT NULL,
  holder text COLLATE "C" NOT NULL,
  taken_at timestamptz NOT NULL,
  PRIMARY KEY (vcenter_key, epoch)
);

-- Which collectors live, and which vCenters each could scan.
CREATE TABLE ballast.wish (
  vcenter_key text COLLATE "C" NOT NULL,
  holder text COLLATE "C" NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (vcenter_key, holder)
);
