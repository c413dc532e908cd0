// Private to hub/: reads the SQLite file that is sent, at one moment, and says in the hub's ids
// what its rows refer to.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "hub/schema.h"
#include "hub/send/rows.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/row_cursor.h"

namespace ballast::hub {

// What rows refer to. The names of the tables are in kThingTables.
enum class Thing { kHost, kPool, kVm, kVmState, kGuestState, kOutcome };
inline constexpr std::array kThingTables = {"host",     "pool",        "vm",
                                            "vm_state", "guest_state", "outcome"};

// The hub's ids by those of the file.
using IdMap = std::unordered_map<std::int64_t, std::int64_t>;

// The ids of one vCenter's things: those of the file, and those of the hub for them.
class Ids {
 public:
  struct Pair {
    std::int64_t here = 0;
    std::int64_t hub = 0;
  };
  Pair vcenter;
  Pair scan;
  // `map` must outlive it.
  void use(Thing thing, const IdMap& map) { maps_[static_cast<std::size_t>(thing)] = &map; }
  // Returns the map that is in use; an empty one if none is.
  [[nodiscard]] const IdMap& of(Thing thing) const;

 private:
  std::array<const IdMap*, kThingTables.size()> maps_{};
};

// Errors of every call: kStorage with the file's path, also for a row whose checksum is wrong.
class StoreReader {
 public:
  static Result<StoreReader> open(const std::string& path);

  // Keep readers and writers apart: what is read between them is of one moment.
  Status begin();
  void end();

  // Calls each(row) for the rows of a table that meet `condition` (with ?1, ?2 for `values`, and an
  // order). The row has its columns in their order, with ids of this file; it is valid until the
  // next.
  template <class Each, class... Values>
  Status read(std::string_view table, const std::string& condition, Each each,
              const Values&... values) {
    const Shape& shape = shape_of(table);
    return connection_.attempt(kReading, [&]() -> Status {
      storage::RowCursor rows(connection_.db(), query(table, condition));
      Row row;
      for (const auto run = rows.run(values...); rows.step();) {
        if (auto taken = take(rows, shape, table, row); !taken) return taken;
        if (Status done = each(row); !done) return done;
      }
      return {};
    });
  }
  // Returns the first column of every row of a query with ?1 and ?2, without NULLs.
  Result<std::unordered_set<std::int64_t>> numbers(const std::string& sql, std::int64_t first,
                                                   std::int64_t second);
  // Returns a number that is another one when rows of a vCenter were added or changed: made of
  // their checksums.
  Result<std::int64_t> fingerprint(std::string_view table, std::int64_t vcenter);
  // Puts the hub's ids in place of the file's; not in place of the row's own. Errors: the row
  // refers to what is not there.
  Status translate(std::string_view table, const Ids& ids, Row& row);

  [[nodiscard]] const std::string& path() const { return connection_.path(); }
  [[nodiscard]] Error damaged(std::string_view what) const;

 private:
  static constexpr std::string_view kReading = "reading what is to be sent to the hub";
  struct Reference {
    std::size_t column = 0;
    std::optional<Thing> thing;  // else the scan, or
    bool is_vcenter = false;
  };
  struct Shape {
    std::vector<bool> is_text;
    std::vector<Reference> references;
  };
  explicit StoreReader(storage::Connection connection) : connection_(std::move(connection)) {}
  const Shape& shape_of(std::string_view table);
  static std::string query(std::string_view table, const std::string& condition);
  Status take(const storage::RowCursor& rows, const Shape& shape, std::string_view table, Row& row);
  // Returns a text that PostgreSQL takes: it has no bytes that are not UTF-8, and no NUL.
  std::string_view storable(std::string_view text);

  storage::Connection connection_;
  std::map<std::string, Shape, std::less<>> shapes_;
  std::deque<std::string> mended_;  // texts of the present row that had to be changed
};

}  // namespace ballast::hub
