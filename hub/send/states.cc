#include "hub/send/states.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "hub/content_id.h"
#include "hub/hub_error.h"

namespace ballast::hub {
namespace {

constexpr std::string_view kSendingStates = "sending states to the hub";

// Of everything but the id itself. The vCenter is the second column.
std::int64_t id_of(std::string_view table, const Row& row) {
  ContentId id(table);
  for (std::size_t i = 1; i < row.size(); ++i) {
    if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
      id.add(*number);
    } else if (const auto* text = std::get_if<std::string_view>(&row[i])) {
      id.add(*text);
    } else {
      id.add_null();
    }
  }
  return id.value();
}

std::string columns_of(const Table& table) {
  std::string columns;
  for (const Column& column : table.columns) {
    columns += (columns.empty() ? "" : ", ") + column.name;
  }
  return columns;
}

}  // namespace

States::States(Thing thing)
    : thing_(thing), table_(kThingTables[static_cast<std::size_t>(thing)]) {}

void States::forget() {
  known_.clear();
  there_.clear();
}

Status States::send(Connection& hub, StoreReader& store, Ids& ids, const std::string& wanted,
                    std::int64_t owner) {
  ids.use(thing_, known_);
  auto unknown = store.numbers(wanted, ids.vcenter.here, owner);
  if (!unknown) return fail(std::move(unknown.error()));
  std::erase_if(*unknown, [&](std::int64_t id) { return known_.contains(id); });
  if (unknown->empty()) return {};
  const auto [lowest, highest] = std::minmax_element(unknown->begin(), unknown->end());

  const Table& table = table_of(table_);
  std::vector<New> rows;
  auto read = store.read(
      table_, "id BETWEEN ?1 AND ?2 ORDER BY id",
      [&](Row& row) -> Status {
        const std::int64_t here = std::get<std::int64_t>(row.front());
        if (!unknown->contains(here)) return {};
        if (auto done = store.translate(table_, ids, row); !done) return done;
        const std::int64_t id = id_of(table_, row);
        known_[here] = id;
        if (!there_.insert(id).second) return {};
        row.front() = id;
        New& one = rows.emplace_back();
        one.id = id;
        return append_row(table, row, one.bytes);
      },
      *lowest, *highest);
  if (!read) return read;
  if (auto compared = compare(hub, ids, rows); !compared) return compared;
  return add(hub, rows);
}

// Takes out what the hub has already.
Status States::compare(Connection& hub, const Ids& ids, std::vector<New>& rows) {
  if (rows.empty()) return {};
  std::unordered_map<std::int64_t, const std::string*> bytes;
  std::vector<std::int64_t> wanted;
  for (const New& row : rows) {
    wanted.push_back(row.id);
    bytes[row.id] = &row.bytes;
  }
  const Table& table = table_of(table_);
  const auto there = hub.query(kSendingStates,
                               fmt::format("SELECT {} FROM ballast.{} WHERE "
                                           "vcenter_id = $1::bigint AND id = ANY ($2::bigint[])",
                                           columns_of(table), table_),
                               ids.vcenter.hub, wanted);
  if (!there) return fail(there.error());
  std::unordered_set<std::int64_t> found;
  for (int row = 0; row < there->size(); ++row) {
    const std::int64_t id = there->integer(row, 0);
    found.insert(id);
    if (bytes_of(*there, row, table.columns.size()) == *bytes.at(id)) continue;
    return fail(hub_error(ErrorCode::kStorage, kSendingStates, hub.name(),
                          fmt::format("its row {} of {} has another content", id, table_),
                          "somebody changed the hub: restore that row from a backup"));
  }
  std::erase_if(rows, [&](const New& row) { return found.contains(row.id); });
  return {};
}

Status States::add(Connection& hub, const std::vector<New>& rows) const {
  if (rows.empty()) return {};
  auto copy = CopyRows::begin(hub, kSendingStates, table_of(table_));
  if (!copy) return fail(copy.error());
  for (const New& row : rows) {
    if (auto done = copy->add_bytes(row.bytes); !done) return done;
  }
  return copy->end();
}

}  // namespace ballast::hub
