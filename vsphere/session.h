// Keeps one authenticated session with one vCenter: SOAP calls with a deadline, and a new login
// when the session is lost. Coroutines of one executor; several calls may be in flight together.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async.h"
#include "base/result.h"
#include "vsphere/http/http_client.h"
#include "vsphere/login/login_requests.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

struct SessionSettings {
  std::string name;           // what the user calls this vCenter; starts every error
  std::string path = "/sdk";  // of the SOAP endpoint
  std::chrono::milliseconds timeout{60'000};  // of one call
  std::size_t max_response_bytes = 64 * 1024 * 1024;
};

// What becomes of a call when the server says NotAuthenticated.
enum class CallMode {
  kRenewing,  // logs in again, once, and repeats the call
  kPlain,     // reports it: the call would mean nothing in another session
  kCleanup,   // as kPlain, and with a short deadline
};

class Session {
 public:
  template <class T>
  using Decoder = Result<T> (*)(std::string_view answer);

  // `http`, `pool` and `logins` must outlive the session.
  Session(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool, HttpClient& http,
          LoginRequests& logins, SessionSettings settings);

  // Chooses the version, reads the ServiceContent and logs in. To be called once. Errors: those of
  // HttpClient::send, of soap_answer() and of LoginRequests::next().
  Awaitable<Status> open();
  // Ends the tasks of cleanups() and fetches(), then logs out. Never fails and cannot be cancelled;
  // what such a task threw is thrown at the end. Must be awaited before the session is destroyed. A
  // closed session stays closed.
  Awaitable<void> close();
  [[nodiscard]] bool is_open() const { return is_open_; }

  // Makes one call and returns the answer's text. `request` must live until the call has ended.
  // Errors (a fault is one, too) begin with the vCenter's name and `doing`, which is a text like
  // "listing the virtual machines".
  Awaitable<Result<std::string>> ask(const SoapRequest& request, std::string doing, CallMode mode);

  // Returns decode(std::move(answer)); large answers are decoded on the pool.
  template <class T, class Decode>
  Awaitable<Result<T>> decoded(std::string answer, std::string doing, Decode decode) {
    Result<T> value;
    if (answer.size() < kLargeBytes) {
      value = decode(std::move(answer));
    } else {
      auto job = [text = std::move(answer), decode]() mutable { return decode(std::move(text)); };
      value = co_await run_on(pool_, std::move(job));
    }
    if (!value) co_return fail(explained(std::move(value.error()), doing));
    co_return value;
  }

  // Makes one call and decodes its answer.
  template <class T>
  Awaitable<Result<T>> call(const SoapRequest& request, std::string doing, Decoder<T> decode,
                            CallMode mode = CallMode::kRenewing) {
    auto answer = co_await ask(request, doing, mode);
    if (!answer) co_return fail(std::move(answer.error()));
    co_return co_await decoded<T>(std::move(*answer), std::move(doing), decode);
  }

  // Returns `error` with the message "vcenter: doing: what went wrong".
  [[nodiscard]] Error explained(Error error, std::string_view doing) const;

  [[nodiscard]] const std::string& name() const { return settings_.name; }
  [[nodiscard]] const SessionSettings& settings() const { return settings_; }
  [[nodiscard]] const ServiceContent& content() const { return content_; }
  [[nodiscard]] const std::string& key() const { return login_.key; }
  // Whom the server takes this session for, and until when the token was good that it began with.
  [[nodiscard]] const std::string& user() const { return login_.user; }
  [[nodiscard]] std::optional<UtcTime> token_until() const { return token_until_; }
  // Grows with every login, so that what belongs to an earlier session can be told.
  [[nodiscard]] std::uint64_t logins() const { return logins_; }
  [[nodiscard]] boost::asio::any_io_executor executor() const { return executor_; }

  // Tasks that outlive the coroutine that began them. close() waits for the cleanups, which put
  // things in order on the server, and cancels the fetches, which are requests ahead of need.
  [[nodiscard]] TaskGroup& cleanups() { return cleanups_; }
  [[nodiscard]] TaskGroup& fetches() { return fetches_; }

 private:
  static constexpr std::size_t kLargeBytes = 64 * 1024;

  Awaitable<Result<std::string>> exchange(const SoapRequest& request, CallMode mode);
  Awaitable<Result<std::string>> post(const SoapRequest& request, std::string cookie,
                                      std::chrono::milliseconds timeout);
  Awaitable<Result<HttpResponse>> send(HttpRequest request, std::string method);
  Awaitable<Status> negotiate();
  Awaitable<Status> read_content();
  Awaitable<Status> renew(std::uint64_t lost_login);
  Awaitable<Status> log_in();
  Awaitable<void> log_out();
  [[nodiscard]] HttpRequest soap_request(const SoapRequest& request, std::string cookie) const;

  boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& pool_;
  HttpClient& http_;
  LoginRequests& login_requests_;
  SessionSettings settings_;
  std::string version_;
  ServiceContent content_;
  std::string cookie_;
  UserSession login_;
  std::optional<UtcTime> token_until_;
  std::chrono::milliseconds clock_ahead_{0};  // the server's, of this machine's
  std::uint64_t logins_ = 0;
  bool is_open_ = false;
  Semaphore login_turn_;
  std::uint64_t login_attempts_ = 0;  // ended ones, whether they succeeded or not
  Status last_login_;
  TaskGroup cleanups_;
  TaskGroup fetches_;
};

}  // namespace ballast::vsphere
