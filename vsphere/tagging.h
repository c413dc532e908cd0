// Tags, from vCenter's REST API: the session of its own that it wants, and JSON in two forms, /api
// (7.0 Update 2 and later) and /rest (6.5 and later, until it is removed).
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/secret.h"
#include "collector/ports/tagging.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

class TaggingService final : public collector::Tagging {
 public:
  struct Settings {
    std::string name;  // what the user calls this vCenter; starts every error
    std::string username;
    Secret password;
    std::chrono::milliseconds timeout{60'000};  // of one call
  };

  // `http` must outlive it.
  TaggingService(HttpClient& http, Settings settings)
      : http_(http), settings_(std::move(settings)) {}

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
  Settings settings_;
  Form form_ = Form::kApi;
  Secret session_;  // the key; empty while it is not logged in
};

}  // namespace ballast::vsphere
