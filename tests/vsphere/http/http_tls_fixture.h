// Servers with certificates of an authority of the tests' own.
#pragma once

#include <string>
#include <utility>

#include "tests/vsphere/http/http_fixture.h"

namespace ballast::vsphere {

class HttpTls : public HttpTest {
 protected:
  static const Identity& authority() {
    static const Identity made = make_identity({"Lab CA", {}, -1, 30, true});
    return made;
  }

  static TlsTrust trust_authority() {
    TlsTrust trust;
    trust.ca_file = save_pem(authority(), "http_tls_ca.pem");
    return trust;
  }

  static TlsTrust trust_thumbprint(std::string thumbprint) {
    TlsTrust trust;
    trust.thumbprint = std::move(thumbprint);
    return trust;
  }

  Result<HttpResponse> ask_as(const Identity& identity, const TlsTrust& trust,
                              const std::string& host = "127.0.0.1") {
    LoopbackServer server(always_answers("hello"), &identity);
    auto endpoint = server.endpoint();
    endpoint.host = host;
    const auto client = make_client(endpoint, {}, trust);
    return send(*client);
  }
};

}  // namespace ballast::vsphere
