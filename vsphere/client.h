// One vCenter (or ESXi host) as the project uses it: session, inventory, guest operations.
//
// SOAP is vim25 over HttpClient; every wait has a deadline; every error names the vCenter, what was
// being done and what to try. All methods are coroutines on the executor given at creation (single
// threaded) and may be in flight together; large answers are decoded on the thread pool.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async.h"
#include "base/result.h"
#include "base/secret.h"
#include "collector/ports/vcenter.h"
#include "vsphere/http/http_client.h"
#include "vsphere/http/proxy.h"
#include "vsphere/login/login_requests.h"

namespace ballast::vsphere {

struct ClientOptions {
  std::string name;  // what the user calls this vCenter; starts every error
  std::string url;   // "https://vc.example.com" or with /sdk
  LoginWay login = LoginWay::kPassword;
  std::string username;
  Secret password;
  FetchToken fetch_token = {};  // LoginWay::kToken
  std::string sts_url = {};     // LoginWay::kSso; "": at vCenter's own place
  TlsTrust trust;
  TlsIdentity identity = {};  // shown to vCenter and its single sign-on, not to ESXi hosts
  ProxyRules proxy = {};      // for vCenter and its ESXi hosts
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds request_timeout{60'000};
  std::size_t max_connections = 8;       // to vCenter
  std::size_t max_host_connections = 2;  // to each ESXi host, for guest files
  std::size_t max_idle_hosts = 256;      // ESXi hosts to which a connection is kept between files
  std::int32_t page_size = 0;            // RetrieveOptions.maxObjects; 0: the server decides
  std::size_t max_response_bytes = 64 * 1024 * 1024;
};

// Says whether the user holds a privilege on the root folder.
struct PrivilegeState {
  std::string id;  // "VirtualMachine.GuestOperations.Execute"
  bool held = false;
};

// Whom vCenter takes the session for.
struct LoggedIn {
  std::string user;                    // "VSPHERE.LOCAL\\monitor"; "" if it does not say
  std::optional<UtcTime> token_until;  // of the token that it logged in with
};

// Is the collector's Vcenter, which has the contracts of the calls that a scan makes; here is what
// only vim25 explains:
// - connect() negotiates the version (vimServiceVersions.xml), reads ServiceContent and logs in. A
//   session that is lost later is renewed, and the call repeated, once.
// - balloon_counters() gives the realtime samples of mem.vmmemctl.average and the newest of
//   mem.vmmemctltarget.average, host_memory_states() the newest mem.state.latest. System.Read is
//   enough for both.
// - A page of list_vms() is asked for before the one ahead of it is returned. A listing whose
//   session, view or place was lost starts over behind the scenes, as long as it gets further.
// - guests().read_file() fetches from the ESXi host that vCenter's URL names. That host is trusted
//   by the CA, by `insecure`, or by thumbprint when that is how this vCenter is trusted: what the
//   newest hosts() reported for the host of that name, else the one given, or any reported.
class Client : public collector::Vcenter {
 public:
  // Makes a client; nothing is sent before connect(). `pool` must outlive it. Errors:
  // kInvalidArgument for a URL, kTls or kConfig for a trust or an identity, that cannot be used.
  static Result<std::unique_ptr<Client>> create(boost::asio::any_io_executor executor,
                                                boost::asio::thread_pool& pool,
                                                ClientOptions options);

  // Returns which of the privileges that ballast needs the session holds on the VM with this moref;
  // on the root folder where it is "".
  virtual Awaitable<Result<std::vector<PrivilegeState>>> privileges(std::string vm) = 0;

  // Returns whose session it is, once connect() has succeeded.
  [[nodiscard]] virtual LoggedIn logged_in() const = 0;
};

}  // namespace ballast::vsphere
