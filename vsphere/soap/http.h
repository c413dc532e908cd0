// How SOAP travels over HTTP: the API version named in each request, the session cookie, status
// codes. Pure, except that a Retry-After date is compared with the clock; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

// Returns the version of the vim25 API to name in SOAPAction: the newest that the server offers
// ("8.0.2.0", "6.7", …) and ballast knows. If all offered ones are newer, it is the oldest of them;
// if none is offered, "5.0", the first with guest operations.
[[nodiscard]] std::string choose_version(const std::vector<std::string>& offered);

// Returns "vmware_soap_session=…" exactly as the server wrote it; "" if the answer sets no such
// cookie.
[[nodiscard]] std::string session_cookie(const HttpResponse& response);

// Returns the server's time by the answer's Date header; nullopt if it has none.
[[nodiscard]] std::optional<UtcTime> date_of(const HttpResponse& response);

// Returns the envelope of a successful answer. Errors: the one that explains a fault (HTTP 500);
// otherwise those of http_failure().
[[nodiscard]] Result<std::string> soap_answer(HttpResponse response);

// Returns whether the server refuses for the moment: HTTP 503 or 429.
[[nodiscard]] bool is_refusal_for_now(const HttpResponse& response);

// Returns why a status other than success means failure, for answers without SOAP: kUnavailable for
// a refusal for the moment, with the server's Retry-After (one hour at most) in retry_after;
// kProtocol for every other status.
[[nodiscard]] Error http_failure(const HttpResponse& response);

}  // namespace ballast::vsphere
