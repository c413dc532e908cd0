// Private to storage/: reads the names of all VMs and hosts once, and says which of them an export
// wants.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/export_queries.h"

namespace ballast::storage {

class ExportNames {
 public:
  ExportNames(SQLite::Database& db, const ExportQuery& query);

  struct Host {
    std::int64_t vcenter_id = 0;
    bool wanted = false;  // by vCenter, cluster and host
    ExportHost names;
  };
  struct Vm {
    std::int64_t id = 0;
    std::int64_t vcenter_id = 0;
    bool wanted = false;  // by vCenter and name
    ExportVm names;
  };

  // Tells whether every row read is as it was written.
  [[nodiscard]] bool is_sound() const { return is_sound_; }
  // Returns nullptr if there is none.
  [[nodiscard]] const Host* host(std::int64_t id) const;
  // Takes "" for both where the host is not known.
  [[nodiscard]] bool place_wanted(const std::string& cluster, const std::string& host) const;
  [[nodiscard]] bool vcenter_wanted(std::int64_t id) const;
  // Returns the vCenters that are wanted, in the order of their names.
  [[nodiscard]] std::vector<std::int64_t> vcenters_wanted() const;
  // Returns the place of a vCenter in that order.
  [[nodiscard]] std::size_t vcenter_place(std::int64_t id) const;
  // Returns true also if there are no vCenters and the query names none.
  [[nodiscard]] bool any_vcenter_wanted() const;
  [[nodiscard]] std::vector<std::string> vcenter_names() const;      // sorted
  [[nodiscard]] const std::vector<Vm>& vms() const { return vms_; }  // by number

 private:
  struct Vcenter {
    std::string name;
    bool wanted = false;
    std::size_t place = 0;  // in the order of the names
  };
  void read_vcenters(SQLite::Database& db, const ExportQuery& query);
  void read_hosts(SQLite::Database& db);
  void read_vms(SQLite::Database& db, const ExportQuery& query);

  std::string vcenter_pattern_;
  std::string cluster_pattern_;
  std::string host_pattern_;
  bool is_sound_ = true;
  std::unordered_map<std::int64_t, Vcenter> vcenters_;
  std::vector<std::int64_t> wanted_;
  std::unordered_map<std::int64_t, Host> hosts_;
  std::vector<Vm> vms_;
};

// Finds VMs by number in one walk. They must be asked for in rising order.
class VmCursor {
 public:
  explicit VmCursor(const std::vector<ExportNames::Vm>& vms)
      : first_(vms.data()), next_(first_), end_(first_ + vms.size()) {}
  // Returns nullptr if there is none.
  const ExportNames::Vm* find(std::int64_t id) {
    while (next_ != end_ && next_->id < id) ++next_;
    return next_ != end_ && next_->id == id ? next_ : nullptr;
  }
  // Returns the place, in the vector, of the VM that was found last.
  [[nodiscard]] std::size_t place() const { return static_cast<std::size_t>(next_ - first_); }

 private:
  const ExportNames::Vm* first_;
  const ExportNames::Vm* next_;
  const ExportNames::Vm* end_;
};

}  // namespace ballast::storage
