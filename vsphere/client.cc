#include "vsphere/client.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iterator>
#include <map>
#include <utility>

#include "base/thrown.h"
#include "vsphere/guest/files.h"
#include "vsphere/guest/guestinfo.h"
#include "vsphere/guest/operations.h"
#include "vsphere/inventory/mapping.h"
#include "vsphere/inventory/paged_collection.h"
#include "vsphere/inventory/performance.h"
#include "vsphere/inventory/place_mapping.h"
#include "vsphere/login/sts.h"
#include "vsphere/session.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/encode.h"
#include "vsphere/tagging.h"

namespace ballast::vsphere {

using collector::VmPages;

namespace {

constexpr const char* kSoapPath = "/sdk";

// What ballast's role needs; see README.
const std::vector<std::string>& needed_privileges() {
  static const std::vector<std::string> kPrivileges = {
      "System.View", "System.Read", "VirtualMachine.GuestOperations.Query",
      "VirtualMachine.GuestOperations.Modify", "VirtualMachine.GuestOperations.Execute"};
  return kPrivileges;
}

std::vector<model::VmView> views_of(const ObjectBatch& batch) {
  std::vector<model::VmView> out;
  out.reserve(batch.objects.size());
  for (const auto& object : batch.objects) {
    if (!is_gone(object)) out.push_back(vm_view(object, batch.arrived));
  }
  return out;
}

// Puts a collection away even if the coroutine that reads it is cancelled.
struct ClosesAtEnd {
  PagedCollection& collection;
  ~ClosesAtEnd() { collection.begin_close(); }
};

class Listing : public VmPages {
 public:
  Listing(std::shared_ptr<PagedCollection> vms, boost::asio::thread_pool& pool)
      : vms_(std::move(vms)), pool_(pool) {}
  ~Listing() override { vms_->begin_close(); }

  Awaitable<Result<std::vector<model::VmView>>> next() override {
    while (true) {
      auto batch = co_await vms_->next();
      if (!batch) co_return fail(std::move(batch.error()));
      if (batch->objects.empty()) co_return std::vector<model::VmView>();
      auto job = [held = std::move(*batch)] { return views_of(held); };
      auto views = co_await run_on(pool_, std::move(job));
      if (!views.empty()) co_return views;
    }
  }

  Awaitable<void> close() override { return vms_->close(); }

 private:
  std::shared_ptr<PagedCollection> vms_;
  boost::asio::thread_pool& pool_;
};

// "https://vc.example.com", "…/", "…/sdk", "…/sdk/" all mean the same.
std::string soap_path(std::string target) {
  while (target.ends_with('/')) target.pop_back();
  return target.empty() ? kSoapPath : target;
}

class VimClient final : public Client {
 public:
  VimClient(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool,
            std::unique_ptr<HttpClient> http, LoginSettings login, SessionSettings session,
            GuestFiles::Settings files, std::int32_t page_size)
      : pool_(pool),
        page_size_(page_size),
        http_(std::move(http)),
        logins_(std::move(login)),
        session_(executor, pool, *http_, logins_, std::move(session)),
        tagging_(*http_, session_, logins_),
        files_(executor, *http_, std::move(files)),
        guests_(session_, files_),
        guestinfo_(session_),
        performance_(session_) {}

  Awaitable<Result<model::VcenterAbout>> connect() override {
    auto opened = co_await session_.open();
    if (!opened) co_return fail(std::move(opened.error()));
    auto prepared = co_await guests_.prepare();
    if (!prepared) co_return fail(std::move(prepared.error()));
    co_return session_.content().about;
  }

  Awaitable<void> disconnect() override {
    Thrown thrown;
    try {
      co_await tagging_.close();
    } catch (...) {
      thrown.add(std::current_exception());
    }
    try {
      co_await session_.close();
    } catch (...) {
      thrown.add(std::current_exception());
    }
    thrown.rethrow();
  }

  LoggedIn logged_in() const override { return {session_.user(), session_.token_until()}; }

  Awaitable<Result<UtcTime>> current_time() override {
    auto request = encode_current_time();
    std::string doing = "asking for the time";
    co_return co_await session_.call<UtcTime>(request, std::move(doing), decode_current_time);
  }

