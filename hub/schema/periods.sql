-- Hours and days: taken back, and built of the samples that are here.

-- Removes an hour or day that is to be built again. Not one whose samples are gone.
CREATE OR REPLACE FUNCTION ballast.forget_period(p_vcenter_id bigint, p_period text, p_start_ms bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_period NOT IN ('hour', 'day') THEN RAISE EXCEPTION 'no such period' USING ERRCODE = '22023'; END IF;
  IF EXISTS (SELECT 1 FROM ballast.rollup WHERE vcenter_id = p_vcenter_id AND period = p_period
             AND start_ms = p_start_ms AND final = 1) THEN RETURN; END IF;
  DELETE FROM ballast.rollup WHERE vcenter_id = p_vcenter_id AND period = p_period AND start_ms = p_start_ms;
  IF p_period = 'day' THEN
    DELETE FROM ballast.vm_day WHERE vcenter_id = p_vcenter_id AND start_ms = p_start_ms;
  ELSE
    DELETE FROM ballast.vm_hour WHERE vcenter_id = p_vcenter_id AND start_ms = p_start_ms;
    DELETE FROM ballast.host_hour WHERE vcenter_id = p_vcenter_id AND start_ms = p_start_ms;
  END IF;
END $$;

-- A mean as the collectors round it: halves away from zero.
CREATE OR REPLACE FUNCTION ballast.rounded_mean(p_sum numeric, p_count bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN p_count > 0 THEN div(p_sum + sign(p_sum) * (p_count / 2), p_count)::bigint END
$$;

-- Builds an hour or day from the samples that are here, of whichever collectors: the same rows as a
-- collector that had made all those scans (storage/rollup/period_builder.cc). Returns how many VMs it has.
-- Its parts are there: make_period_partitions() makes them.
CREATE OR REPLACE FUNCTION ballast.build_period(p_vcenter_id bigint, p_period text, p_start_ms bigint)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  end_ms CONSTANT bigint := p_start_ms + CASE p_period WHEN 'hour' THEN 3600000 ELSE 86400000 END;
  first bigint;
  last bigint;
  vms integer;
BEGIN
  IF p_period NOT IN ('hour', 'day') THEN RAISE EXCEPTION 'no such period' USING ERRCODE = '22023'; END IF;
  SELECT min(id), max(id) INTO first, last FROM ballast.scan WHERE vcenter_id = p_vcenter_id
    AND status <> 'failed' AND started_ms >= p_start_ms AND started_ms < end_ms;
  IF first IS NULL OR EXISTS (SELECT 1 FROM ballast.rollup WHERE vcenter_id = p_vcenter_id AND period = p_period
      AND start_ms = p_start_ms AND final = 1) THEN RETURN 0; END IF;
  PERFORM ballast.forget_period(p_vcenter_id, p_period, p_start_ms);
  EXECUTE format($query$
INSERT INTO ballast.%I (vcenter_id, start_ms, vm_id, vm_state_id, samples, guests_read, excess_samples, leak_only_samples, difference_mean_kib, leak_kib_per_day, balloon_min_kib, balloon_mean_kib, balloon_p95_kib, balloon_max_kib, unaccounted_min_kib, unaccounted_mean_kib, unaccounted_p95_kib, unaccounted_max_kib, consumed_min_kib, consumed_mean_kib, consumed_p95_kib, consumed_max_kib, active_min_kib, active_mean_kib, active_p95_kib, active_max_kib, swapped_min_kib, swapped_mean_kib, swapped_p95_kib, swapped_max_kib)
WITH told AS (
  SELECT sample.vm_id, vm_state_id, started_ms, sample.scan_id, balloon_kib, unaccounted_kib, consumed_kib, active_kib,
    swapped_kib, guest.vm_id IS NOT NULL AS is_read, difference_kib, verdict = 'excess' AS is_excess, leak_kib_per_day,
    verdict = 'excess' AND leak_kib_per_day IS NOT NULL AND coalesce(difference_kib, 0) <=
      coalesce(tolerance_counters_kib, 0) + coalesce(tolerance_baseline_kib, 0) + coalesce(tolerance_unread_kib, 0)
      + coalesce(tolerance_estimate_kib, 0) + coalesce(tolerance_reading_kib, 0)
      + coalesce(tolerance_host_rounding_kib, 0) + coalesce(tolerance_skew_kib, 0) AS is_leak_only
  FROM ballast.scan JOIN ballast.sample ON sample.vcenter_id = scan.vcenter_id AND sample.scan_id = scan.id
  JOIN ballast.outcome ON outcome.vcenter_id = sample.vcenter_id AND outcome.id = outcome_id
  LEFT JOIN ballast.guest_sample AS guest ON guest.vcenter_id = sample.vcenter_id AND guest.scan_id = sample.scan_id
    AND guest.vm_id = sample.vm_id AND guest.scan_id BETWEEN $5 AND $6
  LEFT JOIN ballast.trend ON trend.vcenter_id = sample.vcenter_id AND trend.scan_id = sample.scan_id
    AND trend.vm_id = sample.vm_id AND trend.scan_id BETWEEN $5 AND $6
  WHERE scan.vcenter_id = $1 AND sample.vcenter_id = $1 AND status <> 'failed' AND started_ms >= $2 AND started_ms < $3
    AND sample.scan_id BETWEEN $5 AND $6)
SELECT $1, $2, vm_id, (array_agg(vm_state_id ORDER BY started_ms DESC, scan_id DESC))[1],
    count(*), count(*) FILTER (WHERE is_read), count(*) FILTER (WHERE is_excess), count(*) FILTER (WHERE is_leak_only),
    ballast.rounded_mean(sum(difference_kib) FILTER (WHERE is_read), count(*) FILTER (WHERE is_read)),
    (array_agg(leak_kib_per_day ORDER BY started_ms DESC, scan_id DESC) FILTER (WHERE leak_kib_per_day IS NOT NULL))[1],
    min(balloon_kib), ballast.rounded_mean(sum(balloon_kib), count(balloon_kib)),
    (array_agg(balloon_kib ORDER BY balloon_kib) FILTER (WHERE balloon_kib IS NOT NULL))[(95 * count(balloon_kib) + 99) / 100], max(balloon_kib),
    min(unaccounted_kib), ballast.rounded_mean(sum(unaccounted_kib), count(unaccounted_kib)),
    (array_agg(unaccounted_kib ORDER BY unaccounted_kib) FILTER (WHERE unaccounted_kib IS NOT NULL))[(95 * count(unaccounted_kib) + 99) / 100], max(unaccounted_kib),
    min(consumed_kib), ballast.rounded_mean(sum(consumed_kib), count(consumed_kib)),
    (array_agg(consumed_kib ORDER BY consumed_kib) FILTER (WHERE consumed_kib IS NOT NULL))[(95 * count(consumed_kib) + 99) / 100], max(consumed_kib),
    min(active_kib), ballast.rounded_mean(sum(active_kib), count(active_kib)),
    (array_agg(active_kib ORDER BY active_kib) FILTER (WHERE active_kib IS NOT NULL))[(95 * count(active_kib) + 99) / 100], max(active_kib),
    min(swapped_kib), ballast.rounded_mean(sum(swapped_kib), count(swapped_kib)),
    (array_agg(swapped_kib ORDER BY swapped_kib) FILTER (WHERE swapped_kib IS NOT NULL))[(95 * count(swapped_kib) + 99) / 100], max(swapped_kib)
FROM told GROUP BY vm_id $query$, 'vm_' || p_period)
    USING p_vcenter_id, p_start_ms, end_ms, p_period, first, last;
  GET DIAGNOSTICS vms = ROW_COUNT;
  IF p_period = 'hour' THEN PERFORM ballast.build_host_hours(p_vcenter_id, p_start_ms, end_ms, first, last); END IF;
  INSERT INTO ballast.rollup VALUES (p_vcenter_id, p_period, p_start_ms, vms, 0);
  RETURN vms;
END $$;

-- The hosts' part of it: scans of the whole vCenter alone count. Where no VM is on a sum is 0; where VMs are
-- on and none told it, it is not known.
CREATE OR REPLACE FUNCTION ballast.build_host_hours(p_vcenter_id bigint, p_start_ms bigint, p_end_ms bigint,
  p_first bigint, p_last bigint)
RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
INSERT INTO ballast.host_hour (vcenter_id, start_ms, host_id, samples, memory_kib, configured_kib, consumed_kib,
  active_kib, balloon_kib, swapped_kib, vms_on, vms)
WITH whole AS (
  SELECT id FROM ballast.scan WHERE vcenter_id = p_vcenter_id AND status <> 'failed' AND limited_to = ''
    AND started_ms >= p_start_ms AND started_ms < p_end_ms),
of_hosts AS (
  SELECT host_id, scan_id, memory_kib FROM ballast.host_sample
  WHERE vcenter_id = p_vcenter_id AND scan_id BETWEEN p_first AND p_last AND scan_id IN (SELECT id FROM whole)),
of_vms AS (
  SELECT host_id, scan_id, power = 'on' AS is_on, configured_kib, consumed_kib, active_kib, balloon_kib, swapped_kib
  FROM ballast.sample JOIN ballast.vm_state ON vm_state.vcenter_id = p_vcenter_id AND vm_state.id = vm_state_id
  WHERE sample.vcenter_id = p_vcenter_id AND scan_id BETWEEN p_first AND p_last
    AND scan_id IN (SELECT id FROM whole) AND host_id IS NOT NULL),
seen AS (
  SELECT host_id, count(DISTINCT scan_id) AS samples
  FROM (SELECT host_id, scan_id FROM of_hosts UNION ALL SELECT host_id, scan_id FROM of_vms) AS either GROUP BY host_id),
memory AS (SELECT host_id, ballast.rounded_mean(sum(memory_kib), count(memory_kib)) AS kib FROM of_hosts GROUP BY host_id),
sums AS (
  SELECT host_id, count(*) AS vms, count(*) FILTER (WHERE is_on) AS vms_on,
    sum(configured_kib) FILTER (WHERE is_on) AS configured, sum(consumed_kib) FILTER (WHERE is_on) AS consumed,
    sum(active_kib) FILTER (WHERE is_on) AS active, sum(balloon_kib) FILTER (WHERE is_on) AS balloon,
    sum(swapped_kib) FILTER (WHERE is_on) AS swapped
  FROM of_vms GROUP BY host_id),
known AS (
  SELECT host_id, samples, kib, coalesce(vms, 0) AS vms, coalesce(vms_on, 0) AS vms_on,
    CASE WHEN coalesce(vms_on, 0) = 0 THEN 0 END AS nothing, configured, consumed, active, balloon, swapped
  FROM seen LEFT JOIN memory USING (host_id) LEFT JOIN sums USING (host_id))
SELECT p_vcenter_id, p_start_ms, host_id, samples, kib, ballast.rounded_mean(coalesce(configured, nothing), samples),
  ballast.rounded_mean(coalesce(consumed, nothing), samples), ballast.rounded_mean(coalesce(active, nothing), samples),
  ballast.rounded_mean(coalesce(balloon, nothing), samples), ballast.rounded_mean(coalesce(swapped, nothing), samples),
  ballast.rounded_mean(vms_on, samples), ballast.rounded_mean(vms, samples)
FROM known
$$;

-- Returns the hours and days that are over (a scan began after them) and not built, oldest first.
CREATE OR REPLACE FUNCTION ballast.unbuilt_periods(p_vcenter_id bigint)
RETURNS TABLE (kind text, first_ms bigint) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH usable AS (SELECT id, started_ms FROM ballast.scan WHERE vcenter_id = p_vcenter_id AND status <> 'failed'),
  newest AS (SELECT started_ms AS newest_ms FROM usable ORDER BY id DESC LIMIT 1),
  length (word, ms) AS (VALUES ('hour', 3600000), ('day', 86400000))
  SELECT DISTINCT word, started_ms / ms * ms FROM usable, newest, length
  WHERE started_ms < newest_ms / ms * ms AND NOT EXISTS (SELECT 1 FROM ballast.rollup
    WHERE vcenter_id = p_vcenter_id AND period = word AND start_ms = started_ms / ms * ms)
  ORDER BY 2, 1
$$;
