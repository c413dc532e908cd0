#include "vsphere/http/http_client.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <exception>
#include <optional>
#include <utility>

#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>

#include "base/deadline.h"
#include "base/secret.h"
#include "base/text.h"
#include "vsphere/http/connection.h"
#include "vsphere/http/exchange.h"
#include "vsphere/tls/context.h"

namespace ballast::vsphere {

namespace urls = boost::urls;

namespace {

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
    // Boost 1.81's own number of "99999" is 34463.
    const std::string_view digits = url.port();
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, endpoint.port);
    if (read.ec != std::errc() || endpoint.port == 0) {
      return refuse(text, "has a port that is not between 1 and 65535");
    }
  }
  return endpoint;
}

using Connection = std::unique_ptr<HttpConnection>;

// An exchange that begins after the hurried deadline still has this long: time to log out of a
// server that answers.
constexpr std::chrono::seconds kLeast{1};

TimePoint now() { return TimePoint::clock::now(); }

// A request as it goes over the wire. It may carry a password or the session cookie, so its memory
// is overwritten at the end, and the body is kept only once, behind the head.
class Outgoing {
 public:
  Outgoing(HttpRequest request, std::string head) : request_(std::move(request)) {
    message_.reserve(head.size() + request_.body.size());
    message_.append(head).append(request_.body);
    wipe(head);
    wipe(request_.body);
    request_.body = std::string();
  }
  ~Outgoing() {
    wipe(message_);
    for (auto& header : request_.headers) wipe(header.second);
  }
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  [[nodiscard]] const HttpRequest& request() const { return request_; }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  HttpRequest request_;
  std::string message_;
};

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

std::string HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

class HttpClient::Impl {
 public:
  Impl(boost::asio::any_io_executor executor, Endpoint endpoint, std::shared_ptr<TlsContext> tls,
       HttpLimits limits)
      : endpoint_(std::move(endpoint)),
        limits_(limits),
        permits_(executor, limits.max_connections),
        kept_(executor, limits.max_kept),
        deadlines_(std::move(executor), kLeast) {
    if (endpoint_.tls) tls_.emplace(std::move(tls), endpoint_.host);
  }

  Awaitable<Result<HttpResponse>> send(HttpRequest request) {
    auto head = request_head(request, endpoint_);
    if (!head) co_return fail(std::move(head.error()));
    const TimePoint began = now();
    Deadline deadline(deadlines_, began + request.timeout);
    const Outgoing outgoing(std::move(request), std::move(*head));
    Progress progress;
    std::optional<Result<HttpResponse>> response;
    try {
      response = co_await exchange(outgoing, deadline, progress);
    } catch (...) {
      // Cutting the connection off ends what it waits for. A caller's cancellation goes on: as a
      // value it would be taken for an answer.
      if (!deadline.expired() || !is_cancellation(std::current_exception())) throw;
    }
    if (response && *response) ++answers_;
    if (response) co_return std::move(*response);
    using std::chrono::milliseconds;
    const auto waited = std::chrono::round<milliseconds>(deadline.expiry() - began);
    co_return fail(timed_out(endpoint_, progress, waited));
  }

