#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>

#include "base/text.h"
#include "vsphere/http_client.h"

namespace ballast::vsphere {

namespace {

namespace urls = boost::urls;

constexpr std::size_t kMaxUrlBytes = 8192;
constexpr std::string_view kExample = "write it like https://vcenter.example.com";

// The URL for an error: never with what stands before an '@', which may be a password.
std::string shown(const std::string& text) {
  if (text.find('@') != std::string::npos) return "the URL";
  return "the URL \"" + printable(text, 200) + "\"";
}

tl::unexpected<Error> refuse(const std::string& text, std::string_view why,
                             std::string_view hint = kExample) {
  return fail(ErrorCode::kInvalidArgument, shown(text) + " " + std::string(why), std::string(hint));
}

Result<Endpoint> endpoint_of(const urls::url_view& url, const std::string& text) {
  Endpoint endpoint;
  if (url.scheme_id() == urls::scheme::http) {
    endpoint.tls = false;
  } else if (url.scheme_id() != urls::scheme::https) {
    return refuse(text, "begins with neither https:// nor http://");
  }
  if (url.has_userinfo()) {
    return refuse(text, "has a user name in it",
                  "leave it out; user name and password have settings of their own");
  }
  // Percent-encoding in a host would only serve to hide what it is.
  std::string_view host = url.encoded_host_address();
  if (host.empty()) return refuse(text, "names no host");
  if (host.find('%') != std::string_view::npos) return refuse(text, "has a '%' in its host name");
  endpoint.host = std::string(host);
  endpoint.port = endpoint.tls ? 443 : 80;
  if (url.has_port() && !url.port().empty()) {
    endpoint.port = url.port_number();
    if (endpoint.port == 0) return refuse(text, "has a port that is not between 1 and 65535");
  }
  return endpoint;
}

}  // namespace

Result<Url> parse_url(const std::string& text) {
  if (text.size() > kMaxUrlBytes) {
    return fail(ErrorCode::kInvalidArgument, "a URL is longer than 8192 bytes");
  }
  const auto parsed = urls::parse_uri(text);
  if (!parsed) return refuse(text, "is not a URL");
  auto endpoint = endpoint_of(*parsed, text);
  if (!endpoint) return fail(std::move(endpoint.error()));
  // Boost 1.81 takes what is wrong behind "host:" for the beginning of a path.
  const std::string_view path = parsed->encoded_path();
  if (!path.empty() && path.front() != '/') return refuse(text, "is not a URL");
  std::string target(parsed->encoded_target());
  if (path.empty()) target.insert(0, "/");
  return Url{std::move(*endpoint), std::move(target)};
}

}  // namespace ballast::vsphere
