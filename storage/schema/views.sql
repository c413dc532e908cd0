-- Views for people and their tools; ballast itself reads the tables. docs/SCHEMA.md shows what to ask them.
--
-- Columns are named as in docs/CSV.md. NULL means "not told", "not read" or "does not apply"; so `limit_kib` is NULL where there is no limit,
-- which in the tables is -1. Names and places are the latest known, everything else is as it was then. A time is there twice: `…_ms`, by which
-- to compare, and `…_utc`, to be read. SQLite and PostgreSQL take the same text; PostgreSQL has to have a function
-- datetime(seconds, 'unixepoch') before.
--
-- What belongs to one row by its key is joined by LEFT JOIN, so that a table of which no column is wanted is not read. A `+` before a column
-- keeps SQLite from going the other way, from every sample there is to its scan.

-- Scans that readers count: those that run are half written, failed ones are empty.
CREATE VIEW usable_scan AS SELECT * FROM scan WHERE status IN ('complete', 'partial');

-- The newest usable scan of each vCenter. A name may have stood for several vCenters (its URL was changed): the newest scan counts.
CREATE VIEW newest_scan AS
WITH newest AS (
  SELECT scan.* FROM vcenter
  JOIN scan ON scan.id = (SELECT max(usable_scan.id) FROM usable_scan WHERE usable_scan.vcenter_id = vcenter.id)
)
SELECT * FROM newest WHERE id IN (SELECT max(id) FROM newest GROUP BY vcenter_name);

