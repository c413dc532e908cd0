#include "storage/async_store.h"

#include <utility>

namespace ballast::storage {

Awaitable<Result<std::optional<UtcTime>>> AsyncStore::last_start(std::string vcenter_name) {
  auto job = [this, name = std::move(vcenter_name)] { return store_.last_start(name); };
  return run_on(thread_, std::move(job));
}

Awaitable<Result<ScanId>> AsyncStore::begin_scan(ScanStart start) {
  auto job = [this, start = std::move(start)] { return store_.begin_scan(start); };
  return run_on(thread_, std::move(job));
}

Awaitable<Status> AsyncStore::write_vcenter(ScanId scan, model::VcenterAbout about) {
  auto job = [this, scan, about = std::move(about)] { return store_.write_vcenter(scan, about); };
  return run_on(thread_, std::move(job));
}

Awaitable<Status> AsyncStore::write_hosts(ScanId scan, std::vector<model::Host> hosts) {
  auto job = [this, scan, hosts = std::move(hosts)] { return store_.write_hosts(scan, hosts); };
  return run_on(thread_, std::move(job));
}

Awaitable<Status> AsyncStore::write_pools(ScanId scan, std::vector<model::ResourcePool> pools) {
  auto job = [this, scan, pools = std::move(pools)] { return store_.write_pools(scan, pools); };
  return run_on(thread_, std::move(job));
}

Awaitable<Status> AsyncStore::write_results(ScanId scan, std::vector<model::JudgedGuest> results) {
  auto job = [this, scan, results = std::move(results)] {
    return store_.write_results(scan, results);
  };
  return run_on(thread_, std::move(job));
}

Awaitable<Status> AsyncStore::finish_scan(ScanId scan, ScanEnd end) {
  auto job = [this, scan, end = std::move(end)] { return store_.finish_scan(scan, end); };
  return run_on(thread_, std::move(job));
}

Awaitable<Result<std::vector<model::HistoryPoint>>> AsyncStore::guest_history(ScanId scan,
                                                                              GuestKey guest,
                                                                              std::size_t most) {
  auto job = [this, scan, guest = std::move(guest), most] {
    return store_.guest_history(scan, guest, most);
  };
  return run_on(thread_, std::move(job));
}

Awaitable<Result<std::vector<model::GuestRecord>>> AsyncStore::guest_records(ScanId scan,
                                                                             UtcTime reads_since) {
  auto job = [this, scan, reads_since] { return store_.guest_records(scan, reads_since); };
  return run_on(thread_, std::move(job));
}

Awaitable<Result<std::vector<model::LoginSetback>>> AsyncStore::login_setbacks(ScanId scan) {
  auto job = [this, scan] { return store_.login_setbacks(scan); };
  return run_on(thread_, std::move(job));
}

Awaitable<Status> AsyncStore::write_login_setback(ScanId scan, model::LoginSetback setback) {
  auto job = [this, scan, setback = std::move(setback)] {
    return store_.write_login_setback(scan, setback);
  };
  return run_on(thread_, std::move(job));
}

}  // namespace ballast::storage
