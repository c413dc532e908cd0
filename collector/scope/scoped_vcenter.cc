#include "collector/scope/scoped_vcenter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/log_subject.h"
#include "base/text.h"
#include "base/words.h"

namespace ballast::collector {

namespace {

// A listing from which what is not in the scope was left out.
class ScopedPages final : public VmPages {
 public:
  ScopedPages(std::unique_ptr<VmPages> pages, ScopeFilter filter, std::string name,
              std::string scope)
      : pages_(std::move(pages)),
        filter_(std::move(filter)),
        name_(std::move(name)),
        scope_(std::move(scope)) {}

  Awaitable<Result<std::vector<model::VmView>>> next() override {
    while (true) {
      auto page = co_await pages_->next();
      if (!page) co_return page;
      if (page->empty()) break;
      std::erase_if(*page, [this](const model::VmView& vm) { return !is_in(vm); });
      found_any_ = found_any_ || !page->empty();
      if (!page->empty()) co_return page;
    }
    if (!found_any_) co_return fail(nothing_found());
    // So the scan is partial, and none of them is taken for gone.
    if (unknown_ > 0) co_return fail(not_all_told());
    co_return std::vector<model::VmView>();
  }

  Awaitable<void> close() override { return pages_->close(); }

 private:
  bool is_in(const model::VmView& vm) {
    const auto standing = filter_.standing_of(vm);
    if (standing == ScopeFilter::Standing::kUnknown) ++unknown_;
    return standing == ScopeFilter::Standing::kIn;
  }

  [[nodiscard]] std::string of_unknown() const {
    return fmt::format("{} left out, because the user may not see what {} in",
                       unknown_ == 1 ? "1 VM is" : grouped(unknown_) + " VMs are",
                       unknown_ == 1 ? "it is" : "they are");
  }

  [[nodiscard]] Error not_all_told() const {
    return {ErrorCode::kPermission,
            name_ + ": " + of_unknown(),
            "Read-only on folders, hosts and clusters, with propagation",
            {}};
  }

  [[nodiscard]] Error nothing_found() const {
    const std::string said =
        fmt::format("{}: no VM is in what the scan is limited to, {}", name_, printable(scope_));
    if (unknown_ == 0) {
      return {ErrorCode::kNotFound,
              said,
              "less at once: a VM has to match one pattern of each of these",
              {}};
    }
    return {ErrorCode::kNotFound,
            said + "; " + of_unknown(),
            "Read-only on folders, hosts and clusters, with propagation",
            {}};
  }

  std::unique_ptr<VmPages> pages_;
  ScopeFilter filter_;
  std::string name_;
  std::string scope_;
  bool found_any_ = false;
  std::int64_t unknown_ = 0;
};

}  // namespace

Awaitable<Result<model::VcenterAbout>> ScopedVcenter::connect() {
  auto about = co_await vcenter_.connect();
  is_vcenter_ = about && !about->instance_uuid.empty();
  co_return about;
}

Awaitable<Result<std::vector<model::Host>>> ScopedVcenter::hosts() {
  auto hosts = co_await vcenter_.hosts();
  if (!hosts) co_return hosts;
  hosts_ = *hosts;
  std::erase_if(*hosts, [this](const model::Host& host) { return !may_have_vms(scope_, host); });
  co_return hosts;
}

Awaitable<Result<std::vector<model::ResourcePool>>> ScopedVcenter::resource_pools() {
  auto pools = co_await vcenter_.resource_pools();
  if (!pools) co_return pools;
  for (const auto& pool : *pools) pool_parents_.insert_or_assign(pool.moref, pool.parent);
  co_return pools;
}

// Logins that go by folder need them, and so does a scope: they are read once.
Awaitable<Result<std::vector<model::Folder>>> ScopedVcenter::folders() {
  if (folders_) co_return *folders_;
  auto all = co_await vcenter_.folders();
  if (all) folders_ = *all;
  co_return all;
}

Awaitable<Result<std::unique_ptr<VmPages>>> ScopedVcenter::list_vms() {
  auto facts = co_await read_facts();
  if (!facts) co_return fail(std::move(facts.error()));
  ScopeFilter filter(scope_, std::move(*facts));
  auto vain = filter.patterns_in_vain();
  if (vain.error) co_return fail(during(std::move(*vain.error), name_));
  for (const auto& warning : vain.warnings) {
    const LogAbout about({.vcenter = name_});
    spdlog::warn("{}", warning);
  }
  auto pages = co_await vcenter_.list_vms();
  if (!pages) co_return pages;
  std::unique_ptr<VmPages> scoped =
      std::make_unique<ScopedPages>(std::move(*pages), std::move(filter), name_, describe(scope_));
  co_return Result<std::unique_ptr<VmPages>>(std::move(scoped));
}

Awaitable<Result<ScopeFacts>> ScopedVcenter::read_facts() {
  ScopeFacts facts;
  if (auto places = co_await read_places(&facts); !places) co_return fail(places.error());
  if (scope_.tags.empty()) co_return facts;
  if (!is_vcenter_) {
    co_return fail(ErrorCode::kInvalidArgument,
                   name_ + ": the scan is limited to tags, and an ESXi host has none",
                   "leave out tags, or scan its vCenter");
  }
  auto patterns = scope_.tags;
  auto tags = co_await read_tags(vcenter_.tagging(), std::move(patterns));
  if (!tags) co_return fail(std::move(tags.error()));
  facts.tags = std::move(*tags);
  co_return facts;
}

// A scan does without hosts and folders, but not where they decide whom it asks.
Awaitable<Status> ScopedVcenter::read_places(ScopeFacts* facts) {
  const bool by_folder = !scope_.folders.empty() || !scope_.datacenters.empty();
  const bool by_host = !scope_.clusters.empty() || !scope_.datacenters.empty();
  if (by_host && !hosts_) {
    auto hosts = co_await vcenter_.hosts();
    if (!hosts && !scope_.clusters.empty()) co_return fail(std::move(hosts.error()));
    if (hosts) hosts_ = std::move(*hosts);
  }
  facts->hosts = hosts_.value_or(std::vector<model::Host>());
  if (!by_folder) co_return Status();
  auto all = co_await folders();
  if (!all) co_return fail(std::move(all.error()));
  facts->folders = std::move(*all);
  const auto vapps = co_await vcenter_.vapps();
  if (!vapps) co_return fail(vapps.error());
  facts->folders.insert(facts->folders.end(), vapps->begin(), vapps->end());
  // Without the pools in them only the vApps' own VMs are known.
  if (pool_parents_.empty() && !vapps->empty()) static_cast<void>(co_await resource_pools());
  facts->pool_parents = pool_parents_;
  co_return Status();
}

}  // namespace ballast::collector
