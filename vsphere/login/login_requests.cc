#include "vsphere/login/login_requests.h"

#include <utility>

#include <spdlog/spdlog.h>

#include "vsphere/login/sts.h"
#include "vsphere/soap/encode.h"

namespace ballast::vsphere {

namespace {

constexpr std::size_t kMaxTokenAnswerBytes = 1024 * 1024;

}  // namespace

LoginRequests::LoginRequests(LoginSettings settings) : settings_(std::move(settings)) {
  if (settings_.way == LoginWay::kToken) fetching_.emplace(1);
}

Awaitable<Result<LoginRequest>> LoginRequests::next(ManagedObject session_manager,
                                                    std::chrono::milliseconds ahead) {
  if (settings_.way == LoginWay::kPassword) {
    co_return LoginRequest{encode_login(session_manager, settings_.username, settings_.password),
                           std::nullopt};
  }
  const auto bearer = co_await token(ahead);
  if (!bearer) co_return fail(bearer.error());
  const UtcTime now = now_utc() + ahead;
  const auto sound = check_assertion(*bearer, now);
  if (!sound) co_return fail(sound.error());
  co_return LoginRequest{encode_login_by_token(session_manager, *bearer, now),
                         bearer->not_on_or_after};
}

Awaitable<Result<Assertion>> LoginRequests::token(std::chrono::milliseconds ahead) {
  if (settings_.way == LoginWay::kSso) co_return co_await issued_token(ahead);
  auto job = settings_.fetch_token;
  auto text = co_await run_on(*fetching_, std::move(job));
  if (!text) co_return fail(std::move(text.error()));
  co_return read_assertion(*text);
}

Awaitable<Result<Assertion>> LoginRequests::issued_token(std::chrono::milliseconds ahead) {
  const auto issue = encode_issue(settings_.username, settings_.password, now_utc() + ahead);
  HttpRequest request;
  request.method = "POST";
  request.target = settings_.sts_target;
  request.headers = {{"Content-Type", "text/xml; charset=\"utf-8\""},
                     {"SOAPAction", "\"" + std::string(kIssueAction) + "\""}};
  request.body = issue.envelope.reveal();
  request.timeout = settings_.timeout;
  request.max_body_bytes = kMaxTokenAnswerBytes;
  auto response = co_await settings_.sts->send(std::move(request));
  settings_.sts->close_idle();
  if (!response) co_return fail(during(std::move(response.error()), "asking for a token"));
  spdlog::debug("{}: HTTP {}, {} bytes", issue.method, response->status, response->body.size());
  auto token = decode_issue(*response, ahead);
  wipe(response->body);
  if (!token) co_return fail(during(std::move(token.error()), "asking for a token"));
  co_return token;
}

Error LoginRequests::explained(Error error) const {
  if (settings_.way == LoginWay::kPassword || error.fault != "InvalidLogin") return error;
  error.message = "vCenter does not accept the token";
  error.hint = settings_.way == LoginWay::kSso
                   ? "give this user a role in vCenter"
                   : "it has to be one of this vCenter's own single sign-on, not of the identity "
                     "provider, unchanged and not expired; and its user needs a role in vCenter";
  return error;
}

void LoginRequests::hurry(std::chrono::steady_clock::time_point deadline) {
  if (settings_.sts) settings_.sts->hurry(deadline);
}

}  // namespace ballast::vsphere
