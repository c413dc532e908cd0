// Private to storage/: migration 1, the first schema. docs/SCHEMA.md explains it.
#pragma once

namespace ballast::storage {

inline constexpr const char* kSchemaV1 = R"sql(
CREATE TABLE text (
  id    INTEGER PRIMARY KEY,
  value TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE vcenter (
  id            INTEGER PRIMARY KEY,
  instance_uuid TEXT NOT NULL,  -- '' for a bare ESXi host, which is known by its URL
  name          TEXT NOT NULL,  -- in the configuration, latest
  url           TEXT NOT NULL,  -- latest
  full_name     TEXT NOT NULL,
  api_version   TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX vcenter_by_uuid ON vcenter (instance_uuid) WHERE instance_uuid <> '';
CREATE UNIQUE INDEX vcenter_by_url ON vcenter (url) WHERE instance_uuid = '';

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
CREATE INDEX scan_by_vcenter ON scan (vcenter_id);
CREATE INDEX scan_running ON scan (id) WHERE status = 'running';
CREATE VIEW usable_scan AS SELECT * FROM scan WHERE status IN ('complete', 'partial');

CREATE TABLE host (
  id         INTEGER PRIMARY KEY,
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  moref      TEXT NOT NULL,
  name       TEXT NOT NULL,  -- latest, like the next two
  cluster    TEXT NOT NULL,  -- '' for a stand-alone host
  datacenter TEXT NOT NULL,
  UNIQUE (vcenter_id, moref)
) STRICT;

CREATE TABLE host_sample (
  scan_id          INTEGER NOT NULL REFERENCES scan (id),
  host_id          INTEGER NOT NULL,
  memory_kib       INTEGER,
  memory_usage_kib INTEGER,
  PRIMARY KEY (scan_id, host_id)
) STRICT, WITHOUT ROWID;

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
) STRICT;

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
) STRICT;

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
CREATE UNIQUE INDEX vm_by_uuid ON vm (vcenter_id, instance_uuid) WHERE instance_uuid <> '';
CREATE INDEX vm_by_moref ON vm (vcenter_id, moref);

CREATE TABLE outcome (
  id      INTEGER PRIMARY KEY,
  verdict TEXT NOT NULL,
  proof   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  detail  TEXT NOT NULL,
  UNIQUE (verdict, proof, reason, detail)
) STRICT;

CREATE TABLE account_layout (
  id    INTEGER PRIMARY KEY,
  parts TEXT NOT NULL,  -- names, each ends in a newline
  terms TEXT NOT NULL,  -- likewise
  UNIQUE (parts, terms)
) STRICT;

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
)sql";

}  // namespace ballast::storage
