// Private to storage/: migration 5, by which channel a guest was read, and what a scan was limited
// to. docs/SCHEMA.md explains it.
#pragma once

namespace ballast::storage {

inline constexpr const char* kSchemaV5 = R"sql(
ALTER TABLE guest_state ADD COLUMN channel TEXT NOT NULL DEFAULT 'file';
ALTER TABLE scan ADD COLUMN limited_to TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace ballast::storage
