-- What the role of the writers may do beyond inserting: each of these does one thing, as the owner,
-- and checks what it is asked. They are made anew by every `ballast hub init`.

-- Makes the part of a table for keys from p_from up to p_to, unless it is there. As a table of its own
-- that is attached, which neither readers nor other writers have to wait for.
CREATE OR REPLACE FUNCTION ballast.make_partition(p_table text, p_name text, p_from bigint, p_to bigint)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass(format('ballast.%I', p_name)) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('LOCK TABLE ballast.%I IN SHARE UPDATE EXCLUSIVE MODE', p_table);
  IF to_regclass(format('ballast.%I', p_name)) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE ballast.%I (LIKE ballast.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', p_name, p_table);
  EXECUTE format('ALTER TABLE ballast.%I ATTACH PARTITION ballast.%I FOR VALUES FROM (%s) TO (%s)', p_table, p_name, p_from, p_to);
END $$;

-- Makes the parts for the samples of a scan with this id, a time in seconds. Nobody may have parts made
-- for times that do not come.
CREATE OR REPLACE FUNCTION ballast.make_scan_partitions(p_scan_id bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  day_s CONSTANT bigint := 86400;
  first bigint := p_scan_id - p_scan_id % day_s;
  suffix text := to_char(to_timestamp(first) AT TIME ZONE 'UTC', 'YYYYMMDD');
  parent text;
BEGIN
  IF p_scan_id < 0 OR p_scan_id > extract(epoch FROM now()) + day_s THEN
    RAISE EXCEPTION 'a scan of the future' USING ERRCODE = '22023';
  END IF;
  FOREACH parent IN ARRAY ARRAY['sample', 'guest_sample', 'suspect', 'trend', 'host_sample', 'pool_sample'] LOOP
    PERFORM ballast.make_partition(parent, parent || '_' || suffix, first, first + day_s);
  END LOOP;
END $$;

-- Does the same for the hours (parts of a day) and days (parts of a month) around this time.
CREATE OR REPLACE FUNCTION ballast.make_period_partitions(p_period text, p_start_ms bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  at timestamp := to_timestamp(p_start_ms / 1000) AT TIME ZONE 'UTC';
  unit text := CASE p_period WHEN 'hour' THEN 'day' ELSE 'month' END;
  first timestamp := date_trunc(unit, at);
  from_ms bigint := extract(epoch FROM first) * 1000;
  to_ms bigint := extract(epoch FROM first + ('1 ' || unit)::interval) * 1000;
BEGIN
  IF p_period NOT IN ('hour', 'day') OR p_start_ms < 0 OR p_start_ms > extract(epoch FROM now()) * 1000 THEN
    RAISE EXCEPTION 'no such % has ended', p_period USING ERRCODE = '22023';
  END IF;
  IF p_period = 'day' THEN
    PERFORM ballast.make_partition('vm_day', 'vm_day_' || to_char(first, 'YYYYMM'), from_ms, to_ms);
  ELSE
    PERFORM ballast.make_partition('vm_hour', 'vm_hour_' || to_char(first, 'YYYYMMDD'), from_ms, to_ms);
    PERFORM ballast.make_partition('host_hour', 'host_hour_' || to_char(first, 'YYYYMMDD'), from_ms, to_ms);
  END IF;
END $$;

-- Removes an hour or day that is to be built again. Not one whose samples are gone.
CREATE OR REPLACE FUNCTION ballast.forget_period(p_vcenter_id bigint, p_period text, p_start_ms bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
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

-- Gives a vCenter that was reached at last the failed scans from before, which went by its URL. Not as
-- an update: Citus spreads rows by this column.
CREATE OR REPLACE FUNCTION ballast.adopt_failed_scans(p_url_id bigint, p_vcenter_id bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  one ballast.scan;
BEGIN
  IF p_url_id = p_vcenter_id OR EXISTS (SELECT 1 FROM ballast.vcenter WHERE id = p_url_id)
     OR NOT EXISTS (SELECT 1 FROM ballast.vcenter WHERE id = p_vcenter_id) THEN RETURN; END IF;
  FOR one IN SELECT * FROM ballast.scan WHERE vcenter_id = p_url_id AND status = 'failed' ORDER BY id LOOP
    DELETE FROM ballast.scan WHERE vcenter_id = p_url_id AND uuid = one.uuid;
    one.vcenter_id := p_vcenter_id;
    WHILE EXISTS (SELECT 1 FROM ballast.scan WHERE vcenter_id = p_vcenter_id AND id = one.id) LOOP
      one.id := one.id + 1;
    END LOOP;
    INSERT INTO ballast.scan SELECT one.* ON CONFLICT (vcenter_id, uuid) DO NOTHING;
  END LOOP;
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

-- One turn of a collector, which it takes three times while a lease lasts: it tells which vCenters it
-- could scan (p_keys) and which it is scanning now (p_busy), keeps what it has, gives back what is more
-- than its share if another collector waits for it, and takes what is free up to its share – or beyond
-- it, if nobody below his share wants it. Returns what it has until the lease ends.
CREATE OR REPLACE FUNCTION ballast.take_turn(p_holder text, p_keys text[], p_busy text[], p_lease interval)
RETURNS TABLE (key text, its_epoch bigint) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  present CONSTANT timestamptz := clock_timestamp();
  until CONSTANT timestamptz := present + p_lease;
  share integer;
  held integer;
  is_wanted boolean;
  free_key text;
BEGIN
  DELETE FROM ballast.wish WHERE holder = p_holder AND vcenter_key <> ALL (p_keys);
  INSERT INTO ballast.wish SELECT wished, p_holder, until FROM unnest(p_keys) AS wished ORDER BY wished
    ON CONFLICT (vcenter_key, holder) DO UPDATE SET expires_at = until;
  INSERT INTO ballast.lease (vcenter_key) SELECT wished FROM unnest(p_keys) AS wished ORDER BY wished
    ON CONFLICT DO NOTHING;
  -- A lease that ran out and that nobody took is still the holder's.
  UPDATE ballast.lease SET expires_at = until
    WHERE holder = p_holder AND (vcenter_key = ANY (p_keys) OR vcenter_key = ANY (p_busy));
  UPDATE ballast.lease SET expires_at = '-infinity', holder = ''
    WHERE holder = p_holder AND vcenter_key <> ALL (p_keys) AND vcenter_key <> ALL (p_busy);

  SELECT ceil(count(DISTINCT vcenter_key)::numeric / greatest(count(DISTINCT holder), 1)) INTO share
    FROM ballast.wish WHERE expires_at > present;
  SELECT count(*) INTO held FROM ballast.lease WHERE holder = p_holder;

  UPDATE ballast.lease SET expires_at = '-infinity', holder = '' WHERE vcenter_key IN (
    SELECT vcenter_key FROM ballast.lease WHERE holder = p_holder AND vcenter_key <> ALL (p_busy)
      AND ballast.is_awaited(vcenter_key, p_holder, share, present)
    ORDER BY vcenter_key LIMIT greatest(held - share, 0));
  SELECT count(*) INTO held FROM ballast.lease WHERE holder = p_holder;

  FOR free_key IN SELECT vcenter_key FROM ballast.lease
      WHERE vcenter_key = ANY (p_keys) AND expires_at <= present
      ORDER BY expires_at, vcenter_key FOR UPDATE SKIP LOCKED LOOP
    CONTINUE WHEN held >= share AND ballast.is_awaited(free_key, p_holder, share, present);
    UPDATE ballast.lease SET holder = p_holder, epoch = epoch + 1, expires_at = until
      WHERE vcenter_key = free_key;
    INSERT INTO ballast.lease_epoch SELECT vcenter_key, epoch, holder, clock_timestamp()
      FROM ballast.lease WHERE vcenter_key = free_key;
    held := held + 1;
  END LOOP;
  RETURN QUERY SELECT vcenter_key::text, epoch FROM ballast.lease WHERE holder = p_holder ORDER BY vcenter_key;
END $$;

-- Whether a living collector other than this one could scan the vCenter and has less than its share.
CREATE OR REPLACE FUNCTION ballast.is_awaited(p_key text, p_holder text, p_share integer, p_now timestamptz)
RETURNS boolean LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM ballast.wish WHERE vcenter_key = p_key AND holder <> p_holder AND expires_at > p_now
    AND p_share > (SELECT count(*) FROM ballast.lease WHERE lease.holder = wish.holder AND lease.expires_at > p_now))
$$;

-- Gives back all that a collector has, because it ends.
CREATE OR REPLACE FUNCTION ballast.give_back(p_holder text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE ballast.lease SET expires_at = '-infinity', holder = '' WHERE holder = p_holder;
  DELETE FROM ballast.wish WHERE holder = p_holder;
END $$;

-- Drops what is older than the owner wants it kept (the table hub). Returns how many parts were dropped.
-- As in SQLite, the newest usable scan of a vCenter stays however old it is, and so do samples whose hour
-- or day is not built: a part that holds some of them is written anew with them alone. A part that is in
-- use is left for the next time.
CREATE OR REPLACE FUNCTION ballast.drop_expired()
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s' AS $$
DECLARE
  limits ballast.hub;
  dropped integer := 0;
BEGIN
  SELECT * INTO limits FROM ballast.hub;
  dropped := ballast.drop_old_samples(extract(epoch FROM now())::bigint - limits.raw_days * 86400::bigint);
  dropped := dropped + ballast.drop_old_periods('hour', (extract(epoch FROM now())::bigint - limits.hourly_days * 86400::bigint) * 1000);
  dropped := dropped + ballast.drop_old_periods('day', (extract(epoch FROM now())::bigint - limits.daily_days * 86400::bigint) * 1000);
  RETURN dropped;
EXCEPTION WHEN lock_not_available THEN
  RETURN 0;
END $$;

-- Returns the parts of a table that end at or before p_until, oldest first.
CREATE OR REPLACE FUNCTION ballast.parts_before(p_table text, p_until bigint)
RETURNS TABLE (part text, first bigint, past bigint) LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT name, bounds[1]::bigint, bounds[2]::bigint FROM (
    SELECT child.relname::text AS name,
      regexp_match(pg_get_expr(child.relpartbound, child.oid), 'FROM \(''?(\d+)''?\) TO \(''?(\d+)''?\)') AS bounds
    FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = format('ballast.%I', p_table)::regclass) AS parts
  WHERE bounds[2]::bigint <= p_until ORDER BY 2
$$;

CREATE OR REPLACE FUNCTION ballast.drop_old_samples(p_until bigint)
RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  old record;
  parent text;
  name text;
  kept integer;
  dropped integer := 0;
BEGIN
  FOR old IN SELECT * FROM ballast.parts_before('sample', p_until) LOOP
    CREATE TEMP TABLE leaving ON COMMIT DROP AS
      SELECT vcenter_id, id, started_ms FROM ballast.scan WHERE id >= old.first AND id < old.past AND status <> 'failed'
        AND id <> (SELECT max(id) FROM ballast.scan AS other WHERE other.vcenter_id = scan.vcenter_id AND other.status <> 'failed')
        AND EXISTS (SELECT 1 FROM ballast.rollup WHERE rollup.vcenter_id = scan.vcenter_id AND period = 'hour'
          AND start_ms = started_ms / 3600000 * 3600000)
        AND EXISTS (SELECT 1 FROM ballast.rollup WHERE rollup.vcenter_id = scan.vcenter_id AND period = 'day'
          AND start_ms = started_ms / 86400000 * 86400000);
    SELECT count(*) INTO kept FROM ballast.scan WHERE id >= old.first AND id < old.past AND status <> 'failed'
      AND (vcenter_id, id) NOT IN (SELECT vcenter_id, id FROM leaving);
    IF kept = 0 OR EXISTS (SELECT 1 FROM leaving) THEN
      FOREACH parent IN ARRAY ARRAY['sample', 'guest_sample', 'suspect', 'trend', 'host_sample', 'pool_sample'] LOOP
        name := parent || substr(old.part, length('sample') + 1);
        IF kept > 0 THEN
          EXECUTE format('CREATE TABLE ballast.kept_part AS SELECT * FROM ballast.%I WHERE (vcenter_id, scan_id) NOT IN '
            '(SELECT vcenter_id, id FROM leaving)', name);
        END IF;
        EXECUTE format('DROP TABLE ballast.%I', name);
        dropped := dropped + 1;
        IF kept > 0 THEN
          PERFORM ballast.make_partition(parent, name, old.first, old.past);
          EXECUTE format('INSERT INTO ballast.%I SELECT * FROM ballast.kept_part', name);
          DROP TABLE ballast.kept_part;
        END IF;
      END LOOP;
      UPDATE ballast.rollup SET final = 1 FROM leaving WHERE rollup.vcenter_id = leaving.vcenter_id
        AND start_ms = started_ms / CASE period WHEN 'hour' THEN 3600000 ELSE 86400000 END
          * CASE period WHEN 'hour' THEN 3600000 ELSE 86400000 END;
      DELETE FROM ballast.scan USING leaving WHERE scan.vcenter_id = leaving.vcenter_id AND scan.id = leaving.id;
    END IF;
    -- A failed scan goes once a later one tells more.
    DELETE FROM ballast.scan WHERE id < old.past AND status = 'failed' AND EXISTS (
      SELECT 1 FROM ballast.scan AS later WHERE later.vcenter_id = scan.vcenter_id AND later.id > scan.id);
    DROP TABLE leaving;
  END LOOP;
  RETURN dropped;
END $$;

CREATE OR REPLACE FUNCTION ballast.drop_old_periods(p_period text, p_until_ms bigint)
RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  old record;
  parent text;
  dropped integer := 0;
BEGIN
  FOREACH parent IN ARRAY CASE p_period WHEN 'hour' THEN ARRAY['vm_hour', 'host_hour'] ELSE ARRAY['vm_day'] END LOOP
    FOR old IN SELECT * FROM ballast.parts_before(parent, p_until_ms) LOOP
      -- Marks of periods whose samples are there yet stay: without one it would be sent again.
      DELETE FROM ballast.rollup WHERE period = p_period AND start_ms >= old.first AND start_ms < old.past;
      EXECUTE format('DROP TABLE ballast.%I', old.part);
      dropped := dropped + 1;
    END LOOP;
  END LOOP;
  RETURN dropped;
END $$;
