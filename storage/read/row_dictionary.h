// Private to storage/: looks up what the numbers in a sample stand for. A fleet has few different
// ones, so readers look up each once instead of joining it to every row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/time.h"
#include "model/setback.h"
#include "model/verdict.h"
#include "storage/sqlite/row_cursor.h"

namespace ballast::storage {

// What the pointers that these functions return lead to is valid as long as this object. nullptr:
// the row is missing, or holds what ballast never writes. What was looked up is kept: use a new
// object for each reading of the database.
class RowDictionary {
 public:
  using Id = std::optional<std::int64_t>;

  struct Scan {
    std::int64_t vcenter_id = 0;
    std::string vcenter;  // its name at the time
    UtcTime started_at{};
  };
  struct Host {
    std::string moref;
    std::string name;
    std::string cluster;
    std::string datacenter;
  };
  struct Pool {
    std::string moref;
    std::string name;
  };
  struct Outcome {
    model::Verdict verdict{};
    model::Proof proof{};
    model::UnknownReason reason{};
    std::string detail;
  };

  explicit RowDictionary(SQLite::Database& db);
  const Scan* scan(std::int64_t id);
  // These two return an empty value for no number.
  const Host* host(Id id);
  const Pool* pool(Id id);
  const Outcome* outcome(std::int64_t id);
  // Reads the setback of a VM's guest; empty if it has none. Returns false for a setback that
  // ballast never writes.
  bool setback(std::int64_t vm_id, std::optional<model::Setback>& setback);

 private:
  template <class Value>
  using Known = std::unordered_map<std::int64_t, std::optional<Value>>;

  SQLite::Database& db_;
  RowCursor find_scan_;
  RowCursor find_host_;
  RowCursor find_pool_;
  RowCursor find_outcome_;
  Known<Scan> scans_;
  Known<Host> hosts_;
  Known<Pool> pools_;
  Known<Outcome> outcomes_;
  // All are read as soon as one is asked for.
  bool setbacks_are_sound_ = true;
  std::optional<std::unordered_map<std::int64_t, model::Setback>> setbacks_;
};

}  // namespace ballast::storage
