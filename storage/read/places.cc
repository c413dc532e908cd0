#include "storage/read/places.h"

#include <unordered_map>
#include <utility>

#include "storage/queries.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/words.h"
#include "storage/write/sample_codec.h"

namespace ballast::storage {
namespace {

using LoadsById = std::unordered_map<std::int64_t, model::HostLoad>;

LoadsById read_hosts(SQLite::Database& db, std::int64_t scan_id) {
  SQLite::Statement statement(
      db,
      "SELECT host.id, host.moref, host.name, host.cluster, host.datacenter, memory_kib, "
      "memory_usage_kib, memory_state, scan.limited_to <> '' FROM host_sample "
      "JOIN host ON host.id = host_sample.host_id JOIN scan ON scan.id = scan_id "
      "WHERE scan_id = ?1");
  LoadsById loads;
  for (BoundStatement row(statement, scan_id); row.step();) {
    auto& load = loads[row.integer(0)];
    auto& host = load.host;
    host.moref = row.text(1);
    host.name = row.text(2);
    host.cluster = row.text(3);
    host.datacenter = row.text(4);
    host.memory_kib = row.optional_integer(5);
    host.memory_usage_kib = row.optional_integer(6);
    host.memory_state = row.optional_integer(7);
    load.is_partial = row.integer(8) != 0;
  }
  return loads;
}

std::map<std::string, model::HostLoad> by_moref(LoadsById loads) {
  std::map<std::string, model::HostLoad> found;
  for (auto& [id, load] : loads) found.emplace(load.host.moref, std::move(load));
  return found;
}

}  // namespace

std::map<std::string, model::HostLoad> read_idle_hosts(SQLite::Database& db, std::int64_t scan_id) {
  return by_moref(read_hosts(db, scan_id));
}

std::map<std::string, model::HostLoad> read_host_loads(SQLite::Database& db, std::int64_t scan_id) {
  LoadsById loads = read_hosts(db, scan_id);
  SQLite::Statement statement(
      db,
      "SELECT host_id, power, configured_kib, balloon_kib, figures FROM sample "
      "JOIN vm_state ON vm_state.id = sample.vm_state_id "
      "WHERE sample.id >= ?1 << 32 AND sample.id < (?1 + 1) << 32");
  model::VmView vm;
  for (BoundStatement row(statement, scan_id); row.step();) {
    const auto load = loads.find(row.integer(0));
    if (load == loads.end()) continue;
    const bool on = row.view(1) == word_for(model::PowerState::kPoweredOn);
    vm.power = on ? model::PowerState::kPoweredOn : model::PowerState::kPoweredOff;
    vm.configured_kib = row.optional_integer(2);
    if (!unpack_figures(row.view(4), {}, vm)) vm.power = model::PowerState::kUnknown;
    vm.stats.balloon_kib = row.optional_integer(3);
    add_to_load(vm, load->second);
  }
  return by_moref(std::move(loads));
}

std::map<std::string, model::ResourcePool> read_pools(SQLite::Database& db, std::int64_t scan_id) {
  SQLite::Statement statement(
      db,
      "SELECT pool.moref, pool.name, parent.moref, reservation_kib, limit_kib, usage_kib "
      "FROM pool_sample JOIN pool ON pool.id = pool_sample.pool_id "
      "LEFT JOIN pool AS parent ON parent.id = pool_sample.parent_id WHERE scan_id = ?1");
  std::map<std::string, model::ResourcePool> pools;
  for (BoundStatement row(statement, scan_id); row.step();) {
    model::ResourcePool pool{row.text(0),
                             row.text(1),
                             row.text(2),
                             {row.optional_integer(3), row.optional_integer(4)},
                             row.optional_integer(5)};
    pools.emplace(pool.moref, std::move(pool));
  }
  return pools;
}

}  // namespace ballast::storage
