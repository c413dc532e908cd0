#include "vsphere/http/reachability.h"

#include <ctime>
#include <memory>
#include <utility>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/deadline.h"
#include "vsphere/http/connection.h"
#include "vsphere/http/name_lookup.h"
#include "vsphere/tls/certificate.h"
#include "vsphere/tls/context.h"
#include "vsphere/tls/stream.h"

namespace ballast::vsphere {

namespace {

UtcTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return UtcTime(std::chrono::seconds(::timegm(&parts)));
}

TlsReport report_of(SSL& ssl) {
  const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(&ssl),
                                                           X509_free);
  TlsReport report;
  report.version = SSL_get_version(&ssl);
  if (certificate == nullptr) return report;
  report.subject = subject_of(*certificate);
  report.issuer = issuer_of(*certificate);
  report.valid_until = time_of(X509_get0_notAfter(certificate.get()));
  report.thumbprint_sha256 = sha256_thumbprint(*certificate);
  return report;
}

Awaitable<Result<TlsReport>> shake_hands(const Endpoint& endpoint, TlsPeer& peer,
                                         TimePoint deadline, Progress& progress) {
  auto socket = co_await dial(endpoint, deadline, progress);
  if (!socket) co_return fail(std::move(socket.error()));
  progress.phase = Progress::Phase::kHandshake;
  PeerCheck check;
  TlsStream stream(std::move(*socket), peer, check);
  const auto error = co_await stream.shake_hands();
  throw_if_aborted(error);
  if (error) co_return fail(handshake_failed(endpoint, error, check));
  co_return report_of(*stream.native());
}

Awaitable<Result<std::string>> connected_address(const Endpoint& endpoint, TimePoint deadline,
                                                 Progress& progress) {
  const auto socket = co_await dial(endpoint, deadline, progress);
  if (!socket) co_return fail(socket.error());
  co_return progress.address;
}

}  // namespace

Awaitable<Result<std::vector<std::string>>> resolve_host(std::string host,
                                                         std::chrono::milliseconds limit) {
  const Endpoint endpoint{true, host, 443};
  Progress progress;
  progress.phase = Progress::Phase::kLookup;
  auto lookup = look_up(host, endpoint.port);
  const auto found = co_await finish_by(from_now(limit), std::move(lookup));
  if (!found) co_return fail(timed_out(endpoint, progress, limit));
  if (found->first) co_return fail(lookup_failed(endpoint, found->first));
  std::vector<std::string> addresses;
  for (const auto& address : found->second) addresses.push_back(address.address().to_string());
  co_return addresses;
}

Awaitable<Result<std::string>> try_connect(Endpoint endpoint, std::chrono::milliseconds limit) {
  Progress progress;
  auto work = connected_address(endpoint, from_now(limit), progress);
  auto address = co_await finish_by(from_now(limit), std::move(work));
  if (!address) co_return fail(timed_out(endpoint, progress, limit));
  co_return std::move(*address);
}

Awaitable<Result<TlsReport>> try_handshake(Endpoint endpoint, TlsTrust trust,
                                           std::chrono::milliseconds limit, TlsIdentity identity) {
  auto context = TlsContext::create(trust, identity);
  if (!context) co_return fail(std::move(context.error()));
  TlsPeer peer(std::move(*context), endpoint.host);
  Progress progress;
  auto work = shake_hands(endpoint, peer, from_now(limit), progress);
  auto report = co_await finish_by(from_now(limit), std::move(work));
  if (!report) co_return fail(timed_out(endpoint, progress, limit));
  co_return std::move(*report);
}

}  // namespace ballast::vsphere
