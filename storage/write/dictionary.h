// Private to storage/: the tables that give repeated texts and outcomes a number. Calls belong
// inside a transaction; after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/verdict.h"

namespace ballast::storage {

class TextTable {
 public:
  explicit TextTable(SQLite::Database& db);
  // Returns the number of a text, which is added if it is new.
  std::int64_t id(const std::string& value);
  // Returns the same, but nothing (NULL in the file) for "".
  std::optional<std::int64_t> id_or_null(const std::string& value);
  void forget() { known_.clear(); }

 private:
  SQLite::Database& db_;
  SQLite::Statement find_;
  SQLite::Statement insert_;
  std::unordered_map<std::string, std::int64_t> known_;
};

class OutcomeTable {
 public:
  explicit OutcomeTable(SQLite::Database& db);
  // Returns the number of a verdict with its proof, reason and detail; added if it is new.
  std::int64_t id(const model::Judgement& judgement, const std::string& detail);
  void forget() { known_.clear(); }

 private:
  using Key = std::tuple<model::Verdict, model::Proof, model::UnknownReason, std::string>;

  SQLite::Database& db_;
  SQLite::Statement find_;
  SQLite::Statement insert_;
  std::map<Key, std::int64_t> known_;
};

}  // namespace ballast::storage
