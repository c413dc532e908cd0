// TLS failures as sentences for the user.
#pragma once

#include <boost/system/error_code.hpp>

#include "base/result.h"
#include "vsphere/http_client.h"
#include "vsphere/tls_context.h"

namespace ballast::vsphere {

[[nodiscard]] Error handshake_failed(const Endpoint& endpoint, const boost::system::error_code& why,
                                     const PeerCheck& check);
// After the handshake.
[[nodiscard]] Error tls_broke(const Endpoint& endpoint, const boost::system::error_code& why);

}  // namespace ballast::vsphere