-- A VM in a usable scan: what vCenter said, what its guest said, and the verdict.
CREATE VIEW guest_history AS
SELECT
  vcenter.name                                                                 AS vcenter,
  host.datacenter                                                              AS datacenter,
  host.cluster                                                                 AS cluster,
  host.name                                                                    AS host,
  pool.name                                                                    AS pool,
  vm.name                                                                      AS name,
  vm.moref                                                                     AS moref,
  vm.instance_uuid                                                             AS instance_uuid,
  scan.started_ms                                                              AS scan_started_ms,
  datetime(scan.started_ms / 1000, 'unixepoch')                                AS scan_started_utc,
  scan.started_ms + sample.polled_after_ms                                     AS polled_at_ms,
  datetime((scan.started_ms + sample.polled_after_ms) / 1000, 'unixepoch')     AS polled_at_utc,
  vm_state.power                                                               AS power,
  vm_state.connection                                                          AS connection,
  vm_state.tools                                                               AS tools,
  vm_state.guest_family                                                        AS guest_family,
  vm_state.guest_os                                                            AS guest_os,
  vm_state.configured_kib                                                      AS configured_kib,
  CASE WHEN vm_state.limit_kib >= 0 THEN vm_state.limit_kib END                AS limit_kib,
  vm_state.reservation_kib                                                     AS reservation_kib,
  -- The verdict (docs/VERDICTS.md).
  outcome.verdict                                                              AS verdict,
  outcome.proof                                                                AS proof,
  outcome.reason                                                               AS reason,
  outcome.detail                                                               AS detail,
  -- What vCenter says of the balloon, then the size to show: the one that the verdict is about, else vCenter's.
  sample.balloon_kib                                                           AS balloon_kib,
  CASE
    WHEN guest_sample.vm_id IS NULL OR outcome.reason = 'balloon_figure_unset' THEN sample.balloon_kib
    ELSE guest_sample.unaccounted_kib - guest_sample.baseline_kib - guest_sample.difference_kib
  END                                                                          AS shown_balloon_kib,
  guest_sample.driver_kib                                                      AS driver_kib,
  guest_sample.vmstat_kib                                                      AS vmstat_kib,
  guest_sample.unaccounted_kib                                                 AS unaccounted_kib,
  guest_sample.baseline_kib                                                    AS baseline_kib,
  guest_sample.baseline_samples                                                AS baseline_samples,
  CASE WHEN outcome.reason <> 'balloon_figure_unset' THEN guest_sample.difference_kib END AS difference_kib,
  CASE WHEN guest_sample.vm_id IS NOT NULL THEN
    coalesce(guest_sample.tolerance_counters_kib, 0) + coalesce(guest_sample.tolerance_baseline_kib, 0) +
    coalesce(guest_sample.tolerance_unread_kib, 0) + coalesce(guest_sample.tolerance_estimate_kib, 0) +
    coalesce(guest_sample.tolerance_reading_kib, 0) + coalesce(guest_sample.tolerance_host_rounding_kib, 0) +
    coalesce(guest_sample.tolerance_skew_kib, 0)
  END                                                                          AS tolerance_kib,
  trend.slope_e4 / 10000.0                                                     AS lockstep_slope,
  trend.slope_low_e4 / 10000.0                                                 AS lockstep_low,
  trend.slope_high_e4 / 10000.0                                                AS lockstep_high,
  trend.leak_kib_per_day                                                       AS leak_kib_per_day,
  trend.leak_low_kib_per_day                                                   AS leak_low_kib_per_day,
  trend.leak_high_kib_per_day                                                  AS leak_high_kib_per_day,
  trend.leak_since_ms                                                          AS leak_since_ms,
  -- The VM, as vCenter sees it.
  sample.consumed_kib                                                          AS consumed_kib,
  sample.active_kib                                                            AS active_kib,
  sample.granted_kib                                                           AS granted_kib,
  sample.private_kib                                                           AS private_kib,
  sample.shared_kib                                                            AS shared_kib,
  sample.swapped_kib                                                           AS swapped_kib,
  sample.compressed_kib                                                        AS compressed_kib,
  sample.overhead_kib                                                          AS overhead_kib,
  sample.entitled_kib                                                          AS entitled_kib,
  sample.uptime_s                                                              AS uptime_s,
  -- Its guest, where it was read.
  scan.started_ms + guest_sample.read_after_ms                                 AS read_at_ms,
  datetime((scan.started_ms + guest_sample.read_after_ms) / 1000, 'unixepoch') AS read_at_utc,
  guest_state.channel                                                          AS channel,
  guest_state.kernel                                                           AS kernel,
  guest_state.boot_id                                                          AS boot_id,
  guest_state.cpus                                                             AS cpus,
  guest_state.mem_total_kib                                                    AS mem_total_kib,
  -- How hard its kernel had to work for memory, since its boot.
  guest_sample.alloc_stalls                                                    AS alloc_stalls,
  guest_sample.direct_scanned_kib                                              AS direct_scanned_kib,
  guest_sample.direct_reclaimed_kib                                            AS direct_reclaimed_kib,
  guest_sample.swapped_in_kib                                                  AS swapped_in_kib,
  guest_sample.swapped_out_kib                                                 AS swapped_out_kib,
  guest_sample.refaulted_kib                                                   AS refaulted_kib,
  guest_sample.oom_kills                                                       AS oom_kills,
  guest_sample.psi_some_avg10_centi / 100.0                                    AS stalled_some_percent,
  guest_sample.psi_full_avg10_centi / 100.0                                    AS stalled_full_percent,
  -- The keys, for joins.
  scan.vcenter_id                                                              AS vcenter_id,
  scan.id                                                                      AS scan_id,
  sample.vm_id                                                                 AS vm_id,
  vm_state.host_id                                                             AS host_id,
  vm_state.pool_id                                                             AS pool_id
FROM usable_scan AS scan
JOIN sample            ON sample.vcenter_id = +scan.vcenter_id AND sample.scan_id = +scan.id
JOIN vm                ON vm.id = sample.vm_id
LEFT JOIN vcenter      ON vcenter.id = scan.vcenter_id
LEFT JOIN vm_state     ON vm_state.id = sample.vm_state_id
LEFT JOIN host         ON host.id = vm_state.host_id
LEFT JOIN pool         ON pool.id = vm_state.pool_id
LEFT JOIN outcome      ON outcome.id = sample.outcome_id
LEFT JOIN guest_sample ON guest_sample.vcenter_id = sample.vcenter_id AND guest_sample.scan_id = sample.scan_id
                      AND guest_sample.vm_id = sample.vm_id
