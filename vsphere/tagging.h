// Tags, from vCenter's REST API: the session of its own that it wants, and JSON in two forms, /api
// (7.0 Update 2 and later) and /rest (6.5 and later, until it is removed).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/secret.h"
#include "collector/ports/tagging.h"
#include "vsphere/http/http_client.h"
#include "vsphere/login/login_requests.h"
#include "vsphere/session.h"

namespace ballast::vsphere {

class TaggingService final : public collector::Tagging {
 public:
  // All of them must outlive it. It takes user and password of `logins`: in memory the password is
  // in one place.
  TaggingService(HttpClient& http, const Session& session, const LoginRequests& logins)
      : http_(http), session_(session), logins_(logins) {}

  Awaitable<Result<std::vector<collector::TagName>>> categories() override;
  Awaitable<Result<std::vector<collector::TagName>>> tags(std::string category) override;
  Awaitable<Result<std::vector<std::string>>> vms(std::string tag) override;
  Awaitable<void> close() override;

 private:
  enum class Form { kApi, kRest };

  Awaitable<Status> log_in();
  Awaitable<Result<HttpResponse>> begin_session();
  Awaitable<Result<HttpResponse>> send(HttpRequest request);
  Awaitable<Result<std::string>> ask(HttpRequest request);
  Awaitable<Result<std::vector<collector::TagName>>> named(std::string resource,
                                                           std::vector<std::string> ids);
  [[nodiscard]] HttpRequest request(std::string method, std::string target) const;
  [[nodiscard]] std::string session_target() const;
  [[nodiscard]] std::string target(std::string_view resource, std::string_view id,
                                   std::string_view action) const;
  [[nodiscard]] Error explained(Error error) const;

  HttpClient& http_;
  const Session& session_;
  const LoginRequests& logins_;
  Form form_ = Form::kApi;
  Secret key_;  // of the REST API's own session; empty while it is not logged in
};

}  // namespace ballast::vsphere
