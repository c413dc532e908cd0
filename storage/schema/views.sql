CREATE VIEW usable_scan AS SELECT * FROM scan WHERE status IN ('complete', 'partial');
