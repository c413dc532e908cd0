#include "cli/adapters.h"

#include <utility>

namespace ballast::cli {

namespace {

class PagesAdapter : public collector::VmPages {
 public:
  explicit PagesAdapter(std::unique_ptr<vsphere::VmListing> listing)
      : listing_(std::move(listing)) {}
  Awaitable<Result<std::vector<model::VmView>>> next() override { return listing_->next(); }
  Awaitable<void> close() override { return listing_->close(); }

 private:
  std::unique_ptr<vsphere::VmListing> listing_;
};

vsphere::GuestLogin login_of(collector::GuestCredentials who) {
  return {std::move(who.username), std::move(who.password)};
}

}  // namespace

Awaitable<Result<model::VcenterAbout>> VcenterAdapter::connect() { return client_.connect(); }

Awaitable<void> VcenterAdapter::disconnect() { return client_.disconnect(); }

Awaitable<Result<UtcTime>> VcenterAdapter::current_time() { return client_.current_time(); }

Awaitable<Result<std::vector<model::Host>>> VcenterAdapter::hosts() { return client_.hosts(); }

Awaitable<Result<std::map<std::string, std::int64_t>>> VcenterAdapter::host_memory_states(
    std::vector<std::string> hosts) {
  return client_.host_memory_states(std::move(hosts));
}

Awaitable<Result<std::vector<model::ResourcePool>>> VcenterAdapter::resource_pools() {
  return client_.resource_pools();
}

Awaitable<Result<std::vector<model::BalloonCounters>>> VcenterAdapter::balloon_counters(
    std::vector<std::string> vms, std::chrono::seconds span) {
  return client_.balloon_counters(std::move(vms), span);
}

Awaitable<Result<std::unique_ptr<collector::VmPages>>> VcenterAdapter::list_vms() {
  auto listing = co_await client_.list_vms();
  if (!listing) co_return fail(std::move(listing.error()));
  std::unique_ptr<collector::VmPages> pages = std::make_unique<PagesAdapter>(std::move(*listing));
  co_return Result<std::unique_ptr<collector::VmPages>>(std::move(pages));
}

Awaitable<Result<std::string>> VcenterAdapter::create_temporary_file(std::string vm, Who who,
                                                                     std::string prefix,
                                                                     std::string suffix) {
  return client_.create_temporary_file(std::move(vm), login_of(std::move(who)), std::move(prefix),
                                       std::move(suffix));
}

Awaitable<Result<std::int64_t>> VcenterAdapter::start_program(std::string vm, Who who,
                                                              std::string path,
                                                              std::string arguments) {
  return client_.start_program(std::move(vm), login_of(std::move(who)), std::move(path),
                               std::move(arguments));
}

Awaitable<Result<collector::GuestProcessState>> VcenterAdapter::process(std::string vm, Who who,
                                                                        std::int64_t pid) {
  auto login = login_of(std::move(who));
  const auto state = co_await client_.process(std::move(vm), std::move(login), pid);
  if (!state) co_return fail(state.error());
  co_return collector::GuestProcessState{state->known, state->ended, state->exit_code};
}

Awaitable<Status> VcenterAdapter::terminate_process(std::string vm, Who who, std::int64_t pid) {
  return client_.terminate_process(std::move(vm), login_of(std::move(who)), pid);
}

Awaitable<Result<std::string>> VcenterAdapter::read_file(std::string vm, Who who, std::string path,
                                                         std::string host_thumbprint,
                                                         std::size_t max_bytes) {
  auto login = login_of(std::move(who));
  auto file =
      co_await client_.initiate_file_transfer(std::move(vm), std::move(login), std::move(path));
  if (!file) co_return fail(std::move(file.error()));
  co_return co_await client_.download(std::move(*file), std::move(host_thumbprint), max_bytes);
}

Awaitable<Status> VcenterAdapter::delete_file(std::string vm, Who who, std::string path) {
  return client_.delete_file(std::move(vm), login_of(std::move(who)), std::move(path));
}

Awaitable<Result<std::optional<UtcTime>>> StoreAdapter::last_start(std::string vcenter) {
  auto job = [this, vcenter = std::move(vcenter)] { return store_.last_start(vcenter); };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Result<collector::ScanId>> StoreAdapter::begin_scan(collector::ScanStart start) {
  auto job = [this, start = std::move(start)] {
    return store_.begin_scan(start.vcenter_name, start.vcenter_url, start.started_at);
  };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Status> StoreAdapter::write_vcenter(collector::ScanId scan, model::VcenterAbout about) {
  auto job = [this, scan, about = std::move(about)] { return store_.write_vcenter(scan, about); };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Status> StoreAdapter::write_hosts(collector::ScanId scan,
                                            std::vector<model::Host> hosts) {
  auto job = [this, scan, hosts = std::move(hosts)] { return store_.write_hosts(scan, hosts); };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Status> StoreAdapter::write_pools(collector::ScanId scan,
                                            std::vector<model::ResourcePool> pools) {
  auto job = [this, scan, pools = std::move(pools)] { return store_.write_pools(scan, pools); };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Result<std::vector<model::HistoryPoint>>> StoreAdapter::guest_history(
    collector::ScanId scan, collector::GuestKey guest, std::size_t most) {
  auto job = [this, scan, guest = std::move(guest), most] {
    model::VmView vm;
    vm.instance_uuid = guest.instance_uuid;
    vm.moref = guest.moref;
    return store_.guest_history(scan, vm, most);
  };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Result<std::vector<model::GuestRecord>>> StoreAdapter::guest_records(
    collector::ScanId scan, UtcTime reads_since) {
  auto job = [this, scan, reads_since] { return store_.guest_records(scan, reads_since); };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Result<std::vector<model::LoginSetback>>> StoreAdapter::login_setbacks() {
  auto job = [this] { return store_.login_setbacks(); };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Status> StoreAdapter::write_login_setback(model::LoginSetback setback) {
  auto job = [this, setback = std::move(setback)] { return store_.write_login_setback(setback); };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Status> StoreAdapter::write_results(collector::ScanId scan,
                                              std::vector<model::JudgedGuest> results) {
  auto job = [this, scan, results = std::move(results)] {
    return store_.write_results(scan, results);
  };
  co_return co_await run_on(thread_, std::move(job));
}

Awaitable<Status> StoreAdapter::finish_scan(collector::ScanId scan, collector::ScanEnd end) {
  auto job = [this, scan, end = std::move(end)] {
    return store_.finish_scan(scan, end.status, end.finished_at, end.error);
  };
  co_return co_await run_on(thread_, std::move(job));
}

}  // namespace ballast::cli