  void close_idle() { idle_.clear(); }
  void hurry(TimePoint deadline) { deadlines_.hurry(deadline); }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] std::uint64_t answers() const { return answers_; }
  [[nodiscard]] bool was_reached() const { return was_reached_; }

 private:
  struct Idle {
    Connection connection;
    TimePoint since;
  };

  // Returns nullopt if the deadline came. A request needs a permit; beyond that it waits for its
  // patience until few enough others are under way for its connection to be kept.
  Awaitable<std::optional<Result<HttpResponse>>> exchange(const Outgoing& outgoing,
                                                          Deadline& deadline, Progress& progress) {
    auto permit = permits_.try_acquire();
    if (!permit) permit = co_await finish_by(deadline, permits_.acquire());
    if (!permit) co_return std::nullopt;
    auto kept = kept_.try_acquire();
    if (!kept && limits_.patience.count() > 0) {
      Deadline patience(deadlines_, std::min(deadline.expiry(), from_now(limits_.patience)));
      kept = co_await finish_by(patience, kept_.acquire());
      if (deadline.expired()) co_return std::nullopt;
    }
    if (auto reused = take_idle()) {
      auto answer = co_await exchange_on(*reused, outgoing, deadline, progress);
      if (!answer) co_return std::nullopt;
      if (!answer->lost_before_answer) co_return keep(std::move(reused), std::move(*answer));
    }
    auto fresh = co_await connect(deadline, progress);
    if (!fresh) co_return std::nullopt;
    if (!*fresh) co_return fail(std::move(fresh->error()));
    auto answer = co_await exchange_on(***fresh, outgoing, deadline, progress);
    if (!answer) co_return std::nullopt;
    co_return keep(std::move(**fresh), std::move(*answer));
  }

  Awaitable<std::optional<Answer>> exchange_on(HttpConnection& connection, const Outgoing& outgoing,
                                               Deadline& deadline, Progress& progress) {
    // Cutting the connection off moves the exchange on: the phase of the timeout is the one before.
    auto cut_in = progress.phase;
    const Deadline::OnExpiry on_expiry(deadline, [&] {
      cut_in = progress.phase;
      connection.cut_off();
    });
    auto answer = co_await connection.exchange(outgoing.request(), outgoing.message(),
                                               limits_.max_header_bytes, progress);
    if (!deadline.expired()) co_return answer;
    progress.phase = cut_in;
    co_return std::nullopt;
  }

  Awaitable<std::optional<Result<Connection>>> connect(Deadline& deadline, Progress& progress) {
    Deadline connected(deadlines_, std::min(deadline.expiry(), now() + limits_.connect_timeout));
    TlsPeer* const peer = tls_ ? &*tls_ : nullptr;
    auto opening = HttpConnection::open(endpoint_, peer, connected.expiry(), progress);
    auto opened = co_await finish_by(connected, std::move(opening));
    if (opened && *opened) was_reached_ = true;
    if (opened || deadline.expired()) co_return opened;
    co_return fail(timed_out(endpoint_, progress, limits_.connect_timeout));
  }

  // The connection used last is the likeliest to be alive. Null if none is.
  Connection take_idle() {
    const auto oldest_allowed = now() - limits_.idle_timeout;
    while (!idle_.empty() && idle_.front().since <= oldest_allowed) idle_.pop_front();
    while (!idle_.empty()) {
      auto connection = std::move(idle_.back().connection);
      idle_.pop_back();
      if (connection->is_quiet()) return connection;
    }
    return nullptr;
  }

  Result<HttpResponse> keep(Connection connection, Answer answer) {
    if (answer.reusable && idle_.size() < limits_.max_kept) {
      idle_.push_back({std::move(connection), now()});
    }
    return std::move(answer.response);
  }

  const Endpoint endpoint_;
  const HttpLimits limits_;
  std::optional<TlsPeer> tls_;  // nullopt for plain HTTP
  std::deque<Idle> idle_;       // longest idle first
  Semaphore permits_;
  Semaphore kept_;
  Deadlines deadlines_;
  std::uint64_t answers_ = 0;
  bool was_reached_ = false;
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::create(boost::asio::any_io_executor executor,
                                                       Endpoint endpoint, const TlsTrust& trust,
                                                       HttpLimits limits,
                                                       const TlsIdentity& identity) {
  if (!endpoint.tls) return create(std::move(executor), std::move(endpoint), nullptr, limits);
  auto tls = TlsContext::create(trust, identity);
  if (!tls) return fail(std::move(tls.error()));
  return create(std::move(executor), std::move(endpoint), std::move(*tls), limits);
}

std::unique_ptr<HttpClient> HttpClient::create(boost::asio::any_io_executor executor,
                                               Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                               HttpLimits limits) {
  auto impl =
      std::make_unique<Impl>(std::move(executor), std::move(endpoint), std::move(tls), limits);
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

Awaitable<Result<HttpResponse>> HttpClient::send(HttpRequest request) {
  return impl_->send(std::move(request));
}

void HttpClient::hurry(std::chrono::steady_clock::time_point deadline) { impl_->hurry(deadline); }

void HttpClient::close_idle() { impl_->close_idle(); }

const Endpoint& HttpClient::endpoint() const { return impl_->endpoint(); }

std::uint64_t HttpClient::answers() const { return impl_->answers(); }

bool HttpClient::was_reached() const { return impl_->was_reached(); }

}  // namespace ballast::vsphere
