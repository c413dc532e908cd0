// GuestOperationsManager: programs and files inside one guest, through VMware Tools.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/async.h"
#include "base/result.h"
#include "vsphere/client.h"
#include "vsphere/session.h"
#include "vsphere/soap/encode.h"

namespace ballast::vsphere {

// See Client for the contracts. The session must be open and outlive this.
class GuestOperations {
 public:
  explicit GuestOperations(Session& session) : session_(session) {}

  // Learns the managers; before anything else. A server without guest operations is no error here
  // but in the calls.
  Awaitable<Status> prepare();

  // Busy VMs are waited for until `deadline` at most, and later not at all.
  void hurry(std::chrono::steady_clock::time_point deadline);

  Awaitable<Result<std::string>> create_temporary_file(std::string vm, GuestLogin login,
                                                       std::string prefix, std::string suffix);
  Awaitable<Result<std::int64_t>> start_program(std::string vm, GuestLogin login, std::string path,
                                                std::string arguments);
  Awaitable<Result<GuestProcess>> process(std::string vm, GuestLogin login, std::int64_t pid);
  Awaitable<Status> terminate_process(std::string vm, GuestLogin login, std::int64_t pid);
  Awaitable<Result<GuestFile>> initiate_file_transfer(std::string vm, GuestLogin login,
                                                      std::string path);
  Awaitable<Status> delete_file(std::string vm, GuestLogin login, std::string path);

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool may_pause() const;
  [[nodiscard]] GuestTarget in_processes(std::string vm, GuestLogin login) const;
  [[nodiscard]] GuestTarget in_files(std::string vm, GuestLogin login) const;

  // The call, again and again for some seconds while the VM is busy; or, if the server has no such
  // manager, an error without asking it.
  template <class T>
  Awaitable<Result<T>> call(ManagedObject manager, SoapRequest request, std::string doing,
                            Session::Decoder<T> decode);

  Session& session_;
  ManagedObject processes_;
  ManagedObject files_;
  std::optional<Clock::time_point> hurry_;
};

}  // namespace ballast::vsphere
