#include "vsphere/guest/guestinfo.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "collector/ports/vim_fault.h"
#include "vsphere/inventory/mapping.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/encode.h"

namespace ballast::vsphere {

namespace {

constexpr const char* kDoing = "reading guestinfo of VMs";
// A guest's message has 64 KiB at most, so that an answer stays well below the limit of one.
constexpr std::size_t kMostVms = 256;

}  // namespace

Awaitable<Result<std::map<std::string, std::string>>> Guestinfo::read(std::vector<std::string> vms,
                                                                      std::string key) {
  Texts texts;
  const std::string path = "config.extraConfig[\"" + key + "\"]";
  for (std::size_t begin = 0; begin < vms.size(); begin += kMostVms) {
    std::vector<ManagedObject> some;
    for (std::size_t i = begin; i < std::min(vms.size(), begin + kMostVms); ++i) {
      ManagedObject vm{"VirtualMachine", std::move(vms[i])};
      some.push_back(std::move(vm));
    }
    auto status = co_await read_into(texts, std::move(some), path);
    if (!status) co_return fail(std::move(status.error()));
  }
  co_return texts;
}

// One VM that is gone makes the server refuse all, so they are asked for by halves.
Awaitable<Status> Guestinfo::read_into(Texts& texts, std::vector<ManagedObject> vms,
                                       std::string path) {
  const WantedProperties wanted{"VirtualMachine", {path}};
  auto request = encode_retrieve_of_each(session_.content().property_collector, vms, wanted);
  auto status = co_await take_pages(texts, std::move(request), path, vms.size());
  if (status) co_return status;
  if (!collector::is_fault(status.error().fault, "ManagedObjectNotFound")) co_return status;
  if (vms.size() == 1) co_return Status();
  const auto middle = vms.begin() + static_cast<std::ptrdiff_t>(vms.size() / 2);
  std::vector<ManagedObject> rest(std::make_move_iterator(middle),
                                  std::make_move_iterator(vms.end()));
  vms.erase(middle, vms.end());
  status = co_await read_into(texts, std::move(vms), path);
  if (!status) co_return status;
  co_return co_await read_into(texts, std::move(rest), std::move(path));
}

// Each page holds a VM, so there are at most `most` of them.
Awaitable<Status> Guestinfo::take_pages(Texts& texts, SoapRequest request, std::string path,
                                        std::size_t most) {
  auto decode = decode_properties;
  for (std::size_t pages = 0; pages < most; ++pages) {
    std::string doing = kDoing;
    auto page = co_await session_.call<PropertyPage>(request, std::move(doing), decode);
    if (!page) co_return fail(std::move(page.error()));
    for (const auto& object : page->objects) {
      const auto text = text_in(value_of(object, path));
      if (!text.empty()) texts.insert_or_assign(object.object.id, std::string(text));
    }
    if (page->token.empty()) co_return Status();
    request = encode_continue_retrieve(session_.content().property_collector, page->token);
    decode = decode_more_properties;
  }
  Error endless{ErrorCode::kProtocol, "the server's answer has more pages than VMs", {}, {}};
  co_return fail(session_.explained(std::move(endless), kDoing));
}

}  // namespace ballast::vsphere
