#include "vsphere/http/proxy.h"

#include <string_view>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "vsphere/http/error.h"

namespace ballast::vsphere {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kMostHeaderBytes = 16 * 1024;
constexpr int kAuthenticationRequired = 407;

bool is_in_network(const asio::ip::address& address, const std::string& network) {
  error_code failed;
  if (address.is_v4()) {
    const auto v4 = asio::ip::make_network_v4(network, failed);
    return !failed && asio::ip::make_network_v4(address.to_v4(), v4.prefix_length()).canonical() ==
                          v4.canonical();
  }
  const auto v6 = asio::ip::make_network_v6(network, failed);
  return !failed && asio::ip::make_network_v6(address.to_v6(), v6.prefix_length()).canonical() ==
                        v6.canonical();
}

bool is_excepted(const std::string& host, std::string_view entry) {
  if (entry == "*") return true;
  error_code is_a_name;
  const auto address = asio::ip::make_address(host, is_a_name);
  if (!is_a_name) return host == entry || is_in_network(address, std::string(entry));
  if (entry.starts_with('.')) entry.remove_prefix(1);
  return !entry.empty() && (boost::algorithm::iequals(host, entry) ||
                            boost::algorithm::iends_with(host, "." + std::string(entry)));
}

bool is_excepted_by(const std::string& host, std::string_view list) {
  while (!list.empty()) {
    const auto entry = list.substr(0, list.find(','));
    list.remove_prefix(std::min(entry.size() + 1, list.size()));
    if (is_excepted(host, trim(entry))) return true;
  }
  return false;
}

bool is_loopback(const std::string& host) {
  error_code is_a_name;
  const auto address = asio::ip::make_address(host, is_a_name);
  return is_a_name ? boost::algorithm::iequals(host, "localhost") : address.is_loopback();
}

Error refused(const Endpoint& endpoint, int status) {
  Error error{ErrorCode::kUnreachable,
              fmt::format("the proxy {} gives no way to {}: HTTP {}", place(proxy_of(endpoint)),
                          place(endpoint), status),
              "see that the proxy lets this machine reach that port; proxy = \"none\" in the "
              "configuration, or no_proxy, goes around it",
              {}};
  if (status == kAuthenticationRequired) {
    error.hint =
        "the proxy asks for a login, which ballast does not give: let it pass this machine";
  }
  return error;
}

Error broken(const Endpoint& endpoint, const error_code& why) {
  return {ErrorCode::kUnreachable,
          fmt::format("the proxy {} broke off on the way to {}: {}", place(proxy_of(endpoint)),
                      place(endpoint), why.message()),
          "see that an HTTP proxy listens there",
          {}};
}

// Reads no more than the proxy's header: what follows belongs to the tunnel, where the server waits
// for the client to begin.
Awaitable<error_code> read_header(asio::ip::tcp::socket& socket,
                                  http::response_parser<http::empty_body>& parser) {
  boost::beast::flat_buffer buffer(kMostHeaderBytes);
  error_code error;
  while (!parser.is_header_done()) {
    const auto space = buffer.prepare(std::min<std::size_t>(512, kMostHeaderBytes - buffer.size()));
    if (space.size() == 0) co_return http::make_error_code(http::error::header_limit);
    const auto [failure, count] =
        co_await socket.async_read_some(space, asio::as_tuple(asio::use_awaitable));
    throw_if_aborted(failure);
    if (failure) co_return failure;
    buffer.commit(count);
    buffer.consume(parser.put(buffer.cdata(), error));
    if (error && error != http::error::need_more) co_return error;
  }
  co_return error_code();
}

}  // namespace

Result<Endpoint> routed(Endpoint endpoint, const ProxyRules& rules) {
  const bool direct = rules.url.empty() || is_excepted_by(endpoint.host, rules.except) ||
                      (rules.spares_loopback && is_loopback(endpoint.host));
  if (direct) return endpoint;
  const bool has_scheme = rules.url.find("://") != std::string::npos;
  const auto url = parse_url(has_scheme ? rules.url : "http://" + rules.url);
  if (!url || url->endpoint.tls) {
    return fail(
        ErrorCode::kConfig,
        "the URL of the proxy (proxy in the configuration, else HTTPS_PROXY) cannot be used",
        "write it like http://proxy.example.com:3128, without a user name (other kinds of "
        "proxy, and logins to one, are not supported), or go around it: proxy = \"none\" in "
        "the configuration, NO_PROXY in the environment");
  }
  endpoint.proxy_host = url->endpoint.host;
  endpoint.proxy_port = url->endpoint.port;
  return endpoint;
}

Awaitable<Status> open_tunnel(asio::ip::tcp::socket& socket, const Endpoint& endpoint) {
  const std::string where = place(endpoint);
  const std::string request = fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n\r\n", where, where);
  const auto [write_failure, written] = co_await asio::async_write(
      socket, asio::buffer(request), asio::as_tuple(asio::use_awaitable));
  throw_if_aborted(write_failure);
  if (write_failure) co_return fail(broken(endpoint, write_failure));
  http::response_parser<http::empty_body> parser;
  parser.header_limit(kMostHeaderBytes);
  parser.skip(true);  // a tunnel has no body, whatever its header says
  const auto failure = co_await read_header(socket, parser);
  if (failure) co_return fail(broken(endpoint, failure));
  const int status = static_cast<int>(parser.get().result_int());
  if (status < 200 || status > 299) co_return fail(refused(endpoint, status));
  co_return Status();
}

}  // namespace ballast::vsphere
