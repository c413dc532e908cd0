-- Spreads the hub over the machines of a Citus cluster: by vCenter, so that all of one is in one place
-- and every query of ballast's that names a vCenter goes there. Once, as the owner, after
-- `ballast hub init` and before the first scan arrives:
--
--   psql "$HUB_URL" -v ON_ERROR_STOP=1 -f citus.sql
--
-- docs/HUB.md says from which size on this pays. Parts that are made later are spread by themselves. The
-- tables hub, lease, lease_epoch and wish are small and stay on the coordinator: leases need row locks
-- that are skipped where they are held.
CREATE EXTENSION IF NOT EXISTS citus;

SELECT create_distributed_table('ballast.vcenter', 'id');
SELECT create_distributed_table('ballast.scan', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.host', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.host_sample', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.pool', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.pool_sample', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.vm_state', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.guest_state', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.vm', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.outcome', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.sample', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.guest_sample', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.suspect', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.trend', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.rollup', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.vm_hour', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.vm_day', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.host_hour', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.guest_setback', 'vcenter_id', colocate_with => 'ballast.vcenter');
SELECT create_distributed_table('ballast.login_setback', 'vcenter_id', colocate_with => 'ballast.vcenter');
