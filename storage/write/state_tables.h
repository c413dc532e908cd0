// Private to storage/: the tables of what changes rarely about a VM and its guest, so that samples
// need not repeat it, and of verdicts with their details. Their rows are never changed, and whoever
// has the same content has the same row. Calls belong inside a transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/judged_guest.h"

namespace ballast::storage {

// Where a VM is; empty where it does not say.
struct Place {
  std::optional<std::int64_t> host_id;
  std::optional<std::int64_t> pool_id;
};

// A list of sentences is stored as one text, in which a newline follows each. A newline inside
// becomes a space.
[[nodiscard]] std::string lines_text(const std::vector<std::string>& lines);
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

class StateTables {
 public:
  explicit StateTables(SQLite::Database& db);
  // Return the number of the row with this content, which is added if it is new.
  std::int64_t vm_state(std::int64_t vcenter_id, const model::VmView& vm, const Place& place);
  std::int64_t guest_state(std::int64_t vcenter_id, const model::GuestSample& guest);
  std::int64_t outcome(std::int64_t vcenter_id, const model::Judgement& judgement,
                       const std::string& detail);

 private:
  // One of the three tables.
  struct Table {
    Table(SQLite::Database& db, const char* table, const char* same);
    template <class... Values>
    std::int64_t same_or_new(std::int64_t vcenter_id, const Values&... values);

    SQLite::Statement find;
    SQLite::Statement newest;
    SQLite::Statement insert;
  };

  Table vm_states_;
  Table guest_states_;
  Table outcomes_;
};

}  // namespace ballast::storage