LEFT JOIN guest_state  ON guest_state.id = guest_sample.guest_state_id
LEFT JOIN trend        ON trend.vcenter_id = sample.vcenter_id AND trend.scan_id = sample.scan_id AND trend.vm_id = sample.vm_id;

-- Each VM once, as its last reading says: as `ballast report --all` has it. A scan that was cut short, or limited to a part of its vCenter,
-- does not tell that the VMs which it does not have are gone: they are as the usable scans before it have them, back to one that tells of
-- all, at most 7 days.
CREATE VIEW guest_now AS
WITH recent AS (
  SELECT
    scan.id, scan.vcenter_id, newest.id AS newest_id, newest.started_ms - scan.started_ms AS older_by_ms,
    -- Of scans before these two, nobody's last reading is: the last that tells of all, and the last that tells all of the same part.
    max(CASE WHEN scan.limited_to = '' AND (scan.status = 'complete' OR scan.error = '') THEN scan.id END)
      OVER (PARTITION BY scan.vcenter_id)                  AS whole_id,
    max(CASE WHEN scan.status = 'complete' OR scan.error = '' THEN scan.id END)
      OVER (PARTITION BY scan.vcenter_id, scan.limited_to) AS same_part_id
  FROM newest_scan AS newest
  JOIN usable_scan AS scan ON scan.vcenter_id = newest.vcenter_id AND scan.id <= newest.id
                          AND scan.started_ms >= newest.started_ms - 7 * 86400000
),
telling AS (
  SELECT id, vcenter_id, newest_id, older_by_ms FROM recent WHERE id >= coalesce(whole_id, 0) AND id >= coalesce(same_part_id, 0)
)
SELECT
  guest.*,
  -- How much older its scan is than the newest of its vCenter; and 1 if it is not of that one.
  telling.older_by_ms                                        AS older_by_ms,
  CASE WHEN telling.id < telling.newest_id THEN 1 ELSE 0 END AS is_earlier
FROM telling
JOIN guest_history AS guest ON guest.vcenter_id = telling.vcenter_id AND guest.scan_id = telling.id
WHERE telling.id = telling.newest_id OR NOT EXISTS (
  SELECT 1 FROM telling                                      AS later
  JOIN sample ON sample.vcenter_id = later.vcenter_id AND sample.scan_id = later.id
  WHERE later.vcenter_id = telling.vcenter_id AND later.id > telling.id AND sample.vm_id = guest.vm_id);

