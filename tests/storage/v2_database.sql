-- A database of schema version 2: two complete scans of two VMs a day apart, the second VM's guest
-- not read, with the hour and the day of the first built, and one failed scan. Never regenerated:
-- it proves that later versions read what this one left.
PRAGMA application_id = 1651274612;
PRAGMA user_version = 2;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE text (
  id    INTEGER PRIMARY KEY,
  value TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO text VALUES(1,'rhel8_64Guest');
INSERT INTO text VALUES(2,'linuxGuest');
INSERT INTO text VALUES(3,'4.18.0-348.el8.x86_64');
INSERT INTO text VALUES(4,replace('vmallocinfo was not readable: it needs root\na second sentence\n','\n',char(10)));
INSERT INTO text VALUES(5,replace('counters\nbaseline\nhost_rounding\n','\n',char(10)));
CREATE TABLE vcenter (
  id            INTEGER PRIMARY KEY,
  instance_uuid TEXT NOT NULL,  -- '' for a bare ESXi host, which is known by its URL
  name          TEXT NOT NULL,  -- in the configuration, latest
  url           TEXT NOT NULL,  -- latest
  full_name     TEXT NOT NULL,
  api_version   TEXT NOT NULL
) STRICT;
INSERT INTO vcenter VALUES(1,'vcenter-uuid','lab','https://lab.example.org/sdk','VMware vCenter Server 8.0.2 build-22617221','8.0.2.0');
CREATE TABLE scan (
  id            INTEGER PRIMARY KEY,
  vcenter_id    INTEGER REFERENCES vcenter (id),  -- NULL if the vCenter was never reached
  vcenter_name  TEXT NOT NULL,                    -- in the configuration, at the time
  vcenter_url   TEXT NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('running', 'complete', 'partial', 'failed')),
  started_ms    INTEGER NOT NULL,                 -- Unix time, milliseconds, UTC
  finished_ms   INTEGER,
  error         TEXT NOT NULL DEFAULT '',
  vms           INTEGER NOT NULL DEFAULT 0,
  guests_read   INTEGER NOT NULL DEFAULT 0,
  guests_failed INTEGER NOT NULL DEFAULT 0,
  writer_pid    INTEGER NOT NULL,
  writer_boot   TEXT NOT NULL,                    -- boot id of the machine that the writer ran on
  writer_start  INTEGER NOT NULL                  -- the writer's start, clock ticks since that boot
) STRICT;
INSERT INTO scan VALUES(1,1,'lab','https://lab.example.org/sdk','complete',1790000000123,1790000060123,'',2,1,1,29426,'3e372ec2-0000-4000-8000-000000000002',2473940);
INSERT INTO scan VALUES(2,1,'lab','https://lab.example.org/sdk','complete',1790090000123,1790090060123,'',2,1,1,29426,'3e372ec2-0000-4000-8000-000000000002',2473940);
INSERT INTO scan VALUES(3,1,'lab','https://lab.example.org/sdk','failed',1790093600123,1790093600123,'connection refused',0,0,0,29426,'3e372ec2-0000-4000-8000-000000000002',2473940);
CREATE TABLE host (
  id         INTEGER PRIMARY KEY,
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  moref      TEXT NOT NULL,
  name       TEXT NOT NULL,  -- latest, like the next two
  cluster    TEXT NOT NULL,  -- '' for a stand-alone host
  datacenter TEXT NOT NULL,
  UNIQUE (vcenter_id, moref)
) STRICT;
INSERT INTO host VALUES(1,1,'host-1','esx01.example.org','cluster-b','dc1');
INSERT INTO host VALUES(2,1,'host-2','esx02.example.org','cluster-a','dc1');
CREATE TABLE host_sample (
  scan_id          INTEGER NOT NULL REFERENCES scan (id),
  host_id          INTEGER NOT NULL,
  memory_kib       INTEGER,
  memory_usage_kib INTEGER, memory_state INTEGER,
  PRIMARY KEY (scan_id, host_id)
) STRICT, WITHOUT ROWID;
INSERT INTO host_sample VALUES(1,1,536870912,400001024,1);
INSERT INTO host_sample VALUES(1,2,536870912,400002048,2);
INSERT INTO host_sample VALUES(2,1,536870912,400001024,1);
INSERT INTO host_sample VALUES(2,2,536870912,400002048,2);
CREATE TABLE vm_state (
  id              INTEGER PRIMARY KEY,
  host_id         INTEGER REFERENCES host (id),
  power           TEXT NOT NULL,
  connection      TEXT NOT NULL,
  tools           TEXT NOT NULL,
  guest_ready     INTEGER,                         -- 0, 1 or NULL: not told
  guest_family_id INTEGER REFERENCES text (id),    -- NULL: not told
  guest_os_id     INTEGER REFERENCES text (id),    -- NULL: not told
  configured_kib  INTEGER,
  reservation_kib INTEGER,
  limit_kib       INTEGER                          -- -1: unlimited
, pool_id INTEGER REFERENCES pool (id)) STRICT;
INSERT INTO vm_state VALUES(1,1,'on','connected','running',1,2,1,8388608,1048576,6291456,1);
INSERT INTO vm_state VALUES(2,2,'on','connected','running',1,2,1,8388608,1048576,6291456,2);
CREATE TABLE guest_state (
  id                INTEGER PRIMARY KEY,
  kernel_id         INTEGER NOT NULL REFERENCES text (id),
  boot_id           TEXT NOT NULL,
  era               TEXT NOT NULL,
  mem_total_kib     INTEGER NOT NULL,
  counter_error_kib INTEGER NOT NULL,
  missing_id        INTEGER NOT NULL REFERENCES text (id),  -- sentences, each ends in a newline
  term_names_id     INTEGER NOT NULL REFERENCES text (id),  -- names, each ends in a newline
  yardstick         BLOB NOT NULL                           -- packed, see docs/SCHEMA.md
, cpus INTEGER, unread_fixed_kib INTEGER) STRICT;
INSERT INTO guest_state VALUES(1,3,'1c2d3e4f-0000-4000-8000-000000000001','el8',7990272,2000,4,5,X'3a2203d10f2206',0,0);
CREATE TABLE vm (
  id             INTEGER PRIMARY KEY,
  vcenter_id     INTEGER NOT NULL REFERENCES vcenter (id),
  instance_uuid  TEXT NOT NULL,  -- '' while vCenter has not told it: then known by its moref
  bios_uuid      TEXT NOT NULL,
  moref          TEXT NOT NULL,  -- latest
  name           TEXT NOT NULL,  -- latest
  vm_state_id    INTEGER REFERENCES vm_state (id),     -- the last one written, for the writer
  guest_state_id INTEGER REFERENCES guest_state (id)   -- likewise
) STRICT;
INSERT INTO vm VALUES(1,1,'500c0001-0000-4000-8000-000000000001','420c0001-0000-4000-8000-000000000001','vm-1','web-00001',1,1);
INSERT INTO vm VALUES(2,1,'500c0002-0000-4000-8000-000000000002','420c0002-0000-4000-8000-000000000002','vm-2','web-00002',2,NULL);
CREATE TABLE outcome (
  id      INTEGER PRIMARY KEY,
  verdict TEXT NOT NULL,
  proof   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  detail  TEXT NOT NULL,
  UNIQUE (verdict, proof, reason, detail)
) STRICT;
INSERT INTO outcome VALUES(1,'balloon','driver','','');
INSERT INTO outcome VALUES(2,'unknown','','invalid_guest_login','guest login refused');
INSERT INTO outcome VALUES(3,'excess','','','');
CREATE TABLE account_layout (
  id    INTEGER PRIMARY KEY,
  parts TEXT NOT NULL,  -- names, each ends in a newline
  terms TEXT NOT NULL,  -- likewise
  UNIQUE (parts, terms)
) STRICT;
INSERT INTO account_layout VALUES(1,replace('free\npcp\nanon_lru\nfile_lru\nunevictable\nslab\nkernel_stack\npage_tables\nvmalloc\npercpu\n','\n',char(10)),replace('counters\nbaseline\nhost_rounding\n','\n',char(10)));
CREATE TABLE sample (
  scan_id         INTEGER NOT NULL REFERENCES scan (id),
  vm_id           INTEGER NOT NULL,
  vm_state_id     INTEGER NOT NULL,
  outcome_id      INTEGER NOT NULL,
  balloon_kib     INTEGER,           -- NULL: vCenter did not tell
  figures         BLOB NOT NULL,     -- packed, see docs/SCHEMA.md
  guest_state_id  INTEGER,           -- NULL, like the next two: the guest was not read
  unaccounted_kib INTEGER,
  guest           BLOB,              -- packed, see docs/SCHEMA.md
  PRIMARY KEY (scan_id, vm_id)
) STRICT, WITHOUT ROWID;
INSERT INTO sample VALUES(1,1,1,1,524288,X'dd0bd6be01f61584b0bd10f601c6ed01c6bb01a6010a9410',1,860939,X'04a499028210fdff1ff20fb118d5fd8002f5f4610d85c6189148c9c602ddf901816e800afc07b50985961699f90eade20985b013e18a7d08c1020dfad61684d0a54c');
INSERT INTO sample VALUES(1,2,2,2,524288,X'dd0bdabe01fa1588b0bd10f601caed01cabb01aa010a9410',NULL,NULL,NULL);
INSERT INTO sample VALUES(2,1,1,3,524288,X'93a5d4ab01d6be01f61584b0bd10f601c6ed01c6bb01a6010a9410',1,860939,X'04dfbad2ab018210fdff1ff20fb118d5fd8002f5f4610d85c6189148c9c602ddf901816e800afc07b50985961699f90eade20985b013e18a7d08c1020dfad61684d0a54c080cf20c2c');
INSERT INTO sample VALUES(2,2,2,2,524288,X'93a5d4ab01dabe01fa1588b0bd10f601caed01cabb01aa010a9410',NULL,NULL,NULL);
CREATE TABLE pool (
  id         INTEGER PRIMARY KEY,
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  moref      TEXT NOT NULL,
  name       TEXT NOT NULL,  -- latest; of a root pool its cluster's or host's
  UNIQUE (vcenter_id, moref)
) STRICT;
INSERT INTO pool VALUES(1,1,'resgroup-1','prod');
INSERT INTO pool VALUES(2,1,'resgroup-2','web');
CREATE TABLE pool_sample (
  scan_id         INTEGER NOT NULL REFERENCES scan (id),
  pool_id         INTEGER NOT NULL,
  parent_id       INTEGER,           -- NULL: a root pool
  reservation_kib INTEGER,
  limit_kib       INTEGER,           -- -1: unlimited
  usage_kib       INTEGER,
  PRIMARY KEY (scan_id, pool_id)
) STRICT, WITHOUT ROWID;
INSERT INTO pool_sample VALUES(1,1,NULL,NULL,NULL,NULL);
INSERT INTO pool_sample VALUES(1,2,1,0,8388608,4194304);
INSERT INTO pool_sample VALUES(2,1,NULL,NULL,NULL,NULL);
INSERT INTO pool_sample VALUES(2,2,1,0,8388608,4194304);
CREATE TABLE rollup (
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  period     TEXT NOT NULL CHECK (period IN ('hour', 'day')),
  start_ms   INTEGER NOT NULL,  -- Unix time, milliseconds, UTC
  final      INTEGER NOT NULL DEFAULT 0 CHECK (final IN (0, 1)),  -- 1: samples of it are pruned
  PRIMARY KEY (vcenter_id, period, start_ms)
) STRICT, WITHOUT ROWID;
INSERT INTO rollup VALUES(1,'day',1789948800000,0);
INSERT INTO rollup VALUES(1,'hour',1789999200000,0);
CREATE TABLE vm_hour (
  start_ms    INTEGER NOT NULL,
  vm_id       INTEGER NOT NULL,
  vm_state_id INTEGER NOT NULL,  -- the last of the hour
  samples     INTEGER NOT NULL,
  figures     BLOB NOT NULL,     -- packed, see docs/SCHEMA.md
  PRIMARY KEY (start_ms, vm_id)
) STRICT, WITHOUT ROWID;
INSERT INTO vm_hour VALUES(1789999200000,1,1,1,X'82108003ac98d2018003d6be018003f61580030a');
INSERT INTO vm_hour VALUES(1789999200000,2,2,1,X'82108007dabe018003fa1580030a');
CREATE TABLE vm_day (
  start_ms    INTEGER NOT NULL,
  vm_id       INTEGER NOT NULL,
  vm_state_id INTEGER NOT NULL,
  samples     INTEGER NOT NULL,
  figures     BLOB NOT NULL,
  PRIMARY KEY (start_ms, vm_id)
) STRICT, WITHOUT ROWID;
INSERT INTO vm_day VALUES(1789948800000,1,1,1,X'82108003ac98d2018003d6be018003f61580030a');
INSERT INTO vm_day VALUES(1789948800000,2,2,1,X'82108007dabe018003fa1580030a');
CREATE TABLE host_hour (
  start_ms INTEGER NOT NULL,
  host_id  INTEGER NOT NULL,
  samples  INTEGER NOT NULL,
  figures  BLOB NOT NULL,
  PRIMARY KEY (start_ms, host_id)
) STRICT, WITHOUT ROWID;
INSERT INTO host_hour VALUES(1789999200000,1,1,X'82808001828002d6be01f61582100a0404');
INSERT INTO host_hour VALUES(1789999200000,2,1,X'82808001828002dabe01fa1582100a0404');
CREATE UNIQUE INDEX vcenter_by_uuid ON vcenter (instance_uuid) WHERE instance_uuid <> '';
CREATE UNIQUE INDEX vcenter_by_url ON vcenter (url) WHERE instance_uuid = '';
CREATE INDEX scan_by_vcenter ON scan (vcenter_id);
CREATE INDEX scan_running ON scan (id) WHERE status = 'running';
CREATE VIEW usable_scan AS SELECT * FROM scan WHERE status IN ('complete', 'partial');
CREATE UNIQUE INDEX vm_by_uuid ON vm (vcenter_id, instance_uuid) WHERE instance_uuid <> '';
CREATE INDEX vm_by_moref ON vm (vcenter_id, moref);
CREATE INDEX scan_by_start ON scan (vcenter_id, started_ms);
COMMIT;
