// Private to storage/: looks up what the numbers in a sample and its states stand for. A fleet has
// few different ones, so readers look up each once instead of joining it to every row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/setback.h"
#include "model/verdict.h"
#include "storage/write/account_layout.h"

namespace ballast::storage {

// A returned reference is valid until the next call. A number that leads nowhere, or none, gives an
// empty value. What was looked up is kept: use a new object for each reading of the database.
class RowDictionary {
 public:
  using Id = std::optional<std::int64_t>;

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
  // These three return a text whole, as its lines, or as names (its lines, too).
  const std::string& text(Id id);
  const std::vector<std::string>& lines(Id id);
  const LastingNames& names(Id id);
  const Host& host(Id id);
  const Pool& pool(Id id);
  // Returns nullptr for an outcome that ballast never writes.
  const Outcome* outcome(std::int64_t id);
  // Reads the setback of a VM's guest; empty if it has none. Returns false for a setback that
  // ballast never writes.
  bool setback(std::int64_t vm_id, std::optional<model::Setback>& setback);

 private:
  SQLite::Statement find_text_;
  SQLite::Statement find_host_;
  SQLite::Statement find_pool_;
  SQLite::Statement find_outcome_;
  SQLite::Statement select_setbacks_;
  std::unordered_map<std::int64_t, std::string> texts_;
  std::unordered_map<std::int64_t, std::vector<std::string>> lines_;
  std::unordered_map<std::int64_t, LastingNames> names_;
  std::unordered_map<std::int64_t, Host> hosts_;
  std::unordered_map<std::int64_t, Pool> pools_;
  std::unordered_map<std::int64_t, std::optional<Outcome>> outcomes_;
  // By VM. All are read as soon as one is asked for; an empty one is damaged.
  std::optional<std::unordered_map<std::int64_t, std::optional<model::Setback>>> setbacks_;
};

}  // namespace ballast::storage
