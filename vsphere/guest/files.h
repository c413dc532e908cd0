// Fetches files out of guests from the URL that InitiateFileTransferFromGuest gave: on the ESXi
// host that runs the VM, or on vCenter itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/async.h"
#include "base/result.h"
#include "model/inventory.h"
#include "vsphere/http/http_client.h"
#include "vsphere/http/proxy.h"

namespace ballast::vsphere {

// The certificates of a vCenter's ESXi hosts, as it reports them.
class HostThumbprints {
 public:
  using List = std::vector<std::string>;  // in normal form

  HostThumbprints() : all_(std::make_shared<List>()) {}
  // Leaves out hosts without a thumbprint, or with text that is none.
  explicit HostThumbprints(const std::vector<model::Host>& hosts);

  // Of the host of that name; "" if there is none, or if two of that name differ.
  [[nodiscard]] std::string of(const std::string& name) const;
  [[nodiscard]] const std::shared_ptr<const List>& all() const { return all_; }

 private:
  std::map<std::string, std::string> by_name_;  // in lower case
  std::shared_ptr<const List> all_;
};

// How the ESXi host `host` of a URL is trusted, given how its vCenter is: the same CA, or not at
// all, or by thumbprint: the one reported for the host of that name. Where the name says nothing
// (an address, say), it is `listed`, that of the host where the VM was when it was listed, or any
// reported one: the VM may have moved since. Errors: kTls if `listed` is needed and "".
[[nodiscard]] Result<TlsTrust> host_trust(const TlsTrust& vcenter, const std::string& host,
                                          const std::string& listed,
                                          const HostThumbprints& reported);

// The URL with host "*" replaced by the server that was called. Errors never show the URL, whose
// token is a key to the file; a plain-HTTP URL from a vCenter reached by TLS is refused.
[[nodiscard]] Result<Url> transfer_url(const std::string& text, const Endpoint& vcenter);

class GuestFiles {
 public:
  struct Settings {
    TlsTrust vcenter_trust;
    ProxyRules proxy = {};
    std::size_t max_host_connections = 2;
    std::size_t max_idle_hosts = 256;  // so many keep a connection between two files
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds timeout{60'000};
  };

  // `vcenter` must outlive this. What is known of a host that was met is kept until the end. The
  // hosts that were used last keep an idle connection, one each.
  GuestFiles(boost::asio::any_io_executor executor, HttpClient& vcenter, Settings settings);

  // From now on these hosts are trusted; see host_trust.
  // One whose name cannot be resolved or reached from here is tried at its own address.
  void set_hosts(const std::vector<model::Host>& hosts);

  // The file; more than `max_bytes` is kTooLarge.
  Awaitable<Result<std::string>> download(std::string url, std::string host_thumbprint,
                                          std::size_t max_bytes);

  // As HttpClient::hurry, of every host, those met later included.
  void hurry(std::chrono::steady_clock::time_point deadline);

 private:
  Result<std::shared_ptr<TlsContext>> context_for(const TlsTrust& trust);
  struct Host {
    std::unique_ptr<HttpClient> client;
    std::optional<std::list<Host*>::iterator> place;  // in idle_
  };
  // Returns null for a file on vCenter itself.
  Result<Host*> host_for(const Endpoint& endpoint, const std::string& host_thumbprint);
  Result<Host> meet(const Endpoint& endpoint, const TlsTrust& trust);
  void note_use(Host& host);

  boost::asio::any_io_executor executor_;
  HttpClient& vcenter_;
  Settings settings_;
  HostThumbprints reported_;
  std::map<std::string, std::string> addresses_;  // by a host's name in lower case
  std::shared_ptr<TlsContext> shared_context_;
  std::map<std::string, Host> hosts_;
  std::list<Host*> idle_;  // those that may have an idle connection; the one used last is the last
  std::optional<std::chrono::steady_clock::time_point> hurry_;
};

}  // namespace ballast::vsphere
