-- What is dropped, and when.

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
