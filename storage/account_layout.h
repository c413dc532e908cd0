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
  // Of lists of things with a member name.
  template <class Parts, class Terms>
  std::int64_t id(const Parts& parts, const Terms& terms) {
    if (last_ && same_names(last_->parts, parts) && same_names(last_->terms, terms)) {
      return last_->id;
    }
    return id_of(names_of(parts), names_of(terms));
  }
  void forget();

 private:
  // Most guests have the same parts and terms as the one before.
  struct Last {
    std::vector<std::string> parts;
    std::vector<std::string> terms;
    std::int64_t id = 0;
  };
  template <class Items>
  static bool same_names(const std::vector<std::string>& names, const Items& items) {
    return std::equal(names.begin(), names.end(), items.begin(), items.end(),
                      [](const std::string& name, const auto& item) { return name == item.name; });
  }
  // By names_of() both.
  std::int64_t id_of(const std::string& parts, const std::string& terms);
  std::int64_t remember(const std::string& parts, const std::string& terms, std::int64_t id);

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
