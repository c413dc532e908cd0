// What the collector asks of vCenter's tags, which another API than everything else knows.
// vsphere::TaggingService implements it; tests have fakes.
#pragma once

#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"

namespace ballast::collector {

// A tag, or a category of tags. Ids are vCenter's own.
struct TagName {
  std::string id;
  std::string name;
};

// Coroutines of one thread, one call after the other, each between Vcenter::connect() and
// Vcenter::disconnect(). The first one logs in. Errors: those of HttpClient::send; kLogin, kNotFound
// where the server has no such API, kPermission, kProtocol. They name the vCenter.
class Tagging {
 public:
  virtual ~Tagging() = default;

  // Returns the categories that the user may see.
  virtual Awaitable<Result<std::vector<TagName>>> categories() = 0;
  // Returns the tags of a category; one call for each of them.
  virtual Awaitable<Result<std::vector<TagName>>> tags(std::string category) = 0;
  // Returns the morefs of the VMs that have the tag.
  virtual Awaitable<Result<std::vector<std::string>>> vms(std::string tag) = 0;
  // Logs out, if it is logged in. Logs failures, returns none. Vcenter::disconnect() does it, too.
  virtual Awaitable<void> close() = 0;
};

}  // namespace ballast::collector
