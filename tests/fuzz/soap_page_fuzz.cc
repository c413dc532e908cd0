// The body of an answer to a listing, all the way to the VMs, hosts, pools and folders of a scan.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/fixtures/peak_memory.h"
#include "tests/fuzz/check.h"
#include "vsphere/inventory/mapping.h"
#include "vsphere/inventory/place_mapping.h"
#include "vsphere/soap/property_page.h"

namespace ballast::fuzz {
namespace {

using namespace vsphere;

constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLongestId = 128;
constexpr std::int64_t kMostKib = std::int64_t{1} << 60;  // 2^50 MB

// What a page may take at once beside four times its bytes: 64 MiB are promised, but the pages here
// are small, with some thousand objects at most.
constexpr std::size_t kSlack = 8 * 1024 * 1024;

// Everything that a listing may be asked for.
struct Listing {
  std::vector<model::VmView> vms;
  std::vector<model::Host> hosts;
  std::vector<model::ResourcePool> pools;
  std::vector<model::Folder> folders;
};

void check_error(const Error& error) {
  require(!error.message.empty(), "an error says what is wrong");
  require_printable(error.sentence(), "an error is printable");
}

// What a scan does with a page.
void read_views(const std::string& answer, PageKind kind, std::vector<model::VmView>& views) {
  const auto token = next_page_token(answer, kind);
  if (!token) return check_error(token.error());
  const auto page = read_property_page(answer, *token);
  if (!page) return check_error(page.error());
  views.reserve(page->objects.size());
  for (const auto& object : page->objects) {
    if (!is_gone(object)) views.push_back(vm_view(object, UtcTime{}));
  }
}

void read_places(const std::string& answer, PageKind kind, Listing& listing) {
  const auto token = next_page_token(answer, kind);
  if (!token) return;
  const auto page = read_property_page(answer, *token);
  if (!page) return;
  listing.hosts = hosts_of(page->objects);
  listing.pools = pools_of(page->objects);
  listing.folders = folders_of(page->objects, "group-d1");
  const auto vapps = vapps_of(page->objects);
  listing.folders.insert(listing.folders.end(), vapps.begin(), vapps.end());
}

void check_name(std::string_view text) {
  require(text.size() <= kLongestName, "a name is bounded");
}
void check_id(std::string_view text) {
  require(text.size() <= kLongestId, "an identifier is bounded");
}

void check_kib(const std::optional<std::int64_t>& kib) {
  require(!kib || (*kib >= 0 && *kib <= kMostKib), "a figure is one that a machine can have");
}

void check_allocation(const model::MemoryAllocation& allocation) {
  check_kib(allocation.reservation_kib);
  if (allocation.limit_kib != model::kUnlimited) check_kib(allocation.limit_kib);
}

void check_vm(const model::VmView& vm) {
  check_name(vm.name);
  for (const auto* id :
       {&vm.moref, &vm.instance_uuid, &vm.bios_uuid, &vm.host_moref, &vm.pool_moref,
        &vm.folder_moref, &vm.guest_family, &vm.guest_id, &vm.managed_by}) {
    check_id(*id);
  }
  check_kib(vm.configured_kib);
  check_allocation(vm.allocation);
  for (const auto& stat : model::kQuickStats) check_kib(vm.stats.*stat.member);
}

void check_places(const Listing& listing) {
  for (const auto& host : listing.hosts) {
    for (const auto* name : {&host.name, &host.cluster, &host.datacenter}) check_name(*name);
    for (const auto* id : {&host.moref, &host.ssl_thumbprint, &host.address}) check_id(*id);
    check_kib(host.memory_kib);
    check_kib(host.memory_usage_kib);
  }
  for (const auto& pool : listing.pools) {
    check_name(pool.name);
    check_id(pool.moref);
    check_id(pool.parent);
    check_allocation(pool.allocation);
    check_kib(pool.usage_kib);
  }
  for (const auto& folder : listing.folders) {
    check_name(folder.name);
    check_id(folder.moref);
    check_id(folder.parent);
  }
}

void check_answer(const std::string& answer, PageKind kind) {
  Listing listing;
  const auto peak =
      fixtures::peak_memory_of([&] { read_views(answer, kind, listing.vms); }).value_or(0);
  require(peak <= 4 * answer.size() + kSlack, "a page takes four times its bytes at most");
  read_places(answer, kind, listing);
  for (const auto& vm : listing.vms) check_vm(vm);
  check_places(listing);
}

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ballast::fuzz;
  const std::string answer(text_of(data, size));
  check_answer(answer, PageKind::kFirst);
  check_answer(answer, PageKind::kNext);
  return 0;
}
