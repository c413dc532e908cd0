#include "vsphere/client.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "vsphere/guest/files.h"
#include "vsphere/guest/operations.h"
#include "vsphere/inventory/mapping.h"
#include "vsphere/inventory/paged_collection.h"
#include "vsphere/inventory/performance.h"
#include "vsphere/inventory/place_mapping.h"
#include "vsphere/session.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/encode.h"

namespace ballast::vsphere {

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

class Listing : public VmListing {
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

}  // namespace

class Client::Impl {
 public:
  Impl(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool,
       std::unique_ptr<HttpClient> http, SessionSettings session, GuestFiles::Settings files,
       std::int32_t page_size)
      : pool_(pool),
        page_size_(page_size),
        http_(std::move(http)),
        session_(executor, pool, *http_, std::move(session)),
        guests_(session_),
        performance_(session_),
        files_(executor, *http_, std::move(files)) {}

  Awaitable<Result<model::VcenterAbout>> connect() {
    auto opened = co_await session_.open();
    if (!opened) co_return fail(std::move(opened.error()));
    auto prepared = co_await guests_.prepare();
    if (!prepared) co_return fail(std::move(prepared.error()));
    co_return session_.content().about;
  }

  Awaitable<Result<UtcTime>> current_time() {
    auto request = encode_current_time();
    std::string doing = "asking for the time";
    co_return co_await session_.call<UtcTime>(request, std::move(doing), decode_current_time);
  }

