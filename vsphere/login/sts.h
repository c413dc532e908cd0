// What is said to vCenter's Security Token Service (WS-Trust 1.3), which gives a SAML token for a
// user and a password, and how the token is then given to vCenter. Texts are escaped; they must be
// UTF-8. Pure; any thread.
//
// Only bearer tokens are asked for. One that is bound to a key takes signatures over canonical XML
// in each message; a bearer token goes to vCenter over the same TLS connection as its password
// would, is used at once, and is good for minutes only.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "vsphere/http/http_client.h"
#include "vsphere/login/assertion.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// The place of the service on a vCenter, for vCenter's own domain.
inline constexpr const char* kStsPath = "/sts/STSService";
// What SOAPAction says of a request for a token.
inline constexpr const char* kIssueAction =
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue";

// Returns the request for a bearer token that is good for five minutes from `now`, by the
// service's clock.
[[nodiscard]] SoapRequest encode_issue(const std::string& username, const Secret& password,
                                       UtcTime now);

// Returns the token in the service's answer. `ahead` is by how much vCenter's clock is ahead of
// this machine's, for the error that says so. Errors: kLogin for a refused user or password (locked
// and expired included), kFault for another fault (Error::fault is its code: "InvalidTimeRange"),
// kUnavailable and kProtocol for anything else.
[[nodiscard]] Result<Assertion> decode_issue(const HttpResponse& response,
                                             std::chrono::milliseconds ahead);

// Returns the request that logs in with a token.
[[nodiscard]] SoapRequest encode_login_by_token(const ManagedObject& session_manager,
                                                const Assertion& token, UtcTime now);

}  // namespace ballast::vsphere
