#include "storage/read/places.h"

#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "storage/queries.h"
#include "storage/schema/sample_columns.h"
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

// Tells whether a scan has so many rows in host_sample or pool_sample as when it ended.
bool has_all(SQLite::Database& db, const char* count, std::int64_t scan_id, std::size_t rows) {
  RowCursor scan(db, fmt::format("SELECT {}, {} FROM scan WHERE id = ?1", count, sound("scan")));
  const auto run = scan.run(scan_id);
  return !scan.step() ||
         (scan.integer(0) == static_cast<std::int64_t>(rows) && scan.integer(1) != 0);
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
  if (!has_all(db, "hosts", scan_id, loads.size())) return std::nullopt;
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

std::optional<HostLoads> read_host_loads(SQLite::Database& db, std::int64_t scan_id,
                                         const std::string& only_host) {
  auto loads = read_hosts(db, scan_id);
  if (!loads) return std::nullopt;
  RowCursor rows(db, fmt::format("SELECT {}, {} FROM scan "
                                 "JOIN sample ON sample.vcenter_id = scan.vcenter_id "
                                 "AND sample.scan_id = scan.id "
                                 "LEFT JOIN vm_state ON vm_state.id = sample.vm_state_id "
                                 "WHERE scan.id = ?1",
                                 row_of("vm_state"), row_of("sample")));
  model::VmView vm;
  std::size_t vms = 0;
  for (const auto run = rows.run(scan_id); rows.step(); ++vms) {
    Columns columns(rows);
    columns.integer();  // the state's number
    columns.integer();  // and its vCenter
    const auto host_id = columns.optional_integer();
    columns.optional_integer();  // the pool
    const bool on = columns.text() == word_for(model::PowerState::kPoweredOn);
    columns.text();              // connection
    columns.text();              // tools
    columns.optional_integer();  // whether guest operations are possible
    columns.text();              // the guest's family
    columns.text();              // and its OS
    vm.configured_kib = columns.optional_integer();
    columns.optional_integer();  // reservation
    columns.optional_integer();  // limit
    if (!columns.is_sound()) return std::nullopt;
    const auto load = host_id ? loads->find(*host_id) : loads->end();
    if (load == loads->end()) continue;
    if (!only_host.empty() && load->second.host.moref != only_host) continue;
    for (int i = 0; i < 5; ++i) columns.integer();  // the key, and the numbers of what is beside it
    read_stats(columns, {}, vm);
    if (!columns.is_sound()) return std::nullopt;
    vm.power = on ? model::PowerState::kPoweredOn : model::PowerState::kPoweredOff;
    add_to_load(vm, load->second);
  }
  if (!has_all(db, "vms", scan_id, vms)) return std::nullopt;
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
  if (!has_all(db, "pools", scan_id, pools.size())) return std::nullopt;
  for (const auto& [moref, parent] : parents) {
    if (const auto found = morefs.find(parent); found != morefs.end())
      pools[moref].parent = found->second;
  }
  return pools;
}

}  // namespace ballast::storage
