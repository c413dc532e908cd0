// Tries the way to a server step by step, for doctor: is the name known, does the port answer, is
// the certificate trusted. Each step is given what the one before it found. Coroutines of any
// executor; the errors are those of HttpClient::send.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

// Returns the addresses of `host`; an address is returned as it is. Errors: kUnreachable, kTimeout.
Awaitable<Result<std::vector<std::string>>> resolve_host(std::string host,
                                                         std::chrono::milliseconds limit);

// Returns the address that took a TCP connection. Errors: kUnreachable (refused, no route),
// kTimeout.
Awaitable<Result<std::string>> try_connect(Endpoint endpoint, std::chrono::milliseconds limit);

struct TlsReport {
  std::string version;  // "TLSv1.3"
  std::string subject;  // the certificate's, printable
  std::string issuer;
  UtcTime valid_until{};
  std::string thumbprint_sha256;  // hex with colons
};

// Shakes hands as HttpClient::send does, and returns what the server showed. Errors: kTls, with the
// certificate's problem and its thumbprint; kConfig (CA file, thumbprint, identity); kUnreachable;
// kTimeout.
Awaitable<Result<TlsReport>> try_handshake(Endpoint endpoint, TlsTrust trust,
                                           std::chrono::milliseconds limit, TlsIdentity identity);

}  // namespace ballast::vsphere
