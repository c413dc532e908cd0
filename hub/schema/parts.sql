-- The parts of the large tables, and what else a writer may do to scans beyond inserting them. As the functions of
-- the other files, each does one thing, as the owner, and checks what it is asked; `ballast hub init` makes them anew.

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
