// Private to storage/: the names of an account's parts and of a tolerance's terms. There are few
// different lists, so each gets a number, with which the packed guest column of a sample begins.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/judged_guest.h"

namespace ballast::storage {

// Names that live as long as the process. There are few different ones.
using LastingNames = std::vector<std::string_view>;
// Those of a text of names_of(). From any thread.
[[nodiscard]] LastingNames lasting_names(std::string_view lines);

// Of names that live so long most are the very same.
[[nodiscard]] inline bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

struct AccountLayout {
  LastingNames parts;
  LastingNames terms;
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
  std::int64_t id(const std::vector<model::AccountPart>& parts,
                  const std::vector<model::ToleranceTerm>& terms);
  void forget();

 private:
  // Most guests have the same parts and terms as the one before.
  struct Last {
    AccountLayout layout;
    std::int64_t id = 0;
  };
  // By names_of() both.
  std::int64_t id_of(const std::string& parts, const std::string& terms);

  SQLite::Database& db_;
  SQLite::Statement find_;
  SQLite::Statement insert_;
  std::map<std::pair<std::string, std::string>, std::int64_t> known_;
  std::optional<Last> last_;
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
