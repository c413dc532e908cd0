#include "vsphere/soap/http.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <time.h>

#include "base/text.h"
#include "base/time.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/vim_fault.h"

namespace ballast::vsphere {

namespace {

// The newest release whose API the project was written against.
constexpr std::string_view kNewestKnown = "8.0.3.0";
constexpr const char* kFallback = "5.0";
constexpr std::size_t kMaxVersionBytes = 32;

using Numbers = std::vector<int>;

// "8.0.2.0" -> {8, 0, 2}: zeros at the end do not count. nullopt for anything else, as "2.5u2".
std::optional<Numbers> numbers_of(std::string_view version) {
  if (version.empty() || version.size() > kMaxVersionBytes) return std::nullopt;
  Numbers out;
  const char* at = version.data();
  const char* const end = at + version.size();
  while (true) {
    const auto [stop, error] = std::from_chars(at, end, out.emplace_back());
    if (error != std::errc() || out.back() < 0) return std::nullopt;
    if (stop == end) break;
    if (*stop != '.') return std::nullopt;
    at = stop + 1;
  }
  while (!out.empty() && out.back() == 0) out.pop_back();
  return out;
}

constexpr std::string_view kCookieName = "vmware_soap_session=";
constexpr int kOk = 200;
constexpr int kServerError = 500;
constexpr int kTooManyRequests = 429;
constexpr int kUnavailable = 503;
constexpr std::size_t kShownUrlBytes = 200;
constexpr std::chrono::seconds kLongestWait = std::chrono::hours(1);

bool is_seconds(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Reads "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<UtcTime> http_date(const std::string& text) {
  std::tm date{};
  const char* rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  return UtcTime{std::chrono::seconds(::timegm(&date))};
}

// Retry-After is a number of seconds, or a date.
std::chrono::seconds retry_after(const HttpResponse& response) {
  const std::string value = response.header("retry-after");
  std::chrono::seconds wait{0};
  if (is_seconds(value)) {
    constexpr std::size_t kMostDigits = 8;  // more seconds than that are years
    wait =
        value.size() > kMostDigits ? kLongestWait : std::chrono::seconds(std::atoi(value.c_str()));
  } else {
    const auto at = http_date(value);
    if (!at) return wait;
    wait = std::chrono::ceil<std::chrono::seconds>(*at - now_utc());
  }
  return std::clamp(wait, std::chrono::seconds(0), kLongestWait);
}

// A server that is still starting says nothing of sessions; one without a free session says so in
// several ways.
bool speaks_of_sessions(std::string_view body) {
  return body.find("session") != std::string_view::npos ||
         body.find("Session") != std::string_view::npos;
}

Error unavailable(const HttpResponse& response) {
  Error error;
  error.code = ErrorCode::kUnavailable;
  const std::string status = " (HTTP " + std::to_string(response.status) + ")";
  if (response.status == kUnavailable && speaks_of_sessions(response.body)) {
    error = out_of_sessions();
    error.message += status;
  } else if (response.status == kTooManyRequests) {
    error.message = "the server takes no more requests for now" + status;
  } else {
    error.message = "the server is busy or still starting" + status;
  }
  error.retry_after = retry_after(response);
  if (error.retry_after.count() > 0) {
    error.message +=
        "; it asks to be left alone for " + std::to_string(error.retry_after.count()) + " seconds";
  }
  if (error.hint.empty()) {
    error.hint = error.retry_after.count() > 0 ? "scan again then" : "scan again in a few minutes";
  }
  return error;
}

}  // namespace

std::string choose_version(const std::vector<std::string>& offered) {
  const Numbers limit = *numbers_of(kNewestKnown);
  std::pair<Numbers, std::string> newest_known;
  std::pair<Numbers, std::string> oldest;
  for (const auto& version : offered) {
    auto numbers = numbers_of(version);
    if (!numbers) continue;
    if (oldest.second.empty() || *numbers < oldest.first) oldest = {*numbers, version};
    if (*numbers <= limit && (newest_known.second.empty() || *numbers > newest_known.first)) {
      newest_known = {std::move(*numbers), version};
    }
  }
  if (!newest_known.second.empty()) return newest_known.second;
  return oldest.second.empty() ? kFallback : oldest.second;
}

std::string session_cookie(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (name != "set-cookie" || !value.starts_with(kCookieName)) continue;
    return value.substr(0, value.find(';'));
  }
  return {};
}

std::optional<UtcTime> date_of(const HttpResponse& response) {
  return http_date(response.header("date"));
}

Result<std::string> soap_answer(HttpResponse response) {
  if (response.status == kOk) return std::move(response.body);
  if (response.status != kServerError) return fail(http_failure(response));
  auto fault = decode_nothing(response.body);
  const bool is_fault = !fault && fault.error().code != ErrorCode::kProtocol;
  return fail(is_fault ? std::move(fault.error()) : http_failure(response));
}

bool is_refusal_for_now(const HttpResponse& response) {
  return response.status == kUnavailable || response.status == kTooManyRequests;
}

Error http_failure(const HttpResponse& response) {
  if (is_refusal_for_now(response)) return unavailable(response);
  std::string answer = "the server answered HTTP " + std::to_string(response.status);
  const auto target = printable(response.header("location"), kShownUrlBytes);
  if (!target.empty()) answer += ", which points to " + target;
  return {ErrorCode::kProtocol,
          std::move(answer),
          "check that the URL is that of a vCenter or ESXi host, and that no proxy answers in its "
          "place",
          {}};
}

}  // namespace ballast::vsphere
