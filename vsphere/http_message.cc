#include "vsphere/http_message.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "vsphere/http_error.h"

namespace ballast::vsphere {

namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_target(std::string_view text) {
  return text.starts_with('/') && std::all_of(text.begin(), text.end(),
                                              [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c >= 0x20 && c != 0x7F) || c == '\t'; });
}

bool is_added_here(std::string_view name) {
  for (const char* own : {"Host", "Content-Length", "Transfer-Encoding"}) {
    if (boost::algorithm::iequals(name, own)) return true;
  }
  return false;
}

std::size_t room_for(const HttpRequest& request) {
  constexpr std::size_t kFixedParts = 128;
  std::size_t room = kFixedParts + request.method.size() + request.target.size();
  for (const auto& [name, value] : request.headers) room += name.size() + value.size() + 4;
  return room;
}

std::string host_field(const Endpoint& endpoint) {
  const bool usual = endpoint.port == (endpoint.tls ? 443 : 80);
  std::string host = place(endpoint);
  return usual ? host.substr(0, host.rfind(':')) : host;
}

}  // namespace

Result<std::string> request_head(const HttpRequest& request, const Endpoint& endpoint) {
  if (!is_token(request.method) || !is_target(request.target)) {
    return fail(ErrorCode::kInvalidArgument,
                "a request to " + place(endpoint) + " has a malformed method or target");
  }
  std::string head;
  // In one piece from the start: growing would leave copies behind of what is to be overwritten.
  head.reserve(room_for(request) + endpoint.host.size());
  fmt::format_to(std::back_inserter(head), "{} {} HTTP/1.1\r\nHost: {}\r\n", request.method,
                 request.target, host_field(endpoint));
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value) || is_added_here(name)) {
      return fail(ErrorCode::kInvalidArgument,
                  "a request to " + place(endpoint) + " has a malformed header");
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", request.body.size());
  }
  head += "\r\n";
  return head;
}

std::string HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace ballast::vsphere
