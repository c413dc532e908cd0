// Fetches files out of guests from the URL that InitiateFileTransferFromGuest gave: on the ESXi
// host that runs the VM, or on vCenter itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/async.h"
#include "base/result.h"
#include "vsphere/http_client.h"

namespace ballast::vsphere {

// How an ESXi host is trusted, given how its vCenter is: the same CA, or not at all, or by the
// thumbprint that vCenter reports for the host. Errors: kTls if that is needed and "".
[[nodiscard]] Result<TlsTrust> host_trust(const TlsTrust& vcenter,
                                          const std::string& host_thumbprint);

// The URL with host "*" replaced by the server that was called. Errors never show the URL, whose
// token is a key to the file; a plain-HTTP URL from a vCenter reached by TLS is refused.
[[nodiscard]] Result<Url> transfer_url(const std::string& text, const Endpoint& vcenter);

class GuestFiles {
 public:
  struct Settings {
    TlsTrust vcenter_trust;
    std::size_t max_host_connections = 2;
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds timeout{60'000};
  };

  // `vcenter` must outlive this. Every host met keeps its own connections until the end.
  GuestFiles(boost::asio::any_io_executor executor, HttpClient& vcenter, Settings settings);

  // The file; more than `max_bytes` is kTooLarge.
  Awaitable<Result<std::string>> download(std::string url, std::string host_thumbprint,
                                          std::size_t max_bytes);

  // As HttpClient::hurry, of every host, those met later included.
  void hurry(std::chrono::steady_clock::time_point deadline);

 private:
  Result<HttpClient*> client_for(const Endpoint& endpoint, const std::string& host_thumbprint);

  boost::asio::any_io_executor executor_;
  HttpClient& vcenter_;
  Settings settings_;
  std::map<std::string, std::unique_ptr<HttpClient>> hosts_;
  std::optional<std::chrono::steady_clock::time_point> hurry_;
};

}  // namespace ballast::vsphere
