// The request as bytes. For http_*.cc only.
#pragma once

#include <string>

#include "base/result.h"
#include "vsphere/http_client.h"

namespace ballast::vsphere {

// Request line and headers, the empty line included. Errors: kInvalidArgument for anything that
// could end a line early or name the length twice.
[[nodiscard]] Result<std::string> request_head(const HttpRequest& request,
                                               const Endpoint& endpoint);

}  // namespace ballast::vsphere
