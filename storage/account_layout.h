// Private to storage/: the names of an account's parts and of a tolerance's terms. There are few
// different lists, so each gets a number, with which the packed guest column of a sample begins.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/vm_result.h"

namespace ballast::storage {

struct AccountLayout {
  std::vector<std::string> parts;
  std::vector<std::string_view> terms;  // these live as long as the process
};

// Lists of names or sentences in one text: each followed by a newline (one inside becomes a space).
void append_line(std::string& text, std::string_view line);
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);
template <class Items>  // of things with a member name
[[nodiscard]] std::string names_of(const Items& items) {
  std::string names;
  for (const auto& item : items) append_line(names, item.name);
  return names;
}

// For the writer. Calls belong inside a transaction; after one was rolled back, forget() must be
// called.
class LayoutTable {
 public:
  explicit LayoutTable(SQLite::Database& db);
  // By names_of() both.
  std::int64_t id(const std::string& parts, const std::string& terms);
  void forget() { known_.clear(); }

 private:
  SQLite::Database& db_;
  SQLite::Statement find_;
  SQLite::Statement insert_;
  std::map<std::pair<std::string, std::string>, std::int64_t> known_;
};

// For readers.
class LayoutReader {
 public:
  explicit LayoutReader(SQLite::Database& db);
  // nullptr if there is none. Valid as long as this object.
  const AccountLayout* find(std::int64_t id);

 private:
  SQLite::Statement find_;
  std::unordered_map<std::int64_t, AccountLayout> known_;
};

}  // namespace ballast::storage
