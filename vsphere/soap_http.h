// How SOAP travels over HTTP: headers, status codes, the session cookie.
#pragma once

#include <string>

#include "base/result.h"
#include "vsphere/http_client.h"

namespace ballast::vsphere {

// "vmware_soap_session=…", exactly as the server wrote it; "" if the answer sets none.
[[nodiscard]] std::string session_cookie(const HttpResponse& response);

// The envelope of a successful answer. A fault (HTTP 500) comes back as the Error that explains it,
// 503 and 429 as kUnavailable, any other status as kProtocol.
[[nodiscard]] Result<std::string> soap_answer(HttpResponse response);

// HTTP 503 or 429.
[[nodiscard]] bool is_refusal_for_now(const HttpResponse& response);

// Why a status other than success means failure, for answers that hold no SOAP. Of a refusal for
// now, retry_after is what the server's Retry-After says, an hour at most.
[[nodiscard]] Error http_failure(const HttpResponse& response);

}  // namespace ballast::vsphere
