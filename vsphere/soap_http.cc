#include "vsphere/soap_http.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "vsphere/soap_decode.h"

namespace ballast::vsphere {

namespace {

constexpr std::string_view kCookieName = "vmware_soap_session=";
constexpr std::string_view kNoSession = "Out of HTTP sessions";  // vCenter's own words
constexpr int kOk = 200;
constexpr int kServerError = 500;
constexpr int kUnavailable = 503;

bool is_seconds(std::string_view text) {
  return !text.empty() && text.size() < 8 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Retry-After is a number of seconds or a date.
std::string when_to_retry(const HttpResponse& response) {
  const std::string value = response.header("retry-after");
  if (value.empty()) return "scan again in a few minutes";
  const std::string shown = printable(value, 40);
  return is_seconds(value) ? "scan again in " + shown + " seconds, as the server asks"
                           : "scan again after " + shown + ", as the server asks";
}

}  // namespace

std::string session_cookie(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (name != "set-cookie" || !value.starts_with(kCookieName)) continue;
    return value.substr(0, value.find(';'));
  }
  return {};
}

Error http_failure(const HttpResponse& response) {
  if (response.status == kUnavailable && response.body.find(kNoSession) != std::string::npos) {
    return {ErrorCode::kUnavailable,
            "the server has no session left for another client (HTTP 503)",
            "end sessions that other tools have left open, or " + when_to_retry(response),
            {}};
  }
  if (response.status == kUnavailable) {
    return {ErrorCode::kUnavailable,
            "the server is busy or still starting (HTTP 503)",
            when_to_retry(response),
            {}};
  }
  return {ErrorCode::kProtocol,
          "the server answered HTTP " + std::to_string(response.status),
          "check that the URL is that of a vCenter or ESXi host, and that no proxy answers in its "
          "place",
          {}};
}

Result<std::string> soap_answer(HttpResponse response) {
  if (response.status == kOk) return std::move(response.body);
  if (response.status != kServerError) return fail(http_failure(response));
  auto fault = decode_nothing(response.body);
  const bool is_fault = !fault && fault.error().code != ErrorCode::kProtocol;
  return fail(is_fault ? std::move(fault.error()) : http_failure(response));
}

}  // namespace ballast::vsphere
