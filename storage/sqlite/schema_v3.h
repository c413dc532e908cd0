// Private to storage/: migration 3, what is remembered of failures. docs/SCHEMA.md explains it.
#pragma once

namespace ballast::storage {

inline constexpr const char* kSchemaV3 = R"sql(
-- Guests whose probe failed, until one succeeds. They belong to no scan.
CREATE TABLE guest_setback (
  vm_id       INTEGER PRIMARY KEY REFERENCES vm (id),
  reason      TEXT NOT NULL,     -- of the last try
  failures    INTEGER NOT NULL,  -- tries in a row
  last_try_ms INTEGER NOT NULL,  -- Unix time, milliseconds, UTC
  next_try_ms INTEGER NOT NULL,
  username_id INTEGER NOT NULL REFERENCES text (id)
) STRICT;

-- Logins that guests refused one after the other, until one takes it.
CREATE TABLE login_setback (
  username    TEXT PRIMARY KEY,
  failures    INTEGER NOT NULL,  -- times it was suspended in a row
  last_try_ms INTEGER NOT NULL,
  next_try_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace ballast::storage
