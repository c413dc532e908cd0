#include "cli/govc.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "vsphere/http/http_client.h"

namespace ballast::cli {

namespace {

constexpr std::string_view kHttpsPort = "443";

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// nullopt for a '%' that two hex digits do not follow.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());  // it may be a password: growing would leave copies behind
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    if (text.size() - i < 3 || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
      return std::nullopt;
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

// Takes "user:password" apart into the address.
Status take_user(std::string_view user, VcenterAddress& address) {
  const auto colon = user.find(':');
  auto name = percent_decoded(user.substr(0, colon));
  auto password = percent_decoded(colon == std::string_view::npos ? "" : user.substr(colon + 1));
  if (!name || !password) {
    return fail(ErrorCode::kInvalidArgument,
                "the user in the URL has a '%' that two hex digits do not follow",
                "write a '%' of a user name or a password as %25");
  }
  address.username = std::move(*name);
  if (colon != std::string_view::npos) address.password = Secret(std::move(*password));
  wipe(*password);
  return {};
}

}  // namespace

Result<VcenterAddress> parse_vcenter_address(std::string_view text) {
  const auto scheme_end = text.find("://");
  const bool has_scheme = scheme_end != std::string_view::npos;
  const std::string scheme(has_scheme ? text.substr(0, scheme_end) : "https");
  std::string_view rest = has_scheme ? text.substr(scheme_end + 3) : text;
  VcenterAddress address;
  const auto at = rest.substr(0, rest.find_first_of("/?#")).rfind('@');
  // A password with "/" or "://" in it would be taken for other parts, and shown.
  const bool is_scheme = std::all_of(scheme.begin(), scheme.end(),
                                     [](unsigned char c) { return std::isalpha(c) != 0; });
  const auto last_at = rest.rfind('@');
  if (!is_scheme || (last_at != std::string_view::npos && last_at != at)) {
    return fail(ErrorCode::kInvalidArgument, "the URL has an \"@\" or \"://\" where none belongs",
                "in a user name or password write %40 for @, %3A for :, %2F for /");
  }
  if (at != std::string_view::npos) {
    auto taken = take_user(rest.substr(0, at), address);
    if (!taken) return fail(std::move(taken.error()));
    rest.remove_prefix(at + 1);
  }
  address.url = fmt::format("{}://{}", scheme, rest);
  address.authority = rest.substr(0, rest.find_first_of("/?#"));
  const auto url = vsphere::parse_url(address.url);
  if (!url) return fail(url.error());
  const auto& host = url->endpoint.host;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  const std::string name = is_ipv6 ? "[" + host + "]" : host;
  address.known_as = in_lower_case(fmt::format("{}:{}", name, url->endpoint.port));
  return address;
}

std::string known_thumbprint(std::string_view lines, std::string_view known_as) {
  std::string found;
  for (const auto line : split_lines(lines)) {
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) continue;
    std::string host = in_lower_case(line.substr(0, blank));
    const auto colon = host.rfind(':');
    if (colon == std::string::npos || host.ends_with(']')) host.append(":").append(kHttpsPort);
    if (host == known_as) found = trim(line.substr(blank));
  }
  return found;
}

bool is_true_for_govc(std::string_view value) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "TRUE", "true", "True"};
  return std::find(kTrue.begin(), kTrue.end(), value) != kTrue.end();
}

}  // namespace ballast::cli
