// Private to storage/: the layout of an account, which is the names of its parts and of its
// tolerance's terms. Only few different ones exist, so each gets a number. The packed guest column
// of a sample begins with that number.
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

// Names that live as long as the process, which is cheap because there are few different ones.
using LastingNames = std::vector<std::string_view>;
// Returns the names in a text that names_of() made. Any thread.
[[nodiscard]] LastingNames lasting_names(std::string_view lines);

// Compares addresses first: two equal lasting names mostly are one and the same text.
[[nodiscard]] inline bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

struct AccountLayout {
  LastingNames parts;
  LastingNames terms;
};

// A list of names or sentences is stored as one text, in which a newline follows each. A newline
// inside becomes a space.
void append_line(std::string& text, std::string_view line);
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);
// Returns the text of the member `name` of each item.
template <class Items>
[[nodiscard]] std::string names_of(const Items& items) {
  std::string names;
  for (const auto& item : items) append_line(names, item.name);
  return names;
}

// The table account_layout, for the writer. Calls belong inside a transaction; after one was rolled
// back, forget() must be called.
class LayoutTable {
 public:
  explicit LayoutTable(SQLite::Database& db);
  // Returns the number of a layout, which is added if it is new.
  std::int64_t id(const std::vector<model::AccountPart>& parts,
                  const std::vector<model::ToleranceTerm>& terms);
  void forget();

 private:
  // Most guests have the same parts and terms as the one before.
  struct Last {
    AccountLayout layout;
    std::int64_t id = 0;
  };
  // Both arguments are texts of names_of().
  std::int64_t id_of(const std::string& parts, const std::string& terms);

  SQLite::Database& db_;
  SQLite::Statement find_;
  SQLite::Statement insert_;
  std::map<std::pair<std::string, std::string>, std::int64_t> known_;
  std::optional<Last> last_;
};

// The table account_layout, for readers.
class LayoutReader {
 public:
  explicit LayoutReader(SQLite::Database& db);
  // Returns the layout with that number, nullptr if there is none. Valid as long as this object.
  const AccountLayout* find(std::int64_t id);

 private:
  SQLite::Statement find_;
  std::unordered_map<std::int64_t, AccountLayout> known_;
};

}  // namespace ballast::storage
