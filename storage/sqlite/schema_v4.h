// Private to storage/: migration 4, samples in an append-only tree. docs/SCHEMA.md explains it.
#pragma once

namespace ballast::storage {

// A rowid table fills its pages to the last byte if rows come in rising order, and finds a row by
// comparing one number. The pages of a WITHOUT ROWID table stay an eighth empty.
inline constexpr const char* kSchemaV4 = R"sql(
ALTER TABLE sample RENAME TO sample_v3;

CREATE TABLE sample (
  id              INTEGER PRIMARY KEY,  -- scan_id << 32 | vm_id
  vm_state_id     INTEGER NOT NULL,
  outcome_id      INTEGER NOT NULL,
  balloon_kib     INTEGER,           -- NULL: vCenter did not tell
  figures         BLOB NOT NULL,     -- packed, see docs/SCHEMA.md
  guest_state_id  INTEGER,           -- NULL, like the next two: the guest was not read
  unaccounted_kib INTEGER,
  guest           BLOB,              -- packed, see docs/SCHEMA.md
  scan_id         INTEGER AS (id >> 32) VIRTUAL,         -- to be read; conditions on them
  vm_id           INTEGER AS (id & 4294967295) VIRTUAL   -- look at every row
) STRICT;

INSERT INTO sample (id, vm_state_id, outcome_id, balloon_kib, figures, guest_state_id,
                    unaccounted_kib, guest)
SELECT scan_id << 32 | vm_id, vm_state_id, outcome_id, balloon_kib, figures, guest_state_id,
       unaccounted_kib, guest
FROM sample_v3 ORDER BY scan_id, vm_id;

DROP TABLE sample_v3;
)sql";

}  // namespace ballast::storage
