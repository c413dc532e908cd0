// GuestOperationsManager: programs and files inside one guest, through VMware Tools.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "collector/ports/guest_operations.h"
#include "vsphere/guest/files.h"
#include "vsphere/session.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/encode.h"

namespace ballast::vsphere {

// Is the collector's GuestOperations, which has the contracts of the calls. On the session's
// thread.
class GuestOperationsManager final : public collector::GuestOperations {
 public:
  // `session` and `transfers` must outlive this.
  GuestOperationsManager(Session& session, GuestFiles& transfers)
      : session_(session), transfers_(transfers) {}

  // Learns the server's process and file managers; once the session is open, and before anything
  // else. Where there are none, or the server refuses to tell, that is an error of each call, and
  // none here: the balloons can be listed all the same.
  Awaitable<Status> prepare();

  // Waits for busy VMs until `deadline` at the latest, and after it not at all.
  void hurry(std::chrono::steady_clock::time_point deadline);

  using Who = collector::GuestCredentials;
  Awaitable<Result<std::string>> create_temporary_file(std::string vm, Who who, std::string prefix,
                                                       std::string suffix) override;
  Awaitable<Result<std::int64_t>> start_program(std::string vm, Who who, std::string path,
                                                std::string arguments,
                                                std::vector<Secret> environment) override;
  Awaitable<Result<std::optional<collector::GuestProcess>>> process(std::string vm, Who who,
                                                                    std::int64_t pid) override;
  Awaitable<Status> terminate_process(std::string vm, Who who, std::int64_t pid) override;
  // Asks for the file's URL, then downloads it; see GuestFiles.
  Awaitable<Result<std::string>> read_file(std::string vm, Who who, std::string path,
                                           std::string host_thumbprint,
                                           std::size_t max_bytes) override;
  Awaitable<Status> delete_file(std::string vm, Who who, std::string path) override;

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool may_pause() const;
  [[nodiscard]] GuestTarget in_processes(std::string vm, Who who) const;
  [[nodiscard]] GuestTarget in_files(std::string vm, Who who) const;
  Awaitable<Result<FileTransferAnswer>> initiate_transfer(std::string vm, Who who,
                                                          std::string path);

  // Makes the call, again and again for some seconds while the VM is busy; or, if the server has no
  // such manager, returns an error without asking it.
  template <class T>
  Awaitable<Result<T>> call(ManagedObject manager, SoapRequest request, std::string doing,
                            Session::Decoder<T> decode);

  Session& session_;
  GuestFiles& transfers_;
  ManagedObject processes_;
  ManagedObject files_;
  std::optional<Error> unprepared_;  // why the managers are not known
  std::optional<Clock::time_point> hurry_;
};

}  // namespace ballast::vsphere
