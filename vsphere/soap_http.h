// How SOAP travels over HTTP: headers, status codes, the session cookie.
#pragma once

#include <string>

#include "base/result.h"
#include "vsphere/http_client.h"

namespace ballast::vsphere {

// "vmware_soap_session=…", exactly as the server wrote it; "" if the answer sets none.
[[nodiscard]] std::string session_cookie(const HttpResponse& response);

// The envelope of a successful answer. A fault (HTTP 500) comes back as the Error that explains it,
// 503 as kUnavailable, any other status as kProtocol.
[[nodiscard]] Result<std::string> soap_answer(HttpResponse response);

// Why a status other than success means failure, for answers that hold no SOAP.
[[nodiscard]] Error http_failure(const HttpResponse& response);

}  // namespace ballast::vsphere