-- A vCenter as it is now: the sums over guest_now that `ballast report` tells.
CREATE VIEW fleet_now AS
WITH guests AS (
  SELECT
    vcenter_id,
    count(*)                                                      AS vms,
    sum(is_earlier)                                               AS vms_earlier,
    sum(configured_kib)                                           AS configured_kib,
    sum(consumed_kib)                                             AS consumed_kib,
    sum(swapped_kib)                                              AS swapped_kib,
    count(read_at_ms)                                             AS guests_read,
    count(CASE WHEN shown_balloon_kib > 0 THEN 1 END)             AS ballooned,
    sum(shown_balloon_kib)                                        AS balloon_kib,
    count(CASE WHEN verdict = 'balloon' THEN 1 END)               AS balloon_guests,
    count(CASE WHEN verdict = 'excess' THEN 1 END)                AS excess_guests,
    count(CASE WHEN verdict = 'hidden' THEN 1 END)                AS hidden_guests,
    count(CASE WHEN verdict = 'clean' THEN 1 END)                 AS clean_guests,
    count(CASE WHEN verdict = 'unknown' THEN 1 END)               AS unknown_guests,
    sum(CASE WHEN verdict = 'balloon' THEN shown_balloon_kib END) AS balloon_balloon_kib,
    sum(CASE WHEN verdict = 'excess' THEN shown_balloon_kib END)  AS excess_balloon_kib,
    sum(CASE WHEN verdict = 'hidden' THEN shown_balloon_kib END)  AS hidden_balloon_kib,
    sum(CASE WHEN verdict = 'clean' THEN shown_balloon_kib END)   AS clean_balloon_kib,
    sum(CASE WHEN verdict = 'unknown' THEN shown_balloon_kib END) AS unknown_balloon_kib,
    sum(CASE WHEN verdict = 'excess' AND NOT (leak_kib_per_day IS NOT NULL AND difference_kib <= tolerance_kib)
             THEN difference_kib END) AS excess_kib,
    count(leak_kib_per_day)                                       AS leaking,
    sum(leak_kib_per_day)                                         AS leak_kib_per_day
  FROM guest_now
  GROUP BY vcenter_id
)
SELECT
  vcenter.name                                    AS vcenter,
  newest.id                                       AS scan_id,
  newest.started_ms                               AS scan_started_ms,
  datetime(newest.started_ms / 1000, 'unixepoch') AS scan_started_utc,
  newest.status                                   AS status,
  newest.error                                    AS error,
  newest.limited_to                               AS limited_to,
  (SELECT count(*) FROM scan AS failed WHERE failed.vcenter_id = newest.vcenter_id AND failed.id > newest.id AND
   failed.status = 'failed') AS failed_since,
  coalesce(guests.vms, 0)                         AS vms,
  coalesce(guests.vms_earlier, 0)                 AS vms_earlier,
  coalesce(guests.configured_kib, 0)              AS configured_kib,
  coalesce(guests.consumed_kib, 0)                AS consumed_kib,
  coalesce(guests.swapped_kib, 0)                 AS swapped_kib,
  coalesce(guests.guests_read, 0)                 AS guests_read,
  coalesce(guests.ballooned, 0)                   AS ballooned,
  coalesce(guests.balloon_kib, 0)                 AS balloon_kib,
  -- Guests by verdict, and the balloons of each.
  coalesce(guests.balloon_guests, 0)              AS balloon_guests,
  coalesce(guests.excess_guests, 0)               AS excess_guests,
  coalesce(guests.hidden_guests, 0)               AS hidden_guests,
  coalesce(guests.clean_guests, 0)                AS clean_guests,
  coalesce(guests.unknown_guests, 0)              AS unknown_guests,
  coalesce(guests.balloon_balloon_kib, 0)         AS balloon_balloon_kib,
  coalesce(guests.excess_balloon_kib, 0)          AS excess_balloon_kib,
  coalesce(guests.hidden_balloon_kib, 0)          AS hidden_balloon_kib,
  coalesce(guests.clean_balloon_kib, 0)           AS clean_balloon_kib,
  coalesce(guests.unknown_balloon_kib, 0)         AS unknown_balloon_kib,
  -- What is missing beyond baseline and balloon, where that is more than a leak; and leaks.
  coalesce(guests.excess_kib, 0)                  AS excess_kib,
  coalesce(guests.leaking, 0)                     AS leaking,
  coalesce(guests.leak_kib_per_day, 0)            AS leak_kib_per_day,
  newest.vcenter_id                               AS vcenter_id
FROM newest_scan AS newest
JOIN vcenter     ON vcenter.id = newest.vcenter_id
LEFT JOIN guests ON guests.vcenter_id = newest.vcenter_id;

