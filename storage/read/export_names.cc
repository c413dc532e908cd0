#include "storage/read/export_names.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/row_cursor.h"

namespace ballast::storage {
namespace {

bool fits(const std::string& pattern, const std::string& name) {
  return pattern.empty() || glob_match(pattern, name);
}

}  // namespace

ExportNames::ExportNames(SQLite::Database& db, const ExportQuery& query)
    : vcenter_pattern_(query.vcenter), cluster_pattern_(query.cluster), host_pattern_(query.host) {
  read_vcenters(db, query);
  read_hosts(db);
  read_vms(db, query);
}

void ExportNames::read_vcenters(SQLite::Database& db, const ExportQuery& query) {
  RowCursor rows(db, fmt::format("SELECT {} FROM vcenter ORDER BY name, instance_uuid, url",
                                 row_of("vcenter")));
  for (const auto run = rows.run(); rows.step();) {
    Columns columns(rows);
    const std::int64_t id = columns.integer();
    columns.text();  // its UUID
    std::string name(columns.text());
    for (int i = 0; i < 3; ++i) columns.text();  // URL, product, version
    is_sound_ = columns.is_sound() && is_sound_;
    const bool wanted = fits(query.vcenter, name);
    vcenters_.emplace(id, Vcenter{std::move(name), wanted, vcenters_.size()});
    if (wanted) wanted_.push_back(id);
  }
}

void ExportNames::read_hosts(SQLite::Database& db) {
  RowCursor rows(db, fmt::format("SELECT {} FROM host", row_of("host")));
  for (const auto run = rows.run(); rows.step();) {
    Columns columns(rows);
    const std::int64_t id = columns.integer();
    Host host;
    host.vcenter_id = columns.integer();
    const Vcenter& vcenter = vcenters_[host.vcenter_id];
    host.names.vcenter = vcenter.name;
    host.names.moref = columns.text();
    host.names.name = columns.text();
    host.names.cluster = columns.text();
    host.names.datacenter = columns.text();
    is_sound_ = columns.is_sound() && is_sound_;
    host.wanted = vcenter.wanted && place_wanted(host.names.cluster, host.names.name);
    hosts_.emplace(id, std::move(host));
  }
}

void ExportNames::read_vms(SQLite::Database& db, const ExportQuery& query) {
  RowCursor rows(db, fmt::format("SELECT {} FROM vm ORDER BY id", row_of("vm")));
  for (const auto run = rows.run(); rows.step();) {
    Columns columns(rows);
    Vm vm;
    vm.id = columns.integer();
    vm.vcenter_id = columns.integer();
    const Vcenter& vcenter = vcenters_[vm.vcenter_id];
    vm.names.vcenter = vcenter.name;
    vm.names.instance_uuid = columns.text();
    columns.text();  // BIOS UUID
    vm.names.moref = columns.text();
    vm.names.name = columns.text();
    is_sound_ = columns.is_sound() && is_sound_;
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

std::vector<std::int64_t> ExportNames::vcenters_wanted() const { return wanted_; }

std::size_t ExportNames::vcenter_place(std::int64_t id) const {
  const auto found = vcenters_.find(id);
  return found == vcenters_.end() ? 0 : found->second.place;
}

bool ExportNames::vcenter_wanted(std::int64_t id) const {
  const auto found = vcenters_.find(id);
  return found != vcenters_.end() && found->second.wanted;
}

}  // namespace ballast::storage
