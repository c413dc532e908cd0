#include "vsphere/http_client.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <optional>
#include <set>
#include <utility>

#include "base/secret.h"
#include "vsphere/http_connection.h"
#include "vsphere/http_deadline.h"
#include "vsphere/http_exchange.h"
#include "vsphere/http_message.h"
#include "vsphere/tls_context.h"

namespace ballast::vsphere {

namespace {

using Connection = std::unique_ptr<HttpConnection>;

TimePoint now() { return std::chrono::steady_clock::now(); }

// What goes over the wire may carry a password or the session cookie: gone when this goes. The body
// is kept once, behind the head.
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

// The deadlines of the exchanges under way, and how near they may have to be.
class Deadlines {
 public:
  // One exchange's; the timer must outlive it.
  class Entry {
   public:
    Entry(Deadlines& owner, boost::asio::steady_timer& timer) : owner_(owner), timer_(timer) {
      owner_.timers_.insert(&timer_);
    }
    ~Entry() { owner_.timers_.erase(&timer_); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Deadlines& owner_;
    boost::asio::steady_timer& timer_;
  };

  // For an exchange that begins now.
  [[nodiscard]] TimePoint limit(std::chrono::milliseconds wanted) const {
    constexpr std::chrono::seconds kLeast{1};
    const TimePoint end = now() + wanted;
    return last_ ? std::min(end, std::max(*last_, now() + kLeast)) : end;
  }

  void hurry(TimePoint last) {
    last_ = last_ ? std::min(*last_, last) : last;
    for (auto* timer : timers_) {
      if (timer->expiry() > *last_) timer->expires_at(*last_);
    }
  }

 private:
  std::optional<TimePoint> last_;
  std::set<boost::asio::steady_timer*> timers_;
};

class HttpClient::Impl {
 public:
  Impl(boost::asio::any_io_executor executor, Endpoint endpoint, std::unique_ptr<TlsContext> tls,
       HttpLimits limits)
      : executor_(executor),
        endpoint_(std::move(endpoint)),
        limits_(limits),
        tls_(std::move(tls)),
        permits_(std::move(executor), limits.max_connections) {}

  Awaitable<Result<HttpResponse>> send(HttpRequest request) {
    auto head = request_head(request, endpoint_);
    if (!head) co_return fail(std::move(head.error()));
    const TimePoint began = now();
    boost::asio::steady_timer deadline(executor_, deadlines_.limit(request.timeout));
    const Deadlines::Entry entry(deadlines_, deadline);
    const Outgoing outgoing(std::move(request), std::move(*head));
    Progress progress;
    bool was_cancelled = false;
    std::optional<Result<HttpResponse>> response;
    try {
      auto work = exchange(outgoing, progress);
      response = co_await finish_by(deadline, std::move(work));
    } catch (...) {
      if (!is_cancellation(std::current_exception())) throw;
      was_cancelled = true;
    }
    if (was_cancelled) co_return fail(cancelled(endpoint_));
    if (!response) {
      using std::chrono::milliseconds;
      const auto waited = std::chrono::round<milliseconds>(deadline.expiry() - began);
      co_return fail(timed_out(endpoint_, progress, waited));
    }
    co_return std::move(*response);
  }

  void close_idle() { idle_.clear(); }
  void hurry(TimePoint deadline) { deadlines_.hurry(deadline); }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  struct Idle {
    Connection connection;
    TimePoint since;
  };

  Awaitable<Result<HttpResponse>> exchange(const Outgoing& outgoing, Progress& progress) {
    const auto permit = co_await permits_.acquire();
    if (auto reused = take_idle()) {
      auto answer = co_await reused->exchange(outgoing.request(), outgoing.message(),
                                              limits_.max_header_bytes, progress);
      if (!answer.lost_before_answer) co_return keep(std::move(reused), std::move(answer));
    }
    auto fresh = co_await connect(progress);
    if (!fresh) co_return fail(std::move(fresh.error()));
    auto answer = co_await (*fresh)->exchange(outgoing.request(), outgoing.message(),
                                              limits_.max_header_bytes, progress);
    co_return keep(std::move(*fresh), std::move(answer));
  }

  Awaitable<Result<Connection>> connect(Progress& progress) {
    const auto deadline = now() + limits_.connect_timeout;
    auto opening = HttpConnection::open(endpoint_, tls_.get(), deadline, progress);
    auto opened = co_await finish_by(deadline, std::move(opening));
    if (!opened) co_return fail(timed_out(endpoint_, progress, limits_.connect_timeout));
    co_return std::move(*opened);
  }

  // The one used last, which is the likeliest to be alive; null if none is.
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
    if (answer.reusable && idle_.size() < limits_.max_idle) {
      idle_.push_back({std::move(connection), now()});
    }
    return std::move(answer.response);
  }

  boost::asio::any_io_executor executor_;
  const Endpoint endpoint_;
  const HttpLimits limits_;
  const std::unique_ptr<TlsContext> tls_;  // null for plain HTTP
  std::deque<Idle> idle_;                  // longest idle first
  Semaphore permits_;
  Deadlines deadlines_;
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::create(boost::asio::any_io_executor executor,
                                                       Endpoint endpoint, TlsTrust trust,
                                                       HttpLimits limits) {
  std::unique_ptr<TlsContext> tls;
  if (endpoint.tls) {
    auto created = TlsContext::create(trust);
    if (!created) return fail(std::move(created.error()));
    tls = std::move(*created);
  }
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

}  // namespace ballast::vsphere
