#include "storage/read/places.h"

#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "storage/queries.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/row_cursor.h"
#include "storage/sqlite/words.h"

namespace ballast::storage {
namespace {

using LoadsById = std::unordered_map<std::int64_t, model::HostLoad>;

// Of the tables host and pool, which samples refer to.
std::string select_beside_scan(std::string_view of_scan, std::string_view owner) {
  return fmt::format(
      "SELECT scan.limited_to <> '', {0}, {1} FROM scan JOIN {2} AS own "
      "ON own.vcenter_id = scan.vcenter_id AND own.scan_id = scan.id "
      "LEFT JOIN {3} ON {3}.id = own.{3}_id WHERE scan.id = ?1",
      row_of(of_scan, "own"), row_of(owner), of_scan, owner);
}

std::optional<LoadsById> read_hosts(SQLite::Database& db, std::int64_t scan_id) {
  RowCursor rows(db, select_beside_scan("host_sample", "host"));
  LoadsById loads;
  for (const auto run = rows.run(scan_id); rows.step();) {
    Columns columns(rows, 1);
    columns.integer();  // the key
    columns.integer();
    auto& load = loads[columns.integer()];
    auto& host = load.host;
    load.is_partial = rows.integer(0) != 0;
    host.memory_kib = columns.optional_integer();
    host.memory_usage_kib = columns.optional_integer();
    host.memory_state = columns.optional_integer();
    if (!columns.is_sound()) return std::nullopt;
    columns.integer();  // its number
    columns.integer();  // and its vCenter
    host.moref = columns.text();
    host.name = columns.text();
    host.cluster = columns.text();
    host.datacenter = columns.text();
    if (!columns.is_sound()) return std::nullopt;
  }
  return loads;
}

HostLoads by_moref(LoadsById loads) {
  HostLoads found;
  for (auto& [id, load] : loads) found.emplace(load.host.moref, std::move(load));
  return found;
}

}  // namespace

std::optional<HostLoads> read_idle_hosts(SQLite::Database& db, std::int64_t scan_id) {
  auto loads = read_hosts(db, scan_id);
  if (!loads) return std::nullopt;
  return by_moref(std::move(*loads));
}

std::optional<HostLoads> read_host_loads(SQLite::Database& db, std::int64_t scan_id) {
  auto loads = read_hosts(db, scan_id);
  if (!loads) return std::nullopt;
  RowCursor rows(db,
                 "SELECT host_id, power, configured_kib, consumed_kib, active_kib, balloon_kib, "
                 "swapped_kib FROM scan JOIN sample ON sample.vcenter_id = scan.vcenter_id "
                 "AND sample.scan_id = scan.id JOIN vm_state ON vm_state.id = sample.vm_state_id "
                 "WHERE scan.id = ?1");
  model::VmView vm;
  for (const auto run = rows.run(scan_id); rows.step();) {
    const auto load = loads->find(rows.integer(0));
    if (load == loads->end()) continue;
    const bool on = rows.view(1) == word_for(model::PowerState::kPoweredOn);
    vm.power = on ? model::PowerState::kPoweredOn : model::PowerState::kPoweredOff;
    vm.configured_kib = rows.optional_integer(2);
    vm.stats.consumed_kib = rows.optional_integer(3);
    vm.stats.active_kib = rows.optional_integer(4);
    vm.stats.balloon_kib = rows.optional_integer(5);
    vm.stats.swapped_kib = rows.optional_integer(6);
    add_to_load(vm, load->second);
  }
  return by_moref(std::move(*loads));
}

std::optional<std::map<std::string, model::ResourcePool>> read_pools(SQLite::Database& db,
                                                                     std::int64_t scan_id) {
  RowCursor rows(db, select_beside_scan("pool_sample", "pool"));
  std::map<std::string, model::ResourcePool> pools;
  std::unordered_map<std::int64_t, std::string> morefs;
  std::unordered_map<std::string, std::int64_t> parents;
  for (const auto run = rows.run(scan_id); rows.step();) {
    Columns columns(rows, 1);
    columns.integer();  // the key
    columns.integer();
    columns.integer();
    const auto parent = columns.optional_integer();
    model::ResourcePool pool;
    pool.allocation.reservation_kib = columns.optional_integer();
    pool.allocation.limit_kib = columns.optional_integer();
    pool.usage_kib = columns.optional_integer();
    if (!columns.is_sound()) return std::nullopt;
    const std::int64_t id = columns.integer();
    columns.integer();  // its vCenter
    pool.moref = columns.text();
    pool.name = columns.text();
    if (!columns.is_sound()) return std::nullopt;
    morefs.emplace(id, pool.moref);
    if (parent) parents.emplace(pool.moref, *parent);
    pools.emplace(pool.moref, std::move(pool));
  }
  for (const auto& [moref, parent] : parents) {
    if (const auto found = morefs.find(parent); found != morefs.end())
      pools[moref].parent = found->second;
  }
  return pools;
}

}  // namespace ballast::storage