-- A VM in an hour that is built: how each figure was spread over its samples. Place and sizes are those of the last one.
CREATE VIEW guest_hourly AS
SELECT
  vcenter.name                                                  AS vcenter,
  host.datacenter                                               AS datacenter,
  host.cluster                                                  AS cluster,
  host.name                                                     AS host,
  pool.name                                                     AS pool,
  vm.name                                                       AS name,
  vm.moref                                                      AS moref,
  vm.instance_uuid                                              AS instance_uuid,
  rollup.start_ms                                               AS start_ms,
  datetime(rollup.start_ms / 1000, 'unixepoch')                 AS start_utc,
  vm_state.configured_kib                                       AS configured_kib,
  CASE WHEN vm_state.limit_kib >= 0 THEN vm_state.limit_kib END AS limit_kib,
  vm_state.reservation_kib                                      AS reservation_kib,
  vm_hour.samples                                               AS samples,
  vm_hour.guests_read                                           AS guests_read,
  vm_hour.excess_samples                                        AS excess_samples,
  vm_hour.leak_only_samples                                     AS leak_only_samples,
  vm_hour.difference_mean_kib                                   AS difference_mean_kib,
  vm_hour.leak_kib_per_day                                      AS leak_kib_per_day,
  vm_hour.balloon_min_kib                                       AS balloon_min_kib,
  vm_hour.balloon_mean_kib                                      AS balloon_mean_kib,
  vm_hour.balloon_p95_kib                                       AS balloon_p95_kib,
  vm_hour.balloon_max_kib                                       AS balloon_max_kib,
  vm_hour.unaccounted_min_kib                                   AS unaccounted_min_kib,
  vm_hour.unaccounted_mean_kib                                  AS unaccounted_mean_kib,
  vm_hour.unaccounted_p95_kib                                   AS unaccounted_p95_kib,
  vm_hour.unaccounted_max_kib                                   AS unaccounted_max_kib,
  vm_hour.consumed_min_kib                                      AS consumed_min_kib,
  vm_hour.consumed_mean_kib                                     AS consumed_mean_kib,
  vm_hour.consumed_p95_kib                                      AS consumed_p95_kib,
  vm_hour.consumed_max_kib                                      AS consumed_max_kib,
  vm_hour.active_min_kib                                        AS active_min_kib,
  vm_hour.active_mean_kib                                       AS active_mean_kib,
  vm_hour.active_p95_kib                                        AS active_p95_kib,
  vm_hour.active_max_kib                                        AS active_max_kib,
  vm_hour.swapped_min_kib                                       AS swapped_min_kib,
  vm_hour.swapped_mean_kib                                      AS swapped_mean_kib,
  vm_hour.swapped_p95_kib                                       AS swapped_p95_kib,
  vm_hour.swapped_max_kib                                       AS swapped_max_kib,
  rollup.vcenter_id                                             AS vcenter_id,
  vm_hour.vm_id                                                 AS vm_id,
  vm_state.host_id                                              AS host_id,
  vm_state.pool_id                                              AS pool_id
FROM rollup
JOIN vm_hour       ON vm_hour.vcenter_id = +rollup.vcenter_id AND vm_hour.start_ms = +rollup.start_ms
JOIN vm            ON vm.id = vm_hour.vm_id
LEFT JOIN vcenter  ON vcenter.id = rollup.vcenter_id
LEFT JOIN vm_state ON vm_state.id = vm_hour.vm_state_id
LEFT JOIN host     ON host.id = vm_state.host_id
LEFT JOIN pool     ON pool.id = vm_state.pool_id
WHERE rollup.period = 'hour';

