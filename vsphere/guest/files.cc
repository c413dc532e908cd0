#include "vsphere/guest/files.h"

#include <utility>

#include "base/text.h"
#include "vsphere/soap/http.h"
#include "vsphere/tls/certificate.h"
#include "vsphere/tls/context.h"

namespace ballast::vsphere {

namespace {

constexpr const char* kAnyHost = "*";
// A file of a few KiB is there before another connection would be.
constexpr std::chrono::milliseconds kPatience{100};
// Twice what a vCenter may have. Each one is remembered, so that a server must not name new ones
// without end.
constexpr std::size_t kMostHosts = 5'000;
constexpr int kTransferred = 200;
constexpr int kNotFound = 404;

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string shown(const Endpoint& endpoint) {
  return printable(endpoint.host, 200) + ":" + std::to_string(endpoint.port);
}

bool is_same(const Endpoint& a, const Endpoint& b) {
  return a.tls == b.tls && a.port == b.port && a.host == b.host;
}

Error failure(const HttpResponse& response, const Endpoint& endpoint) {
  if (response.status == kNotFound) {
    return {ErrorCode::kProtocol,
            shown(endpoint) + " no longer has the file (HTTP 404)",
            "scan again; the VM may have moved to another host meanwhile",
            {}};
  }
  return during(http_failure(response), shown(endpoint));
}

// No connection came about: says whose certificate, name or port it is, which are neither those of
// the vCenter nor the guest's.
Error out_of_reach(Error error, const Endpoint& host) {
  if (error.code != ErrorCode::kTls && host.proxy_host.empty()) {
    error.hint =
        "the guest's file is fetched from the ESXi host: see that its name resolves here, and that "
        "a firewall lets this machine reach the port";
  }
  error.code = ErrorCode::kHostUnreachable;
  return during(std::move(error), "the ESXi host of the guest");
}

}  // namespace

HostThumbprints::HostThumbprints(const std::vector<model::Host>& hosts) {
  List all;
  for (const auto& host : hosts) {
    const auto thumbprint = normal_thumbprint(host.ssl_thumbprint);
    if (!thumbprint) continue;
    all.push_back(*thumbprint);
    const auto [known, is_new] = by_name_.emplace(lower_case(host.name), *thumbprint);
    if (!is_new && known->second != *thumbprint) known->second.clear();
  }
  all_ = std::make_shared<const List>(std::move(all));
}

std::string HostThumbprints::of(const std::string& name) const {
  const auto known = by_name_.find(lower_case(name));
  return known == by_name_.end() ? std::string() : known->second;
}

Result<TlsTrust> host_trust(const TlsTrust& vcenter, const std::string& host,
                            const std::string& listed, const HostThumbprints& reported) {
  if (vcenter.thumbprint.empty()) return vcenter;
  TlsTrust trust;
  trust.thumbprint = reported.of(host);
  if (!trust.thumbprint.empty()) return trust;
  if (listed.empty()) {
    return fail(ErrorCode::kTls,
                "vCenter does not report the ESXi host's certificate thumbprint, so the host "
                "cannot be trusted",
                "use ca_file in place of thumbprint for this vCenter");
  }
  trust.thumbprint = listed;
  trust.or_one_of = reported.all();
  return trust;
}

Result<Url> transfer_url(const std::string& text, const Endpoint& vcenter) {
  auto url = parse_url(text);
  if (!url) {
    return fail(ErrorCode::kProtocol, "vCenter gave a URL for the file that cannot be understood");
  }
  if (vcenter.tls && !url->endpoint.tls) {
    return fail(ErrorCode::kTls, "vCenter gave a URL for the file that is not encrypted");
  }
  // vCenter's word for "the server that was called", whose port may be a forwarded one.
  if (url->endpoint.host == kAnyHost) {
    url->endpoint.host = vcenter.host;
    url->endpoint.port = vcenter.port;
  }
  return url;
}

GuestFiles::GuestFiles(boost::asio::any_io_executor executor, HttpClient& vcenter,
                       Settings settings)
    : executor_(std::move(executor)), vcenter_(vcenter), settings_(std::move(settings)) {}

void GuestFiles::set_hosts(const std::vector<model::Host>& hosts) {
  reported_ = HostThumbprints(hosts);
  addresses_.clear();
  for (const auto& host : hosts) addresses_.emplace(lower_case(host.name), host.address);
}

Awaitable<Result<std::string>> GuestFiles::download(std::string url, std::string host_thumbprint,
                                                    std::size_t max_bytes) {
  auto place = transfer_url(url, vcenter_.endpoint());
  if (!place) co_return fail(std::move(place.error()));
  auto host = host_for(place->endpoint, host_thumbprint);
  if (!host) co_return fail(std::move(host.error()));
  HttpClient& client = *host == nullptr ? vcenter_ : *(*host)->client;
  HttpRequest request;
  request.target = std::move(place->target);
  request.timeout = settings_.timeout;
  request.max_body_bytes = max_bytes;
  auto response = co_await client.send(std::move(request));
  if (*host != nullptr) note_use(**host);
  if (!response && !client.was_reached()) {
    co_return fail(out_of_reach(std::move(response.error()), client.endpoint()));
  }
  if (!response) co_return fail(std::move(response.error()));
  if (response->status != kTransferred) co_return fail(failure(*response, place->endpoint));
  co_return std::move(response->body);
}

void GuestFiles::hurry(std::chrono::steady_clock::time_point deadline) {
  hurry_ = hurry_ ? std::min(*hurry_, deadline) : deadline;
  for (const auto& [key, host] : hosts_) host.client->hurry(*hurry_);
}

// Only a thumbprint is one host's own.
Result<std::shared_ptr<TlsContext>> GuestFiles::context_for(const TlsTrust& trust) {
  if (!trust.thumbprint.empty()) return TlsContext::create(trust);
  if (shared_context_ == nullptr) {
    auto created = TlsContext::create(trust);
    if (!created) return fail(std::move(created.error()));
    shared_context_ = std::move(*created);
  }
  return shared_context_;
}

// There may be more hosts than descriptors.
void GuestFiles::note_use(Host& host) {
  if (host.place) idle_.erase(*host.place);
  host.place = idle_.insert(idle_.end(), &host);
  if (idle_.size() <= settings_.max_idle_hosts) return;
  Host& oldest = *idle_.front();
  idle_.pop_front();
  oldest.place.reset();
  oldest.client->close_idle();
}

Result<GuestFiles::Host*> GuestFiles::host_for(const Endpoint& endpoint,
                                               const std::string& host_thumbprint) {
  if (is_same(endpoint, vcenter_.endpoint())) return nullptr;
  auto trust = host_trust(settings_.vcenter_trust, endpoint.host, host_thumbprint, reported_);
  if (!trust) return fail(std::move(trust.error()));
  // A host whose certificate was replaced is another host.
  const std::string key = endpoint.host + ' ' + std::to_string(endpoint.port) + ' ' +
                          (endpoint.tls ? "tls " : "plain ") + trust->thumbprint;
  if (const auto known = hosts_.find(key); known != hosts_.end()) return &known->second;
  if (hosts_.size() >= kMostHosts) {
    return fail(ErrorCode::kProtocol, "vCenter names more than " + std::to_string(kMostHosts) +
                                          " ESXi hosts that guests' files are on");
  }
  auto host = meet(endpoint, *trust);
  if (!host) return fail(std::move(host.error()));
  return &hosts_.emplace(key, std::move(*host)).first->second;
}

Result<GuestFiles::Host> GuestFiles::meet(const Endpoint& endpoint, const TlsTrust& trust) {
  HttpLimits limits;
  limits.max_connections = settings_.max_host_connections;
  limits.max_kept = 1;  // there may be thousands of hosts
  limits.patience = kPatience;
  limits.connect_timeout = settings_.connect_timeout;
  auto tls = context_for(trust);
  if (!tls) return fail(std::move(tls.error()));
  auto way = routed(endpoint, settings_.proxy);
  if (!way) return fail(std::move(way.error()));
  if (const auto known = addresses_.find(lower_case(endpoint.host)); known != addresses_.end()) {
    way->spare_address = known->second;
  }
  auto client = HttpClient::create(executor_, std::move(*way), std::move(*tls), limits);
  if (hurry_) client->hurry(*hurry_);
  return Host{std::move(client), std::nullopt};
}

}  // namespace ballast::vsphere
