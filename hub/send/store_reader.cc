#include "hub/send/store_reader.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <utf8cpp/utf8.h>

#include "storage/sqlite/sql_error.h"

namespace ballast::hub {
namespace {

// What a column refers to, by its name.
std::optional<Thing> thing_of(std::string_view column) {
  static const std::map<std::string_view, Thing> kThings = {
      {"host_id", Thing::kHost},        {"pool_id", Thing::kPool},
      {"parent_id", Thing::kPool},      {"vm_id", Thing::kVm},
      {"vm_state_id", Thing::kVmState}, {"guest_state_id", Thing::kGuestState},
      {"outcome_id", Thing::kOutcome}};
  const auto found = kThings.find(column);
  if (found == kThings.end()) return std::nullopt;
  return found->second;
}

const std::vector<std::string>& columns_of(std::string_view table) {
  const auto& all = storage::tables();
  return std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == table; })
      ->columns;
}

}  // namespace

const IdMap& Ids::of(Thing thing) const {
  static const IdMap kNone;
  const IdMap* map = maps_[static_cast<std::size_t>(thing)];
  return map == nullptr ? kNone : *map;
}

Result<StoreReader> StoreReader::open(const std::string& path) {
  auto connection = storage::Connection::open_for_reading(path, {});
  if (!connection) return fail(std::move(connection.error()));
  if (auto required = storage::require_schema(*connection); !required) {
    return fail(std::move(required.error()));
  }
  return StoreReader(std::move(*connection));
}

Status StoreReader::begin() {
  return connection_.attempt(kReading, [&]() -> Status {
    connection_.db().exec("BEGIN");
    return {};
  });
}

void StoreReader::end() {
  (void)connection_.attempt(kReading, [&]() -> Status {
    connection_.db().tryExec("COMMIT");
    return {};
  });
}

const StoreReader::Shape& StoreReader::shape_of(std::string_view table) {
  const auto [found, is_new] = shapes_.try_emplace(std::string(table));
  Shape& shape = found->second;
  if (!is_new) return shape;
  const auto& here = table_of(table).columns;
  for (std::size_t i = 0; i < columns_of(table).size(); ++i) {
    shape.is_text.push_back(here[i].type == ColumnType::kText);
    const std::string& column = here[i].name;
    if (const auto thing = thing_of(column)) shape.references.push_back({i, thing});
    if (column == "scan_id") shape.references.push_back({i, {}});
    if (column == "vcenter_id") shape.references.push_back({i, {}, true});
  }
  return shape;
}

std::string StoreReader::query(std::string_view table, const std::string& condition) {
  return fmt::format("SELECT {} FROM {} WHERE {}", storage::row_of(table), table, condition);
}

Status StoreReader::take(const storage::RowCursor& rows, const Shape& shape, std::string_view table,
                         Row& row) {
  row.clear();
  mended_.clear();
  storage::Columns columns(rows);
  for (const bool is_text : shape.is_text) {
    if (is_text) {
      row.emplace_back(storable(columns.text()));
    } else if (const auto number = columns.optional_integer()) {
      row.emplace_back(*number);
    } else {
      row.emplace_back();
    }
  }
  if (!columns.is_sound()) return fail(damaged(fmt::format("row of {}", table)));
  return {};
}

std::string_view StoreReader::storable(std::string_view text) {
  if (text.find('\0') == std::string_view::npos && utf8::is_valid(text.begin(), text.end())) {
    return text;
  }
  std::string& mended = mended_.emplace_back();
  utf8::replace_invalid(text.begin(), text.end(), std::back_inserter(mended));
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  for (auto at = mended.find('\0'); at != std::string::npos; at = mended.find('\0', at)) {
    mended.replace(at, 1, kReplacement);
  }
  return mended;
}

Status StoreReader::translate(std::string_view table, const Ids& ids, Row& row) {
  for (const Reference& reference : shape_of(table).references) {
    auto* number = std::get_if<std::int64_t>(&row[reference.column]);
    if (number == nullptr) continue;
    if (!reference.thing) {
      *number = reference.is_vcenter ? ids.vcenter.hub : ids.scan.hub;
      continue;
    }
    const auto& known = ids.of(*reference.thing);
    const auto found = known.find(*number);
    if (found == known.end()) {
      return fail(damaged(fmt::format("{} {} of {}", table_of(table).columns[reference.column].name,
                                      *number, table)));
    }
    *number = found->second;
  }
  return {};
}

Result<std::unordered_set<std::int64_t>> StoreReader::numbers(const std::string& sql,
                                                              std::int64_t first,
                                                              std::int64_t second) {
  return connection_.attempt(kReading, [&] {
    storage::RowCursor rows(connection_.db(), sql);
    std::unordered_set<std::int64_t> numbers;
    for (const auto run = rows.run(first, second); rows.step();) {
      if (const auto number = rows.optional_integer(0)) numbers.insert(*number);
    }
    return numbers;
  });
}

Result<std::int64_t> StoreReader::fingerprint(std::string_view table, std::int64_t vcenter) {
  return connection_.attempt(kReading, [&] {
    constexpr std::string_view kSum =
        "SELECT count(*), sum(checksum), sum(checksum * (id % 8191)) FROM {} WHERE vcenter_id = ?1";
    storage::RowCursor rows(connection_.db(), fmt::format(fmt::runtime(kSum), table));
    const auto run = rows.run(vcenter);
    rows.step();
    return storage::checksum_of(rows.integer(0), rows.integer(1), rows.integer(2)) << 24U |
           (rows.integer(1) & 0xffffff);
  });
}

Error StoreReader::damaged(std::string_view what) const {
  return storage::damaged(connection_.path(), kReading, what);
}

}  // namespace ballast::hub
