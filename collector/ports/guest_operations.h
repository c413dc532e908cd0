// What the collector asks of a vCenter about the inside of its guests. vsphere/guest/ implements
// it; tests have fakes that record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/secret.h"
#include "collector/ports/guest_process.h"

namespace ballast::collector {

// The login that is used inside one guest.
struct GuestCredentials {
  std::string username;
  Secret password;
};

// Guest operations on the powered-on VMs of one vCenter. `vm` is a moref.
//
// The methods are coroutines of the vCenter's thread; many may be under way together. The object
// must live until they have ended. A VM that is busy for a moment (vMotion, snapshot) is asked
// again for a few seconds before that is an error. Errors: a vim fault comes with its class name
// in Error::fault ("InvalidGuestLogin", "GuestOperationsUnavailable", …) and words for the user;
// what happens on the way to the server has the error codes of base/result.h.
class GuestOperations {
 public:
  virtual ~GuestOperations() = default;

  // Makes an empty file in the guest's folder for temporary files, and returns its path, which
  // begins with the folder and `prefix` and ends with `suffix`. The caller deletes it.
  virtual Awaitable<Result<std::string>> create_temporary_file(std::string vm, GuestCredentials who,
                                                               std::string prefix,
                                                               std::string suffix) = 0;
  // Starts the program at `path` in the folder "/", and returns its process id without waiting for
  // its end. `arguments` is one text, as for a shell. `environment` ("NAME=value"), where
  // it is not empty, is all that the program gets (GuestProgramSpec.envVariables); other users of
  // the guest cannot see it, as they can see arguments.
  virtual Awaitable<Result<std::int64_t>> start_program(std::string vm, GuestCredentials who,
                                                        std::string path, std::string arguments,
                                                        std::vector<Secret> environment) = 0;
  // Looks at a program that was started here. Returns nullopt if the guest no longer knows it.
  virtual Awaitable<Result<std::optional<GuestProcess>>> process(std::string vm,
                                                                 GuestCredentials who,
                                                                 std::int64_t pid) = 0;
  // Asks the guest to end the program, and returns without waiting for its end.
  virtual Awaitable<Status> terminate_process(std::string vm, GuestCredentials who,
                                              std::int64_t pid) = 0;
  // Returns the whole file at `path`. More than `max_bytes` is an error (kTooLarge).
  // `host_thumbprint` is that of the ESXi host the VM was listed on, "" if it is not known: the
  // file may come from there.
  virtual Awaitable<Result<std::string>> read_file(std::string vm, GuestCredentials who,
                                                   std::string path, std::string host_thumbprint,
                                                   std::size_t max_bytes) = 0;
  // Deletes the file at `path`.
  virtual Awaitable<Status> delete_file(std::string vm, GuestCredentials who, std::string path) = 0;
};

}  // namespace ballast::collector