  Awaitable<Result<std::vector<model::Host>>> hosts() {
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

  Awaitable<Result<std::vector<model::ResourcePool>>> resource_pools() {
    CollectionQuery query{{"ResourcePool", "VirtualApp"},
                          Reach::kViewAndAncestors,
                          wanted_of_pools(),
                          page_size_,
                          "reading the resource pools"};
    const auto all = co_await read_all(std::move(query));
    if (!all) co_return fail(all.error());
    co_return pools_of(all->objects);
  }

  Awaitable<Result<std::vector<model::Folder>>> folders() {
    CollectionQuery query{{"Folder", "Datacenter"},
                          Reach::kViewAndAncestors,
                          wanted_of_folders(),
                          page_size_,
                          "reading the folders"};
    const auto all = co_await read_all(std::move(query));
    if (!all) co_return fail(all.error());
    co_return folders_of(all->objects, session_.content().root_folder.id);
  }

  Awaitable<Result<std::vector<PrivilegeState>>> privileges() {
    using Answers = std::vector<PrivilegeAnswer>;
    const auto& content = session_.content();
    auto request = encode_has_privileges(content.authorization_manager, content.root_folder,
                                         session_.key(), needed_privileges());
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

  std::unique_ptr<VmListing> list_vms() {
    CollectionQuery query{{"VirtualMachine"},
                          Reach::kView,
                          {wanted_of_vms()},
                          page_size_,
                          "listing the virtual machines"};
    return std::make_unique<Listing>(PagedCollection::create(session_, std::move(query)), pool_);
  }

  Awaitable<Result<std::string>> download(GuestFile file, std::string host_thumbprint,
                                          std::size_t max_bytes) {
    if (file.size && *file.size > 0 && static_cast<std::uint64_t>(*file.size) > max_bytes) {
      Error error{ErrorCode::kTooLarge,
                  "the file has " + std::to_string(*file.size) + " bytes, more than the " +
                      std::to_string(max_bytes) + " allowed",
                  {},
                  {}};
      co_return fail(session_.explained(std::move(error), kFetching));
    }
    auto content =
        co_await files_.download(std::move(file.url), std::move(host_thumbprint), max_bytes);
    if (!content) co_return fail(session_.explained(std::move(content.error()), kFetching));
    co_return content;
  }

  void hurry(std::chrono::steady_clock::time_point deadline) {
    http_->hurry(deadline);
    files_.hurry(deadline);
    guests_.hurry(deadline);
  }

  Session& session() { return session_; }
  GuestOperations& guests() { return guests_; }
  Performance& performance() { return performance_; }

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

  static constexpr std::string_view kFetching = "fetching a file of the guest";

  boost::asio::thread_pool& pool_;
  const std::int32_t page_size_;
  std::unique_ptr<HttpClient> http_;
  Session session_;
  GuestOperations guests_;
  Performance performance_;
  GuestFiles files_;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::create(boost::asio::any_io_executor executor,
                                               boost::asio::thread_pool& pool,
                                               ClientOptions options) {
  auto url = parse_url(options.url);
  if (!url) return fail(during(std::move(url.error()), options.name));
  HttpLimits limits;
  limits.max_connections = options.max_connections;
  limits.connect_timeout = options.connect_timeout;
  auto http = HttpClient::create(executor, url->endpoint, options.trust, limits);
  if (!http) return fail(during(std::move(http.error()), options.name));
  SessionSettings session{options.name,
                          soap_path(std::move(url->target)),
                          std::move(options.username),
                          std::move(options.password),
                          options.request_timeout,
                          options.max_response_bytes};
  GuestFiles::Settings files{std::move(options.trust), options.max_host_connections,
                             options.connect_timeout, options.request_timeout};
  auto impl = std::make_unique<Impl>(executor, pool, std::move(*http), std::move(session),
                                     std::move(files), options.page_size);
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Awaitable<Result<model::VcenterAbout>> Client::connect() { return impl_->connect(); }

Awaitable<void> Client::disconnect() { return impl_->session().close(); }

Awaitable<Result<UtcTime>> Client::current_time() { return impl_->current_time(); }

Awaitable<Result<std::vector<model::Host>>> Client::hosts() { return impl_->hosts(); }

Awaitable<Result<std::unique_ptr<VmListing>>> Client::list_vms() { co_return impl_->list_vms(); }

Awaitable<Result<std::vector<model::ResourcePool>>> Client::resource_pools() {
  return impl_->resource_pools();
}

Awaitable<Result<std::vector<model::BalloonCounters>>> Client::balloon_counters(
    std::vector<std::string> vms, std::chrono::seconds span) {
  return impl_->performance().balloon_counters(std::move(vms), span);
}

Awaitable<Result<std::map<std::string, std::int64_t>>> Client::host_memory_states(
    std::vector<std::string> hosts) {
  return impl_->performance().host_memory_states(std::move(hosts));
}

Awaitable<Result<std::vector<PrivilegeState>>> Client::privileges() { return impl_->privileges(); }

Awaitable<Result<std::string>> Client::create_temporary_file(std::string vm, GuestLogin login,
                                                             std::string prefix,
                                                             std::string suffix) {
  return impl_->guests().create_temporary_file(std::move(vm), std::move(login), std::move(prefix),
                                               std::move(suffix));
}

Awaitable<Result<std::int64_t>> Client::start_program(std::string vm, GuestLogin login,
                                                      std::string path, std::string arguments) {
  return impl_->guests().start_program(std::move(vm), std::move(login), std::move(path),
                                       std::move(arguments));
}

Awaitable<Result<GuestProcess>> Client::process(std::string vm, GuestLogin login,
                                                std::int64_t pid) {
  return impl_->guests().process(std::move(vm), std::move(login), pid);
}

Awaitable<Status> Client::terminate_process(std::string vm, GuestLogin login, std::int64_t pid) {
  return impl_->guests().terminate_process(std::move(vm), std::move(login), pid);
}

Awaitable<Result<GuestFile>> Client::initiate_file_transfer(std::string vm, GuestLogin login,
                                                            std::string path) {
  return impl_->guests().initiate_file_transfer(std::move(vm), std::move(login), std::move(path));
}

Awaitable<Result<std::string>> Client::download(GuestFile file, std::string host_thumbprint,
                                                std::size_t max_bytes) {
  return impl_->download(std::move(file), std::move(host_thumbprint), max_bytes);
}

Awaitable<Status> Client::delete_file(std::string vm, GuestLogin login, std::string path) {
  return impl_->guests().delete_file(std::move(vm), std::move(login), std::move(path));
}

void Client::hurry(std::chrono::steady_clock::time_point deadline) { impl_->hurry(deadline); }

Awaitable<Result<std::vector<model::Folder>>> Client::folders() { return impl_->folders(); }

const std::string& Client::name() const { return impl_->session().name(); }

}  // namespace ballast::vsphere
