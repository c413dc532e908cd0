-- Which collector scans which vCenter.

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
