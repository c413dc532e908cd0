// Private to storage/: the numbers of things that a vCenter knows by a moref. Calls belong inside a
// transaction; after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

namespace ballast::storage {

class MorefIds {
 public:
  // `find` selects the id by (vcenter_id, moref), `insert` adds a row for them.
  MorefIds(SQLite::Database& db, const char* find, const char* insert);
  // Found or added.
  std::int64_t id(std::int64_t vcenter_id, const std::string& moref);
  // NULL for "".
  std::optional<std::int64_t> id_or_null(std::int64_t vcenter_id, const std::string& moref);
  void forget() { known_.clear(); }

 private:
  SQLite::Database& db_;
  SQLite::Statement find_;
  SQLite::Statement insert_;
  std::unordered_map<std::int64_t, std::unordered_map<std::string, std::int64_t>>
      known_;  // by vCenter
};

}  // namespace ballast::storage