  Awaitable<Result<std::vector<model::Host>>> hosts() override {
    CollectionQuery query{{"HostSystem"},
                          Reach::kViewAndAncestors,
                          wanted_of_hosts(),
                          page_size_,
                          "reading the hosts"};
    const auto all = co_await read_all(std::move(query));
    if (!all) co_return fail(all.error());
    auto hosts = hosts_of(all->objects);
    files_.set_hosts(hosts);
    co_return hosts;
  }

  Awaitable<Result<std::vector<model::ResourcePool>>> resource_pools() override {
    CollectionQuery query{{"ResourcePool", "VirtualApp"},
                          Reach::kViewAndAncestors,
                          wanted_of_pools(),
                          page_size_,
                          "reading the resource pools"};
    const auto all = co_await read_all(std::move(query));
    if (!all) co_return fail(all.error());
    co_return pools_of(all->objects);
  }

  Awaitable<Result<std::vector<model::Folder>>> folders() override {
    CollectionQuery query{{"Folder", "Datacenter"},
                          Reach::kViewAndAncestors,
                          wanted_of_folders(),
                          page_size_,
                          "reading the folders"};
    const auto all = co_await read_all(std::move(query));
    if (!all) co_return fail(all.error());
    co_return folders_of(all->objects, session_.content().root_folder.id);
  }

  Awaitable<Result<std::vector<model::Folder>>> vapps() override {
    CollectionQuery query{
        {"VirtualApp"}, Reach::kView, wanted_of_vapps(), page_size_, "reading the vApps"};
    const auto all = co_await read_all(std::move(query));
    if (!all) co_return fail(all.error());
    co_return vapps_of(all->objects);
  }

  Awaitable<Result<std::vector<PrivilegeState>>> privileges(std::string vm) override {
    using Answers = std::vector<PrivilegeAnswer>;
    const auto& content = session_.content();
    ManagedObject entity = content.root_folder;
    if (!vm.empty()) {
      entity.type = "VirtualMachine";
      entity.id = std::move(vm);
    }
    auto request = encode_has_privileges(content.authorization_manager, entity, session_.key(),
                                         needed_privileges());
    std::string doing = "asking for the user's privileges";
    auto answers =
        co_await session_.call<Answers>(request, std::move(doing), decode_has_privileges);
    if (!answers) co_return fail(std::move(answers.error()));
    std::vector<PrivilegeState> out;
    for (const auto& id : needed_privileges()) {
      const bool held = std::any_of(answers->begin(), answers->end(), [&](const auto& answer) {
        return answer.granted && answer.id == id;
      });
      out.push_back({id, held});
    }
    co_return out;
  }

  Awaitable<Result<std::unique_ptr<VmPages>>> list_vms() override {
    CollectionQuery query{{"VirtualMachine"},
                          Reach::kView,
                          {wanted_of_vms()},
                          page_size_,
                          "listing the virtual machines"};
    auto vms = PagedCollection::create(session_, std::move(query));
    std::unique_ptr<VmPages> pages = std::make_unique<Listing>(std::move(vms), pool_);
    co_return Result<std::unique_ptr<VmPages>>(std::move(pages));
  }

  Awaitable<Result<std::vector<model::BalloonCounters>>> balloon_counters(
      std::vector<std::string> vms, std::chrono::seconds span) override {
    return performance_.balloon_counters(std::move(vms), span);
  }

  Awaitable<Result<std::map<std::string, std::int64_t>>> host_memory_states(
      std::vector<std::string> hosts) override {
    return performance_.host_memory_states(std::move(hosts));
  }

  Awaitable<Result<std::map<std::string, std::string>>> guestinfo(std::vector<std::string> vms,
                                                                  std::string key) override {
    return guestinfo_.read(std::move(vms), std::move(key));
  }

  void hurry(std::chrono::steady_clock::time_point deadline) override {
    http_->hurry(deadline);
    logins_.hurry(deadline);
    files_.hurry(deadline);
    guests_.hurry(deadline);
  }