-- The same of a day (UTC).
CREATE VIEW guest_daily AS
SELECT
  vcenter.name                                                  AS vcenter,
  host.datacenter                                               AS datacenter,
  host.cluster                                                  AS cluster,
  host.name                                                     AS host,
  pool.name                                                     AS pool,
  vm.name                                                       AS name,
  vm.moref                                                      AS moref,
  vm.instance_uuid                                              AS instance_uuid,
  rollup.start_ms                                               AS start_ms,
  datetime(rollup.start_ms / 1000, 'unixepoch')                 AS start_utc,
  vm_state.configured_kib                                       AS configured_kib,
  CASE WHEN vm_state.limit_kib >= 0 THEN vm_state.limit_kib END AS limit_kib,
  vm_state.reservation_kib                                      AS reservation_kib,
  vm_day.samples                                                AS samples,
  vm_day.guests_read                                            AS guests_read,
  vm_day.excess_samples                                         AS excess_samples,
  vm_day.leak_only_samples                                      AS leak_only_samples,
  vm_day.difference_mean_kib                                    AS difference_mean_kib,
  vm_day.leak_kib_per_day                                       AS leak_kib_per_day,
  vm_day.balloon_min_kib                                        AS balloon_min_kib,
  vm_day.balloon_mean_kib                                       AS balloon_mean_kib,
  vm_day.balloon_p95_kib                                        AS balloon_p95_kib,
  vm_day.balloon_max_kib                                        AS balloon_max_kib,
  vm_day.unaccounted_min_kib                                    AS unaccounted_min_kib,
  vm_day.unaccounted_mean_kib                                   AS unaccounted_mean_kib,
  vm_day.unaccounted_p95_kib                                    AS unaccounted_p95_kib,
  vm_day.unaccounted_max_kib                                    AS unaccounted_max_kib,
  vm_day.consumed_min_kib                                       AS consumed_min_kib,
  vm_day.consumed_mean_kib                                      AS consumed_mean_kib,
  vm_day.consumed_p95_kib                                       AS consumed_p95_kib,
  vm_day.consumed_max_kib                                       AS consumed_max_kib,
  vm_day.active_min_kib                                         AS active_min_kib,
  vm_day.active_mean_kib                                        AS active_mean_kib,
  vm_day.active_p95_kib                                         AS active_p95_kib,
  vm_day.active_max_kib                                         AS active_max_kib,
  vm_day.swapped_min_kib                                        AS swapped_min_kib,
  vm_day.swapped_mean_kib                                       AS swapped_mean_kib,
  vm_day.swapped_p95_kib                                        AS swapped_p95_kib,
  vm_day.swapped_max_kib                                        AS swapped_max_kib,
  rollup.vcenter_id                                             AS vcenter_id,
  vm_day.vm_id                                                  AS vm_id,
  vm_state.host_id                                              AS host_id,
  vm_state.pool_id                                              AS pool_id
FROM rollup
JOIN vm_day        ON vm_day.vcenter_id = +rollup.vcenter_id AND vm_day.start_ms = +rollup.start_ms
JOIN vm            ON vm.id = vm_day.vm_id
LEFT JOIN vcenter  ON vcenter.id = rollup.vcenter_id
LEFT JOIN vm_state ON vm_state.id = vm_day.vm_state_id
LEFT JOIN host     ON host.id = vm_state.host_id
LEFT JOIN pool     ON pool.id = vm_state.pool_id
WHERE rollup.period = 'day';

-- A host in an hour: means over the scans that saw it, of the sums over its VMs that were on.
CREATE VIEW host_hourly AS
SELECT
  vcenter.name                                  AS vcenter,
  host.datacenter                               AS datacenter,
  host.cluster                                  AS cluster,
  host.name                                     AS host,
  host.moref                                    AS moref,
  rollup.start_ms                               AS start_ms,
  datetime(rollup.start_ms / 1000, 'unixepoch') AS start_utc,
  host_hour.samples                             AS samples,
  host_hour.memory_kib                          AS physical_kib,
  host_hour.configured_kib                      AS configured_kib,
  host_hour.consumed_kib                        AS consumed_kib,
  host_hour.active_kib                          AS active_kib,
  host_hour.balloon_kib                         AS ballooned_kib,
  host_hour.swapped_kib                         AS swapped_kib,
  CASE WHEN host_hour.memory_kib > 0 THEN round(1.0 * host_hour.configured_kib / host_hour.memory_kib, 4) END AS overcommit_ratio,
  host_hour.vms_on                              AS vms_on,
  host_hour.vms                                 AS vms,
  rollup.vcenter_id                             AS vcenter_id,
  host_hour.host_id                             AS host_id
FROM rollup
JOIN host_hour    ON host_hour.vcenter_id = +rollup.vcenter_id AND host_hour.start_ms = +rollup.start_ms
JOIN host         ON host.id = host_hour.host_id
LEFT JOIN vcenter ON vcenter.id = rollup.vcenter_id
WHERE rollup.period = 'hour';
