-- Who may do what. The two roles cannot log in: GRANT ballast_writer TO … makes a user one.
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['ballast_writer', 'ballast_reader'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    END IF;
  END LOOP;
END $$;

REVOKE ALL ON SCHEMA ballast FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA ballast FROM PUBLIC, ballast_writer, ballast_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ballast FROM PUBLIC, ballast_writer, ballast_reader;

-- A reader reads.
GRANT USAGE ON SCHEMA ballast TO ballast_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA ballast TO ballast_reader;

-- A writer adds, and reads what is there: an id that is there already is compared with what it is to be.
GRANT USAGE ON SCHEMA ballast TO ballast_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA ballast TO ballast_writer;
GRANT INSERT ON ballast.vcenter, ballast.scan, ballast.host, ballast.pool, ballast.vm, ballast.vm_state,
  ballast.guest_state, ballast.outcome, ballast.sample, ballast.guest_sample, ballast.suspect, ballast.trend,
  ballast.host_sample, ballast.pool_sample, ballast.rollup, ballast.vm_hour, ballast.vm_day, ballast.host_hour
  TO ballast_writer;
-- These have the latest names; and who sends for a vCenter locks its row, so that two do so in turn.
GRANT UPDATE (name, url, full_name, api_version, latest_scan_id, changes) ON ballast.vcenter TO ballast_writer;
GRANT UPDATE (name, cluster, datacenter) ON ballast.host TO ballast_writer;
GRANT UPDATE (name) ON ballast.pool TO ballast_writer;
GRANT UPDATE (instance_uuid, bios_uuid, moref, name) ON ballast.vm TO ballast_writer;
-- Setbacks are notes of the moment, and no history.
GRANT INSERT, UPDATE, DELETE ON ballast.guest_setback, ballast.login_setback TO ballast_writer;
GRANT EXECUTE ON FUNCTION ballast.make_scan_partitions, ballast.make_period_partitions, ballast.forget_period,
  ballast.build_period, ballast.unbuilt_periods, ballast.adopt_failed_scans, ballast.take_turn, ballast.give_back, ballast.drop_expired TO ballast_writer;
