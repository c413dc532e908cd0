// Private to storage/: migration 5, by which channel a guest was read, what a scan was limited to,
// and logins that are held back in one vCenter only. docs/SCHEMA.md explains it.
#pragma once

namespace ballast::storage {

inline constexpr const char* kSchemaV5 = R"sql(
ALTER TABLE guest_state ADD COLUMN channel TEXT NOT NULL DEFAULT 'file';
ALTER TABLE scan ADD COLUMN limited_to TEXT NOT NULL DEFAULT '';

-- Logins that guests of a vCenter refused one after the other, until one of them takes it. What was
-- known before holds for all vCenters, as it did.
ALTER TABLE login_setback RENAME TO login_setback_v4;
CREATE TABLE login_setback (
  vcenter_id  INTEGER NOT NULL REFERENCES vcenter (id),
  username    TEXT NOT NULL,
  failures    INTEGER NOT NULL,  -- times it was suspended in a row
  last_try_ms INTEGER NOT NULL,  -- Unix time, milliseconds, UTC
  next_try_ms INTEGER NOT NULL,
  PRIMARY KEY (vcenter_id, username)
) STRICT, WITHOUT ROWID;
INSERT INTO login_setback
SELECT vcenter.id, username, failures, last_try_ms, next_try_ms FROM login_setback_v4, vcenter;
DROP TABLE login_setback_v4;
)sql";

}  // namespace ballast::storage
