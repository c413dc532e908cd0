#include "cli/doctor/network.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/wiring.h"

namespace ballast::cli {

namespace {

constexpr std::chrono::days kRenewalAhead{30};
constexpr std::size_t kMostAddresses = 8;

// Without colons it fits into a line of 80 columns.
std::string line_to_pin(std::string thumbprint) {
  std::erase(thumbprint, ':');
  return fmt::format("thumbprint = \"{}\"", thumbprint);
}

// The whole of it stands in the line to paste; folded into a hint it could not be copied.
std::string shortened(std::string text, const std::string& thumbprint) {
  constexpr std::size_t kShown = 11;
  const auto at = thumbprint.size() > kShown ? text.find(thumbprint) : std::string::npos;
  if (at != std::string::npos) {
    text.replace(at, thumbprint.size(), thumbprint.substr(0, kShown) + "…");
  }
  return text;
}

std::string day_of(UtcTime time) { return format_iso8601(time).substr(0, 10); }

std::string addresses_in_words(const std::vector<std::string>& addresses) {
  const auto shown = std::min(addresses.size(), kMostAddresses);
  const auto end = addresses.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string text = fmt::format("{}", fmt::join(addresses.begin(), end, ", "));
  if (shown < addresses.size()) text += fmt::format(" and {} more", addresses.size() - shown);
  return text;
}

Awaitable<bool> look_up(std::string host, std::chrono::milliseconds limit, CheckList& list) {
  const auto addresses = co_await vsphere::resolve_host(std::move(host), limit);
  if (!addresses) {
    list.add_failure("name lookup", addresses.error(), "check the url and this machine's DNS");
    co_return false;
  }
  list.add("name lookup", CheckState::kOk, addresses_in_words(*addresses));
  co_return true;
}

Awaitable<bool> connect(vsphere::Endpoint endpoint, std::chrono::milliseconds limit,
                        CheckList& list) {
  const auto port = endpoint.port;
  const auto address = co_await vsphere::try_connect(std::move(endpoint), limit);
  if (!address) {
    list.add_failure("TCP connection", address.error(),
                     "check the port of the url, and the firewalls on the way");
    co_return false;
  }
  list.add("TCP connection", CheckState::kOk, fmt::format("{}, port {}", *address, port));
  co_return true;
}

// What the certificate says may be of use even when it is not trusted: asked for once more, by a
// handshake that accepts it and sends nothing.
Awaitable<void> add_untrusted(Error error, vsphere::Endpoint endpoint,
                              std::chrono::milliseconds limit, CheckList& list) {
  vsphere::TlsTrust anything;
  anything.insecure = true;
  vsphere::TlsIdentity nobody;
  const auto report = co_await vsphere::try_handshake(std::move(endpoint), std::move(anything),
                                                      limit, std::move(nobody));
  if (!report) {
    list.add_failure("TLS", error, "check the TLS settings of the server");
    co_return;
  }
  error.hint = shortened(std::move(error.hint), report->thumbprint_sha256);
  error.message += fmt::format(" ({} from {}, until {})", report->subject, report->issuer,
                               day_of(report->valid_until));
  list.add_failure("TLS", error, "compare the thumbprint with the one its administrator sees")
      .to_paste = line_to_pin(report->thumbprint_sha256);
}

Awaitable<bool> shake_hands(vsphere::Endpoint endpoint, vsphere::TlsTrust trust,
                            vsphere::TlsIdentity identity, std::chrono::milliseconds limit,
                            CheckList& list) {
  const auto report = co_await vsphere::try_handshake(endpoint, trust, limit, std::move(identity));
  if (report) {
    auto check = judge_tls(*report, trust, now_utc());
    auto& added = list.add("TLS", check.state, std::move(check.detail), std::move(check.hint));
    added.to_paste = std::move(check.to_paste);
    co_return true;
  }
  if (report.error().code == ErrorCode::kTls) {
    co_await add_untrusted(report.error(), std::move(endpoint), limit, list);
  } else {
    list.add_failure("TLS", report.error(), "check what answers on this port");
  }
  co_return false;
}

}  // namespace

Check judge_tls(const vsphere::TlsReport& report, const vsphere::TlsTrust& trust, UtcTime now) {
  Check check{{}, "TLS", CheckState::kOk};
  check.detail = fmt::format("{}, certificate from {}, valid until {}", report.version,
                             report.issuer, day_of(report.valid_until));
  if (trust.insecure) {
    check.state = CheckState::kWarning;
    check.detail += "; any certificate is accepted: whoever answers gets the password";
    check.hint = "in place of insecure = true, pin the certificate once you compared it:";
    check.to_paste = line_to_pin(report.thumbprint_sha256);
  } else if (report.valid_until < now + kRenewalAhead) {
    const auto days = std::chrono::floor<std::chrono::days>(report.valid_until - now).count();
    check.state = CheckState::kWarning;
    check.detail += days < 0    ? ", which is over"
                    : days == 1 ? ": 1 day"
                                : fmt::format(": {} days", days);
    check.hint = trust.thumbprint.empty()
                     ? "renew the server's certificate; scans fail once it has ended"
                     : "renew the server's certificate, then pin the new one's thumbprint";
  }
  return check;
}

Awaitable<bool> check_network(collector::VcenterConfig vcenter, CheckList& list) {
  list.begin();
  const auto url = vsphere::parse_url(vcenter.url);
  if (!url) {
    list.add_failure("name lookup", url.error(), "correct the url");
    co_return false;
  }
  const std::chrono::milliseconds limit = vcenter.connect_timeout;
  const auto way = vsphere::routed(url->endpoint, proxy_rules(vcenter));
  if (!way) {
    list.add_failure("name lookup", way.error(), "correct the proxy");
    co_return false;
  }
  const auto& endpoint = *way;
  if (!endpoint.proxy_host.empty()) {
    list.add(
        "name lookup", CheckState::kOk,
        fmt::format("left to the proxy {}, port {}", endpoint.proxy_host, endpoint.proxy_port));
  } else if (!co_await look_up(endpoint.host, limit, list)) {
    co_return false;
  }
  if (!co_await connect(endpoint, limit, list)) co_return false;
  if (!endpoint.tls) {
    list.add("TLS", CheckState::kWarning, "none: the password crosses the network in the clear",
             "begin the url with https://");
    co_return true;
  }
  vsphere::TlsTrust trust{vcenter.ca_file, vcenter.thumbprint, vcenter.insecure};
  auto identity = client_identity(vcenter);
  if (!identity) {
    list.add_failure("TLS", identity.error(), "correct client_key_file");
    co_return false;
  }
  co_return co_await shake_hands(endpoint, std::move(trust), std::move(*identity), limit, list);
}

}  // namespace ballast::cli
