#include "vsphere/session.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "base/text.h"
#include "base/thrown.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/encode.h"
#include "vsphere/soap/http.h"

namespace ballast::vsphere {

namespace {

using Clock = std::chrono::steady_clock;

// A server that hangs must not hold up the end of the program.
constexpr std::chrono::milliseconds kCleanupTimeout{5000};
constexpr std::size_t kMaxVersionsBytes = 256 * 1024;
constexpr const char* kUserAgent = "ballast/" BALLAST_VERSION;

bool is_lost_session(const Result<std::string>& answer) {
  return !answer && answer.error().fault == "NotAuthenticated";
}

// Credentials that were refused, or could not be had: the same again would lock an account, or
// start a command once more for each call that is under way.
bool is_not_worth_another_try(const Error& error) {
  return error.code == ErrorCode::kLogin || error.code == ErrorCode::kConfig;
}

}  // namespace

Session::Session(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool,
                 HttpClient& http, LoginRequests& logins, SessionSettings settings)
    : executor_(executor),
      pool_(pool),
      http_(http),
      login_requests_(logins),
      settings_(std::move(settings)),
      login_turn_(executor, 1),
      cleanups_(executor),
      fetches_(executor) {}

Error Session::explained(Error error, std::string_view doing) const {
  return during(std::move(error), settings_.name + ": " + std::string(doing));
}

Awaitable<Status> Session::open() {
  auto negotiated = co_await negotiate();
  if (!negotiated) co_return fail(explained(std::move(negotiated.error()), "connecting"));
  auto content = co_await read_content();
  if (!content) co_return fail(explained(std::move(content.error()), "connecting"));
  auto logged_in = co_await log_in();
  if (!logged_in) co_return fail(explained(std::move(logged_in.error()), "logging in"));
  is_open_ = true;
  co_return Status();
}

Awaitable<void> Session::close() {
  co_await shield_from_cancellation();
  const bool was_open = std::exchange(is_open_, false);
  Thrown thrown;
  // In this order: a cleanup may wait for the token that a fetch under way will bring.
  for (TaskGroup* tasks : {&cleanups_, &fetches_}) {
    if (tasks == &fetches_) fetches_.cancel();
    try {
      co_await tasks->join();
    } catch (...) {
      thrown.add(std::current_exception());
    }
  }
  try {
    if (was_open) co_await log_out();
  } catch (...) {
    thrown.add(std::current_exception());
  }
  thrown.rethrow();
}

Awaitable<void> Session::log_out() {
  auto logout = encode_logout(content_.session_manager);
  std::string doing = "logging out";
  auto done = co_await call<void>(logout, std::move(doing), decode_nothing, CallMode::kCleanup);
  // The server ends an idle session by itself: nobody needs to hear of this.
  if (!done) spdlog::debug("{}", done.error().message);
  wipe(cookie_);
}

Awaitable<Result<std::string>> Session::ask(const SoapRequest& request, std::string doing,
                                            CallMode mode) {
  auto answer = co_await exchange(request, mode);
  if (!answer) co_return fail(explained(std::move(answer.error()), doing));
  co_return answer;
}

Awaitable<Result<std::string>> Session::exchange(const SoapRequest& request, CallMode mode) {
  const auto timeout =
      mode == CallMode::kCleanup ? std::min(kCleanupTimeout, settings_.timeout) : settings_.timeout;
  const auto login = logins_;
  auto answer = co_await post(request, cookie_, timeout);
  if (mode != CallMode::kRenewing || !is_lost_session(answer)) co_return answer;
  auto renewed = co_await renew(login);
  if (!renewed) co_return fail(std::move(renewed.error()));
  co_return co_await post(request, cookie_, timeout);
}

Awaitable<Result<std::string>> Session::post(const SoapRequest& request, std::string cookie,
                                             std::chrono::milliseconds timeout) {
  auto message = soap_request(request, std::move(cookie));
  message.timeout = timeout;
  auto response = co_await send(std::move(message), request.method);
  if (!response) co_return fail(std::move(response.error()));
  co_return soap_answer(std::move(*response));
}

HttpRequest Session::soap_request(const SoapRequest& request, std::string cookie) const {
  HttpRequest message;
  message.method = "POST";
  message.target = settings_.path;
  message.headers = {{"Content-Type", "text/xml; charset=\"utf-8\""},
                     {"SOAPAction", "\"urn:vim25/" + version_ + "\""},
                     {"User-Agent", kUserAgent}};
  if (!cookie.empty()) message.headers.emplace_back("Cookie", std::move(cookie));
  message.body = request.envelope.reveal();
  message.max_body_bytes = settings_.max_response_bytes;
  return message;
}

Awaitable<Result<HttpResponse>> Session::send(HttpRequest request, std::string method) {
  const auto begin = Clock::now();
  auto response = co_await http_.send(std::move(request));
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
  if (response) {
    spdlog::debug("{}: {}: HTTP {}, {} bytes, {} ms", settings_.name, method, response->status,
                  response->body.size(), elapsed);
  } else {
    spdlog::debug("{}: {}: {}, {} ms", settings_.name, method, response.error().message, elapsed);
  }
  co_return response;
}

Awaitable<Status> Session::negotiate() {
  HttpRequest request;
  request.target = settings_.path + "/vimServiceVersions.xml";
  request.headers = {{"User-Agent", kUserAgent}};
  request.timeout = settings_.timeout;
  request.max_body_bytes = kMaxVersionsBytes;
  std::string method = "vimServiceVersions.xml";
  auto response = co_await send(std::move(request), std::move(method));
  if (!response) co_return fail(std::move(response.error()));
  if (is_refusal_for_now(*response)) co_return fail(http_failure(*response));
  std::vector<std::string> offered;
  if (response->status == 200) {
    // A server that does not say what it speaks is found out by the next call.
    offered = decode_service_versions(response->body).value_or(std::vector<std::string>());
  }
  version_ = choose_version(offered);
  spdlog::debug("{}: speaking vim25 {}", settings_.name, version_);
  co_return Status();
}

Awaitable<Status> Session::read_content() {
  const auto request = encode_retrieve_service_content();
  auto message = soap_request(request, std::string());
  message.timeout = settings_.timeout;
  auto response = co_await send(std::move(message), request.method);
  if (!response) co_return fail(std::move(response.error()));
  cookie_ = session_cookie(*response);
  if (const auto date = date_of(*response)) clock_ahead_ = *date - now_utc();
  const auto answer = soap_answer(std::move(*response));
  if (!answer) co_return fail(answer.error());
  auto content = decode_service_content(*answer);
  if (!content) co_return fail(std::move(content.error()));
  content_ = std::move(*content);
  co_return Status();
}

// Of all calls that found the session lost, one logs in; those that waited meanwhile share its
// result, so that a refused password is tried once and locks no account.
Awaitable<Status> Session::renew(std::uint64_t lost_login) {
  const auto attempts = login_attempts_;
  const auto turn = co_await login_turn_.acquire();
  if (logins_ != lost_login) co_return Status();
  const bool is_refused = !last_login_ && is_not_worth_another_try(last_login_.error());
  if (login_attempts_ != attempts || is_refused) co_return last_login_;
  spdlog::info("{}: the session was lost; logging in again", settings_.name);
  auto result = co_await log_in();
  ++login_attempts_;
  last_login_ = result;
  co_return result;
}

// The first login goes into the HTTP session that the server began when it was asked for its
// content, and which would be left behind otherwise. A later one has no cookie, so that the answer
// sets the new session's.
Awaitable<Status> Session::log_in() {
  auto login = co_await login_requests_.next(content_.session_manager, clock_ahead_);
  if (!login) co_return fail(std::move(login.error()));
  std::string begun;
  if (logins_ == 0) begun = cookie_;
  auto message = soap_request(login->request, begun);
  message.timeout = settings_.timeout;
  auto response = co_await send(std::move(message), login->request.method);
  if (!response) co_return fail(std::move(response.error()));
  auto cookie = session_cookie(*response);
  if (cookie.empty()) cookie = begun;
  auto answer = soap_answer(std::move(*response));
  if (!answer) co_return fail(login_requests_.explained(std::move(answer.error())));
  const bool by_password = login_requests_.way() == LoginWay::kPassword;
  auto session = by_password ? decode_login(*answer) : decode_login_by_token(*answer);
  if (!session) co_return fail(login_requests_.explained(std::move(session.error())));
  if (cookie.empty()) {
    co_return fail(ErrorCode::kProtocol, "the server's answer to the login sets no session cookie");
  }
  cookie_ = std::move(cookie);
  login_ = std::move(*session);
  token_until_ = login->token_until;
  ++logins_;
  co_return Status();
}

}  // namespace ballast::vsphere
