#include "storage/read/export_names.h"

#include <algorithm>

#include "base/text.h"
#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

bool fits(const std::string& pattern, const std::string& name) {
  return pattern.empty() || glob_match(pattern, name);
}

}  // namespace

ExportNames::ExportNames(SQLite::Database& db, const ExportQuery& query)
    : vcenter_pattern_(query.vcenter), cluster_pattern_(query.cluster), host_pattern_(query.host) {
  SQLite::Statement statement(db, "SELECT id, name FROM vcenter");
  for (BoundStatement row(statement); row.step();) {
    std::string name = row.text(1);
    const bool wanted = fits(query.vcenter, name);
    vcenters_.emplace(row.integer(0), Vcenter{std::move(name), wanted});
  }
  read_hosts(db);
  read_vms(db, query);
}

void ExportNames::read_hosts(SQLite::Database& db) {
  SQLite::Statement statement(db,
                              "SELECT id, vcenter_id, datacenter, cluster, name, moref FROM host");
  for (BoundStatement row(statement); row.step();) {
    const Vcenter& vcenter = vcenters_[row.integer(1)];
    Host host{row.integer(1), false,
              ExportHost{vcenter.name, row.text(2), row.text(3), row.text(4), row.text(5)}};
    host.wanted = vcenter.wanted && place_wanted(host.names.cluster, host.names.name);
    hosts_.emplace(row.integer(0), std::move(host));
  }
}

void ExportNames::read_vms(SQLite::Database& db, const ExportQuery& query) {
  SQLite::Statement statement(
      db, "SELECT id, vcenter_id, name, moref, instance_uuid FROM vm ORDER BY id");
  for (BoundStatement row(statement); row.step();) {
    const Vcenter& vcenter = vcenters_[row.integer(1)];
    Vm vm{row.integer(0), row.integer(1), false,
          ExportVm{vcenter.name, row.text(2), row.text(3), row.text(4)}};
    vm.wanted = vcenter.wanted && fits(query.name, vm.names.name);
    vms_.push_back(std::move(vm));
  }
}

const ExportNames::Host* ExportNames::host(std::int64_t id) const {
  const auto found = hosts_.find(id);
  return found == hosts_.end() ? nullptr : &found->second;
}

bool ExportNames::place_wanted(const std::string& cluster, const std::string& host) const {
  return fits(cluster_pattern_, cluster) && fits(host_pattern_, host);
}

bool ExportNames::any_vcenter_wanted() const {
  return vcenter_pattern_.empty() ||
         std::any_of(vcenters_.begin(), vcenters_.end(),
                     [](const auto& vcenter) { return vcenter.second.wanted; });
}

std::vector<std::string> ExportNames::vcenter_names() const {
  std::vector<std::string> names;
  for (const auto& [id, vcenter] : vcenters_) names.push_back(vcenter.name);
  std::sort(names.begin(), names.end());
  return names;
}

bool ExportNames::vcenter_wanted(std::int64_t id) const {
  const auto found = vcenters_.find(id);
  return found != vcenters_.end() && found->second.wanted;
}

}  // namespace ballast::storage
