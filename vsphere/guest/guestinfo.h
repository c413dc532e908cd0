// Guestinfo: what guests tell the hypervisor through VMware Tools (`vmware-rpctool "info-set
// guestinfo.NAME …"`), read from the VMs' configuration without any call into a guest.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "vsphere/session.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// Reads by config.extraConfig["guestinfo.NAME"]: one key each, never the whole array, which has
// hundreds of options.
class Guestinfo {
 public:
  // `session` must outlive this.
  explicit Guestinfo(Session& session) : session_(session) {}

  // Returns the texts by moref, as collector::Vcenter::guestinfo() says.
  Awaitable<Result<std::map<std::string, std::string>>> read(std::vector<std::string> vms,
                                                             std::string key);

 private:
  using Texts = std::map<std::string, std::string>;

  Awaitable<Status> read_into(Texts& texts, std::vector<ManagedObject> vms, std::string path);
  Awaitable<Status> take_pages(Texts& texts, SoapRequest request, std::string path,
                               std::size_t most);

  Session& session_;
};

}  // namespace ballast::vsphere
