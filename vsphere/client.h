// One vCenter (or ESXi host) as the project uses it: session, inventory, guest operations.
//
// SOAP is vim25 over HttpClient; every wait has a deadline; every error names the vCenter, what was
// being done and what to try. All methods are coroutines on the executor given at creation (single
// threaded) and may be in flight together; large answers are decoded on the thread pool.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "model/history/balloon_bracket.h"
#include "model/inventory.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

struct ClientOptions {
  std::string name;  // what the user calls this vCenter; starts every error
  std::string url;   // "https://vc.example.com" or with /sdk
  std::string username;
  Secret password;
  TlsTrust trust;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds request_timeout{60'000};
  std::size_t max_connections = 8;       // to vCenter
  std::size_t max_host_connections = 2;  // to each ESXi host, for guest files
  std::int32_t page_size = 0;            // RetrieveOptions.maxObjects; 0: the server decides
  std::size_t max_response_bytes = 64 * 1024 * 1024;
};

// A listing of VMs under way, page by page.
class VmListing {
 public:
  virtual ~VmListing() = default;
  // The next page; an empty one is the end. The request for the page after it is sent before this
  // one is returned. A session that expires in between is renewed once and the listing restarted
  // behind the scenes, without VMs twice. After an error there is nothing more to read.
  virtual Awaitable<Result<std::vector<model::VmView>>> next() = 0;
  // Must be awaited when the listing is left, finished or not: cancels an unfinished collection on
  // the server and destroys the view. Failures are logged only. The work itself is a task of the
  // client's: it goes on if the caller is cancelled, and disconnect() waits for it. The listing
  // must not outlive the client.
  virtual Awaitable<void> close() = 0;
};

struct GuestLogin {
  std::string username;
  Secret password;
};

struct GuestProcess {
  bool known = false;  // the guest still knows the pid
  bool ended = false;  // endTime is set
  std::optional<int> exit_code;
};

// InitiateFileTransferFromGuest's answer.
struct GuestFile {
  std::string url;  // valid once, for 10 minutes; host may be "*": the server that was called
  std::optional<std::int64_t> size;
};

// Whether the user holds a privilege on the root folder; for doctor.
struct PrivilegeState {
  std::string id;  // "VirtualMachine.GuestOperations.Execute"
  bool held = false;
};

class Client {
 public:
  static Result<std::unique_ptr<Client>> create(boost::asio::any_io_executor executor,
                                                boost::asio::thread_pool& pool,
                                                ClientOptions options);
  ~Client();

  // Version negotiation (vimServiceVersions.xml), ServiceContent, Login. Must succeed before
  // anything else is called. Errors: kLogin for a refused password (never retried), and those of
  // HttpClient::send.
  Awaitable<Result<model::VcenterAbout>> connect();
  // Waits for what listings still have to put in order on the server, then logs out. Must be
  // awaited before destruction; safe after any failure and when never connected. Logs failures,
  // returns none.
  Awaitable<void> disconnect();

  // From now on every request, those under way included, ends (kTimeout) by `deadline`; one that is
  // begun later, or less than a second before it, after a second. For a program that has to end. A
  // second call with a later deadline changes nothing.
  void hurry(std::chrono::steady_clock::time_point deadline);

  Awaitable<Result<UtcTime>> current_time();
  // All hosts visible, with cluster and datacenter names.
  Awaitable<Result<std::vector<model::Host>>> hosts();
  Awaitable<Result<std::unique_ptr<VmListing>>> list_vms();
  // Every resource pool visible.
  Awaitable<Result<std::vector<model::ResourcePool>>> resource_pools();
  // Folders that may hold VMs, and datacenters, so that the names from a VM's folder_moref upwards
  // are its path: the root folder is left out, and the hidden folder "vm" of a datacenter, in which
  // VMs outside any folder are, carries the datacenter's name and parent.
  Awaitable<Result<std::vector<model::Folder>>> folders();
  // The realtime samples of the last `span` of mem.vmmemctl.average and the newest of
  // mem.vmmemctltarget.average for these VMs (morefs), in QueryPerf calls no larger than the server
  // allows. A VM that has none, or is gone, comes without samples; the answer has the order of
  // `vms`. Errors: the server has no such counter, refuses (System.Read is enough), or fails.
  Awaitable<Result<std::vector<model::BalloonCounters>>> balloon_counters(
      std::vector<std::string> vms, std::chrono::seconds span);
  // The newest mem.state.latest of these hosts (morefs), by moref; hosts without it are left out.
  Awaitable<Result<std::map<std::string, std::int64_t>>> host_memory_states(
      std::vector<std::string> hosts);
  // Which of the privileges ballast needs the session holds on the root folder.
  Awaitable<Result<std::vector<PrivilegeState>>> privileges();

  // Guest operations on one powered-on VM. Vim faults come back as Error with `fault` set to the
  // class name ("InvalidGuestLogin", "GuestOperationsUnavailable", …) and words for the user.
  Awaitable<Result<std::string>> create_temporary_file(std::string vm, GuestLogin login,
                                                       std::string prefix, std::string suffix);
  Awaitable<Result<std::int64_t>> start_program(std::string vm, GuestLogin login, std::string path,
                                                std::string arguments);
  Awaitable<Result<GuestProcess>> process(std::string vm, GuestLogin login, std::int64_t pid);
  Awaitable<Status> terminate_process(std::string vm, GuestLogin login, std::int64_t pid);
  Awaitable<Result<GuestFile>> initiate_file_transfer(std::string vm, GuestLogin login,
                                                      std::string path);
  // GETs the file. The URL's ESXi host is trusted by the CA, by `insecure`, or by
  // thumbprint when that is how this vCenter is trusted: what hosts() reported for the host of that
  // name, else `host_thumbprint` (HostSystem summary.config.sslThumbprint) or any that it reported.
  // More than `max_bytes`: kTooLarge.
  Awaitable<Result<std::string>> download(GuestFile file, std::string host_thumbprint,
                                          std::size_t max_bytes);
  Awaitable<Status> delete_file(std::string vm, GuestLogin login, std::string path);

  [[nodiscard]] const std::string& name() const;

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::vsphere
