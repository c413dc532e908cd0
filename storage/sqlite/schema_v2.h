// Private to storage/: migration 2, resource pools, what re-judging needs, rollups. docs/SCHEMA.md.
#pragma once

namespace ballast::storage {

inline constexpr const char* kSchemaV2 = R"sql(
CREATE TABLE pool (
  id         INTEGER PRIMARY KEY,
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  moref      TEXT NOT NULL,
  name       TEXT NOT NULL,  -- latest; of a root pool its cluster's or host's
  UNIQUE (vcenter_id, moref)
) STRICT;

CREATE TABLE pool_sample (
  scan_id         INTEGER NOT NULL REFERENCES scan (id),
  pool_id         INTEGER NOT NULL,
  parent_id       INTEGER,           -- NULL: a root pool
  reservation_kib INTEGER,
  limit_kib       INTEGER,           -- -1: unlimited
  usage_kib       INTEGER,
  PRIMARY KEY (scan_id, pool_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX scan_by_start ON scan (vcenter_id, started_ms);

ALTER TABLE vm_state ADD COLUMN pool_id INTEGER REFERENCES pool (id);
ALTER TABLE host_sample ADD COLUMN memory_state INTEGER;

-- What judging a sample again needs; NULL in rows of version 1.
ALTER TABLE guest_state ADD COLUMN cpus INTEGER;
ALTER TABLE guest_state ADD COLUMN unread_fixed_kib INTEGER;

-- The periods of a vCenter that are rolled up: readers see those only.
CREATE TABLE rollup (
  vcenter_id INTEGER NOT NULL REFERENCES vcenter (id),
  period     TEXT NOT NULL CHECK (period IN ('hour', 'day')),
  start_ms   INTEGER NOT NULL,  -- Unix time, milliseconds, UTC
  final      INTEGER NOT NULL DEFAULT 0 CHECK (final IN (0, 1)),  -- 1: samples of it are pruned
  PRIMARY KEY (vcenter_id, period, start_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE vm_hour (
  start_ms    INTEGER NOT NULL,
  vm_id       INTEGER NOT NULL,
  vm_state_id INTEGER NOT NULL,  -- the last of the hour
  samples     INTEGER NOT NULL,
  figures     BLOB NOT NULL,     -- packed, see docs/SCHEMA.md
  PRIMARY KEY (start_ms, vm_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE vm_day (
  start_ms    INTEGER NOT NULL,
  vm_id       INTEGER NOT NULL,
  vm_state_id INTEGER NOT NULL,
  samples     INTEGER NOT NULL,
  figures     BLOB NOT NULL,
  PRIMARY KEY (start_ms, vm_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_hour (
  start_ms INTEGER NOT NULL,
  host_id  INTEGER NOT NULL,
  samples  INTEGER NOT NULL,
  figures  BLOB NOT NULL,
  PRIMARY KEY (start_ms, host_id)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace ballast::storage
