// Private to storage/: what the ids in a sample and its states stand for. A fleet has few of them
// beside its samples, so readers look each up once instead of joining it to every row.
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

// What is given is valid until the next call. An id that leads nowhere stands for something empty.
// Names are those of the first look: use one object for one reading of the database.
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
  const std::string& text(Id id);
  // The lines of a text.
  const std::vector<std::string>& lines(Id id);
  // Those of a text of names.
  const LastingNames& names(Id id);
  const Host& host(Id id);
  const Pool& pool(Id id);
  // nullptr for one that ballast never writes.
  const Outcome* outcome(std::int64_t id);
  // Of a VM, empty if it has none; false for one that ballast never writes.
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
  // By VM; all of them, once one is asked for. Empty ones are damaged.
  std::optional<std::unordered_map<std::int64_t, std::optional<model::Setback>>> setbacks_;
};

}  // namespace ballast::storage
