// Private to storage/: migration 5, by which channel a guest was read. docs/SCHEMA.md explains it.
#pragma once

namespace ballast::storage {

inline constexpr const char* kSchemaV5 = R"sql(
ALTER TABLE guest_state ADD COLUMN channel TEXT NOT NULL DEFAULT 'file';
)sql";

}  // namespace ballast::storage
