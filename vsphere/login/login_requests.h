// Makes the requests that log in to one vCenter, in the way that the user chose: with user and
// password, with a token that vCenter's single sign-on gives for these, or with a token from
// elsewhere. Coroutines of one executor.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "base/async.h"
#include "base/result.h"
#include "base/secret.h"
#include "vsphere/http/http_client.h"
#include "vsphere/login/assertion.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// Returns a token, as XML or otherwise packed. May block: it runs on a thread of its own, and is
// called for each login.
using FetchToken = std::function<Result<Secret>()>;

enum class LoginWay { kPassword, kSso, kToken };

struct LoginSettings {
  LoginWay way = LoginWay::kPassword;
  std::string username;  // kPassword, kSso
  Secret password;
  FetchToken fetch_token;           // kToken
  std::unique_ptr<HttpClient> sts;  // kSso: the server with the token service
  std::string sts_target;           // … and its path there
  std::chrono::milliseconds timeout{60'000};
};

// A request, and until when the token in it is good.
struct LoginRequest {
  SoapRequest request;
  std::optional<UtcTime> token_until;
};

class LoginRequests {
 public:
  explicit LoginRequests(LoginSettings settings);

  // Returns the request that logs in on `session_manager`. Tokens are never used again: each call
  // gets a new one. `ahead` is by how much vCenter's clock is ahead of this machine's: what is
  // asked for and judged here goes by vCenter's. Errors: those of fetch_token, read_assertion,
  // check_assertion, HttpClient::send and decode_issue.
  Awaitable<Result<LoginRequest>> next(ManagedObject session_manager,
                                       std::chrono::milliseconds ahead);

  // Returns what vCenter answered to such a request in words that fit the way.
  [[nodiscard]] Error explained(Error error) const;
  [[nodiscard]] LoginWay way() const { return settings_.way; }
  // Return the user and the password, for services that take no token; empty with kToken.
  [[nodiscard]] const std::string& username() const { return settings_.username; }
  [[nodiscard]] const Secret& password() const { return settings_.password; }

  // Makes an exchange that is under way end by then; see HttpClient::hurry.
  void hurry(std::chrono::steady_clock::time_point deadline);

 private:
  Awaitable<Result<Assertion>> token(std::chrono::milliseconds ahead);
  Awaitable<Result<Assertion>> issued_token(std::chrono::milliseconds ahead);

  LoginSettings settings_;
  std::optional<boost::asio::thread_pool> fetching_;  // kToken
};

}  // namespace ballast::vsphere
