#include "storage/store.h"

#include <fmt/format.h>

#include "storage/write/store_impl.h"

namespace ballast::storage {

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() { impl_->abandon_scans(); }

Result<std::unique_ptr<Store>> Store::open(const std::string& path, OpenOptions options) {
  auto impl = Impl::open(path, options);
  if (!impl) return fail(impl.error());
  return std::unique_ptr<Store>(new Store(std::move(*impl)));
}

void Store::hurry() { impl_->hurry(); }

Result<ScanId> Store::begin_scan(const ScanStart& start) { return impl_->begin_scan(start); }

Status Store::write_vcenter(ScanId scan, const model::VcenterAbout& about) {
  return impl_->write_vcenter(scan, about);
}

Status Store::write_hosts(ScanId scan, const std::vector<model::Host>& hosts) {
  return impl_->write_items(scan, hosts, fmt::format("storing {} hosts", hosts.size()));
}

Status Store::write_pools(ScanId scan, const std::vector<model::ResourcePool>& pools) {
  return impl_->write_items(scan, pools, fmt::format("storing {} resource pools", pools.size()));
}

Result<std::vector<model::HistoryPoint>> Store::guest_history(ScanId scan, const GuestKey& guest,
                                                              std::size_t most) {
  return impl_->guest_history(scan, guest, most);
}

Status Store::write_results(ScanId scan, const std::vector<model::JudgedGuest>& results) {
  return impl_->write_items(scan, results, fmt::format("storing {} results", results.size()));
}

Result<std::optional<UtcTime>> Store::last_start(const std::string& vcenter_name) {
  return impl_->last_start(vcenter_name);
}

Result<std::vector<model::GuestRecord>> Store::guest_records(ScanId scan, UtcTime reads_since) {
  return impl_->guest_records(scan, reads_since);
}

Result<std::vector<model::LoginSetback>> Store::login_setbacks(ScanId scan) {
  return impl_->login_setbacks(scan);
}

Status Store::write_login_setback(ScanId scan, const model::LoginSetback& setback) {
  return impl_->write_login_setback(scan, setback);
}

Result<RejudgeReport> Store::rejudge(UtcTime since, bool dry_run) {
  return impl_->rejudge(since, dry_run);
}

Status Store::finish_scan(ScanId scan, const ScanEnd& end) {
  if (end.status == model::ScanStatus::kRunning) {
    return fail(ErrorCode::kInvalidArgument, "a scan cannot be finished as running");
  }
  return impl_->finish_scan(scan, end);
}

Status Store::roll_up() { return impl_->roll_up(); }

Status Store::rebuild_rollups() { return impl_->rebuild_rollups(); }

Status Store::prune(const Retention& keep, UtcTime now) { return impl_->prune(keep, now); }

Status Store::maintain(const Retention& keep, UtcTime now) {
  auto rolled_up = roll_up();
  auto pruned = prune(keep, now);
  return rolled_up ? pruned : rolled_up;
}

}  // namespace ballast::storage
