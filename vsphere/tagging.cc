#include "vsphere/tagging.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <spdlog/spdlog.h>

#include "vsphere/inventory/mapping.h"
#include "vsphere/soap/http.h"

namespace ballast::vsphere {

using collector::TagName;

namespace {

using nlohmann::json;

constexpr const char* kSessionHeader = "vmware-api-session-id";
// The VMs of a tag are some 50 bytes each.
constexpr std::size_t kMaxAnswerBytes = 8 * 1024 * 1024;
constexpr std::chrono::milliseconds kGoodbyeTimeout{5000};
// vSphere allows 1,000 categories, 10,000 tags and 60,000 tagged objects (VMware Configuration
// Maximums, 7.0).
constexpr std::size_t kMostTags = 10'000;
constexpr std::size_t kMostTagged = 250'000;

// Written in place, so that no other copy is left in memory.
std::string basic_authorization(const std::string& username, const Secret& password) {
  std::string both = username + ":" + password.reveal();
  std::string out = "Basic ";
  const auto prefix = out.size();
  out.resize(prefix + 4 * ((both.size() + 2) / 3) + 1);  // and a zero at the end
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + prefix),
                  reinterpret_cast<const unsigned char*>(both.data()),
                  static_cast<int>(both.size()));
  out.pop_back();
  wipe(both);
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        byte < 0x80 &&
        (std::isalnum(byte) != 0 || std::string_view("-._~:").find(c) != std::string_view::npos);
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

bool is_success(const HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

Error failure_of(const HttpResponse& response) {
  if (response.status == 401) {
    return {ErrorCode::kLogin,
            "the REST API, which has the tags, refuses the login",
            "a user of vCenter itself or of its directory, or leave out tags",
            {}};
  }
  if (response.status == 403) {
    return {ErrorCode::kPermission,
            "the user may not see tags",
            "give it Read-only as a global permission in vCenter",
            {}};
  }
  return http_failure(response);
}

Error no_password() {
  return {ErrorCode::kLogin,
          "the REST API, which has the tags, wants a user name and a password",
          "a login with a password for this vCenter, or leave out tags",
          {}};
}

Error too_many(std::size_t count) {
  return {ErrorCode::kTooLarge,
          fmt::format("the server lists {} of them, more than a vCenter has", count),
          "see what this server is, or leave out tags",
          {}};
}

Error malformed() {
  return {ErrorCode::kProtocol,
          "the REST API's answer is not what it should be",
          "check that no proxy answers in vCenter's place",
          {}};
}

// /rest wraps every value.
std::optional<json> value_in(const std::string& body) {
  auto parsed = json::parse(body, nullptr, false);
  if (parsed.is_discarded()) return std::nullopt;
  if (parsed.is_object() && parsed.size() == 1 && parsed.contains("value")) {
    return std::move(parsed["value"]);
  }
  return parsed;
}

std::string text_of(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>().substr(0, kMaxNameBytes);
}

// The texts of a list; nullopt if it is none.
std::optional<std::vector<std::string>> texts_in(const std::string& body) {
  const auto value = value_in(body);
  if (!value || !value->is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& entry : *value) {
    if (entry.is_string() && entry.get_ref<const std::string&>().size() <= kMaxNameBytes) {
      out.push_back(entry.get<std::string>());
    }
  }
  return out;
}

}  // namespace

Error TaggingService::explained(Error error) const {
  return during(std::move(error), session_.name() + ": reading tags");
}

HttpRequest TaggingService::request(std::string method, std::string target) const {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers = {{"Accept", "application/json"}, {"User-Agent", "ballast/" BALLAST_VERSION}};
  if (!key_.empty()) request.headers.emplace_back(kSessionHeader, key_.reveal());
  request.timeout = session_.settings().timeout;
  request.max_body_bytes = kMaxAnswerBytes;
  return request;
}

std::string TaggingService::session_target() const {
  return form_ == Form::kApi ? "/api/session" : "/rest/com/vmware/cis/session";
}

std::string TaggingService::target(std::string_view resource, std::string_view id,
                                   std::string_view action) const {
  const bool is_api = form_ == Form::kApi;
  std::string out = is_api ? "/api/cis/tagging/" : "/rest/com/vmware/cis/tagging/";
  out += resource;
  if (!id.empty()) out += (is_api ? "/" : "/id:") + percent_encoded(id);
  if (!action.empty()) out += fmt::format("?{}action={}", is_api ? "" : "~", action);
  return out;
}

Awaitable<Result<HttpResponse>> TaggingService::send(HttpRequest request) {
  const std::string what = request.method + " " + request.target;
  auto response = co_await http_.send(std::move(request));
  if (response) {
    spdlog::debug("{}: {}: HTTP {}, {} bytes", session_.name(), what, response->status,
                  response->body.size());
  } else {
    spdlog::debug("{}: {}: {}", session_.name(), what, response.error().message);
  }
  co_return response;
}

Awaitable<Result<HttpResponse>> TaggingService::begin_session() {
  auto login = request("POST", session_target());
  login.headers.emplace_back("Authorization",
                             basic_authorization(logins_.username(), logins_.password()));
  co_return co_await send(std::move(login));
}

// An older server knows the older form only, and does not say so in one way.
Awaitable<Status> TaggingService::log_in() {
  if (!key_.empty()) co_return Status();
  if (logins_.password().empty()) co_return fail(explained(no_password()));
  form_ = Form::kApi;
  auto answer = co_await begin_session();
  const auto is_told = [&answer] {
    const int status = answer->status;
    return is_success(*answer) || status == 401 || status == 403 || is_refusal_for_now(*answer);
  };
  if (answer && !is_told()) {
    form_ = Form::kRest;
    answer = co_await begin_session();
  }
  if (!answer) co_return fail(explained(std::move(answer.error())));
  if (answer->status == 404) {
    co_return fail(explained({ErrorCode::kNotFound,
                              "the server has no REST API, as an ESXi host",
                              "leave out tags, or scan its vCenter",
                              {}}));
  }
  if (!is_success(*answer)) co_return fail(explained(failure_of(*answer)));
  const auto key = value_in(answer->body);
  wipe(answer->body);
  if (!key || !key->is_string()) co_return fail(explained(malformed()));
  key_ = Secret(key->get<std::string>());
  co_return Status();
}

// Returns the body of a successful answer.
Awaitable<Result<std::string>> TaggingService::ask(HttpRequest request) {
  auto answer = co_await send(std::move(request));
  if (!answer) co_return fail(explained(std::move(answer.error())));
  if (!is_success(*answer)) co_return fail(explained(failure_of(*answer)));
  co_return std::move(answer->body);
}

Awaitable<Result<std::vector<TagName>>> TaggingService::named(std::string resource,
                                                              std::vector<std::string> ids) {
  std::vector<TagName> out;
  if (ids.size() > kMostTags) co_return fail(explained(too_many(ids.size())));
  for (auto& id : ids) {
    auto question = request("GET", target(resource, id, {}));
    const auto body = co_await ask(std::move(question));
    // Who may not see one may see others.
    if (!body && body.error().code == ErrorCode::kPermission) continue;
    if (!body) co_return fail(body.error());
    const auto value = value_in(*body);
    auto name = value ? text_of(*value, "name") : std::string();
    if (name.empty()) co_return fail(explained(malformed()));
    out.push_back({std::move(id), std::move(name)});
  }
  co_return out;
}

Awaitable<Result<std::vector<TagName>>> TaggingService::categories() {
  if (auto opened = co_await log_in(); !opened) co_return fail(std::move(opened.error()));
  auto question = request("GET", target("category", {}, {}));
  const auto body = co_await ask(std::move(question));
  if (!body) co_return fail(body.error());
  auto ids = texts_in(*body);
  if (!ids) co_return fail(explained(malformed()));
  std::string resource = "category";
  co_return co_await named(std::move(resource), std::move(*ids));
}

Awaitable<Result<std::vector<TagName>>> TaggingService::tags(std::string category) {
  if (auto opened = co_await log_in(); !opened) co_return fail(std::move(opened.error()));
  constexpr const char* kAction = "list-tags-for-category";
  const std::string in_path = form_ == Form::kRest ? category : std::string();
  auto question = request("POST", target("tag", in_path, kAction));
  question.headers.emplace_back("Content-Type", "application/json");
  question.body =
      json{{"category_id", category}}.dump(-1, ' ', true, json::error_handler_t::replace);
  const auto body = co_await ask(std::move(question));
  if (!body) co_return fail(body.error());
  auto ids = texts_in(*body);
  if (!ids) co_return fail(explained(malformed()));
  std::string resource = "tag";
  co_return co_await named(std::move(resource), std::move(*ids));
}

Awaitable<Result<std::vector<std::string>>> TaggingService::vms(std::string tag) {
  if (auto opened = co_await log_in(); !opened) co_return fail(std::move(opened.error()));
  auto question = request("POST", target("tag-association", tag, "list-attached-objects"));
  const auto body = co_await ask(std::move(question));
  if (!body) co_return fail(body.error());
  const auto objects = value_in(*body);
  if (!objects || !objects->is_array()) co_return fail(explained(malformed()));
  if (objects->size() > kMostTagged) co_return fail(explained(too_many(objects->size())));
  std::vector<std::string> out;
  for (const auto& object : *objects) {
    if (text_of(object, "type") == "VirtualMachine") out.push_back(text_of(object, "id"));
  }
  co_return out;
}

Awaitable<void> TaggingService::close() {
  co_await shield_from_cancellation();
  if (key_.empty()) co_return;
  auto goodbye = request("DELETE", session_target());
  key_ = Secret();
  goodbye.timeout = std::min(kGoodbyeTimeout, session_.settings().timeout);
  // The server ends an idle session by itself: nobody needs to hear of a failure.
  static_cast<void>(co_await send(std::move(goodbye)));
}

}  // namespace ballast::vsphere
