// How SOAP travels over HTTP: headers, status codes, the session cookie.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "vsphere/http/http_client.h"

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

// Which version of the vim25 API to speak.

// The newest of the versions that the server offers ("8.0.2.0", "6.7", …) and that ballast knows;
// if all are newer, the oldest. "5.0" if it offers none: the first with guest operations.
[[nodiscard]] std::string choose_version(const std::vector<std::string>& offered);

}  // namespace ballast::vsphere