  std::uint64_t answers() const override { return http_->answers(); }

  collector::GuestOperations& guests() override { return guests_; }

  collector::Tagging& tagging() override { return tagging_; }

 private:
  // Every page of a collection.
  struct Everything {
    std::vector<ObjectProperties> objects;
    std::vector<std::shared_ptr<const PageText>> texts;  // which the objects need
  };

  Awaitable<Result<Everything>> read_all(CollectionQuery query) {
    const auto all = PagedCollection::create(session_, std::move(query));
    const ClosesAtEnd closes{*all};
    Everything out;
    Result<ObjectBatch> batch;
    do {
      batch = co_await all->next();
      if (!batch) break;
      std::move(batch->objects.begin(), batch->objects.end(), std::back_inserter(out.objects));
      out.texts.push_back(std::move(batch->text));
    } while (!batch->objects.empty());
    co_await all->close();
    if (!batch) co_return fail(std::move(batch.error()));
    std::erase_if(out.objects, is_gone);
    co_return out;
  }

  boost::asio::thread_pool& pool_;
  const std::int32_t page_size_;
  std::unique_ptr<HttpClient> http_;
  LoginRequests logins_;
  Session session_;
  TaggingService tagging_;
  GuestFiles files_;
  GuestOperationsManager guests_;
  Guestinfo guestinfo_;
  Performance performance_;
};

Result<std::unique_ptr<HttpClient>> http_for(const boost::asio::any_io_executor& executor,
                                             const Endpoint& endpoint, const ClientOptions& options,
                                             std::size_t max_connections) {
  auto way = routed(endpoint, options.proxy);
  if (!way) return fail(std::move(way.error()));
  HttpLimits limits;
  limits.max_connections = max_connections;
  limits.connect_timeout = options.connect_timeout;
  return HttpClient::create(executor, std::move(*way), options.trust, limits, options.identity);
}

// The token service has connections of its own: it may be on another server, and is seldom asked.
Result<LoginSettings> login_settings(const boost::asio::any_io_executor& executor,
                                     const Endpoint& vcenter, ClientOptions& options) {
  LoginSettings login;
  login.way = options.login;
  login.username = std::move(options.username);
  login.password = std::move(options.password);
  login.fetch_token = std::move(options.fetch_token);
  login.timeout = options.request_timeout;
  if (login.way != LoginWay::kSso) return login;
  Url place{vcenter, kStsPath};
  if (!options.sts_url.empty()) {
    auto url = parse_url(options.sts_url);
    if (!url) return fail(during(std::move(url.error()), "sts_url"));
    if (vcenter.tls && !url->endpoint.tls) {
      return fail(ErrorCode::kInvalidArgument, "sts_url is not encrypted, and vCenter's url is",
                  "begin it with https://");
    }
    place = std::move(*url);
  }
  auto http = http_for(executor, place.endpoint, options, 1);
  if (!http) return fail(std::move(http.error()));
  login.sts = std::move(*http);
  login.sts_target = std::move(place.target);
  return login;
}

}  // namespace

Result<std::unique_ptr<Client>> Client::create(boost::asio::any_io_executor executor,
                                               boost::asio::thread_pool& pool,
                                               ClientOptions options) {
  auto url = parse_url(options.url);
  if (!url) return fail(during(std::move(url.error()), options.name));
  auto http = http_for(executor, url->endpoint, options, options.max_connections);
  if (!http) return fail(during(std::move(http.error()), options.name));
  auto login = login_settings(executor, url->endpoint, options);
  if (!login) return fail(during(std::move(login.error()), options.name));
  SessionSettings session{options.name, soap_path(std::move(url->target)), options.request_timeout,
                          options.max_response_bytes};
  GuestFiles::Settings files{std::move(options.trust),     std::move(options.proxy),
                             options.max_host_connections, options.max_idle_hosts,
                             options.connect_timeout,      options.request_timeout};
  std::unique_ptr<Client> client =
      std::make_unique<VimClient>(std::move(executor), pool, std::move(*http), std::move(*login),
                                  std::move(session), std::move(files), options.page_size);
  return client;
}

}  // namespace ballast::vsphere
