#include "hub/send/things.h"

#include <utility>

#include <fmt/format.h>

namespace ballast::hub {
namespace {

std::string ids_in(std::string_view column, std::string_view table, std::string_view owner) {
  return fmt::format("SELECT {} FROM {} WHERE vcenter_id = ?1 AND {} = ?2", column, table, owner);
}

std::string of_states(std::string_view column, const std::string& states) {
  return fmt::format("SELECT {} FROM vm_state WHERE id IN ({})", column, states);
}

}  // namespace

Wanted of_scan() {
  Wanted wanted;
  wanted.vm_states = ids_in("vm_state_id", "sample", "scan_id");
  wanted.vms = ids_in("vm_id", "sample", "scan_id");
  wanted.guest_states = ids_in("guest_state_id", "guest_sample", "scan_id");
  wanted.outcomes = ids_in("outcome_id", "sample", "scan_id");
  wanted.hosts = fmt::format("{} UNION {}", ids_in("host_id", "host_sample", "scan_id"),
                             of_states("host_id", wanted.vm_states));
  wanted.pools = fmt::format("{} UNION {} UNION {}", ids_in("pool_id", "pool_sample", "scan_id"),
                             ids_in("parent_id", "pool_sample", "scan_id"),
                             of_states("pool_id", wanted.vm_states));
  return wanted;
}

Wanted of_period(const std::string& table) {
  Wanted wanted;
  wanted.vm_states = ids_in("vm_state_id", table, "start_ms");
  wanted.vms = ids_in("vm_id", table, "start_ms");
  wanted.hosts = of_states("host_id", wanted.vm_states);
  if (table == "vm_hour") {
    wanted.hosts += fmt::format(" UNION {}", ids_in("host_id", "host_hour", "start_ms"));
  }
  wanted.pools = of_states("pool_id", wanted.vm_states);
  return wanted;
}

Status Things::send(Connection& hub, StoreReader& store, Ids& ids, const Wanted& wanted,
                    std::int64_t owner, bool is_newest) {
  const std::pair<NamedThings*, const std::string*> named[] = {
      {&hosts_, &wanted.hosts}, {&pools_, &wanted.pools}, {&vms_, &wanted.vms}};
  for (const auto& [things, query] : named) {
    if (auto loaded = things->load(hub, ids.vcenter.hub); !loaded) return loaded;
    if (auto sent = things->send(hub, store, ids, *query, owner, is_newest); !sent) return sent;
  }
  const std::pair<States*, const std::string*> states[] = {{&vm_states_, &wanted.vm_states},
                                                           {&guest_states_, &wanted.guest_states},
                                                           {&outcomes_, &wanted.outcomes}};
  for (const auto& [things, query] : states) {
    if (query->empty()) continue;
    if (auto sent = things->send(hub, store, ids, *query, owner); !sent) return sent;
  }
  return {};
}

void Things::forget() {
  forget_names();
  vm_states_.forget();
  guest_states_.forget();
  outcomes_.forget();
}

void Things::forget_names() {
  hosts_.forget();
  pools_.forget();
  vms_.forget();
}

}  // namespace ballast::hub
