// What VMs and hosts are called.
#pragma once

#include <string>

namespace ballast::storage {

// The latest known names of a host or a VM. `vcenter` is the configured name.
struct ExportHost {
  std::string vcenter;
  std::string datacenter;
  std::string cluster;
  std::string name;
  std::string moref;
};
struct ExportVm {
  std::string vcenter;
  std::string name;
  std::string moref;
  std::string instance_uuid;
};

}  // namespace ballast::storage
