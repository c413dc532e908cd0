// What guests tell the hypervisor, read of many VMs at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/client/client_bench.h"

namespace ballast::vsphere::test {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr const char* kKey = "guestinfo.ballast.report";

void tell(ClientBench& bench, const std::string& vm, const std::string& text) {
  json change;
  change["guestinfo"][kKey] = text;
  bench.lab().post("/guest?moref=" + vm, change);
}

json telling_guests(int count) {
  return {{"guests", {{{"name", "vm-%d"}, {"count", count}, {"guestinfo", "shown"}}}}};
}

std::vector<std::string> first_vms(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("vm-" + std::to_string(1001 + i));
  return out;
}

TEST(ClientGuestinfo, IsOfThoseThatToldSomething) {
  ClientBench bench(telling_guests(5));
  tell(bench, "vm-1002", "- a;b <&> \"c\"");
  tell(bench, "vm-1004", "- d");
  EXPECT_THAT(unwrap(bench.sync(bench.connect().guestinfo(first_vms(5), kKey))),
              UnorderedElementsAre(Pair("vm-1002", "- a;b <&> \"c\""), Pair("vm-1004", "- d")));
}

TEST(ClientGuestinfo, IsAskedForByKeyOfManyInOneCall) {
  ClientBench bench(telling_guests(60));
  auto& client = bench.connect();
  const int before = bench.lab().get("/stats")["methods"].value("RetrievePropertiesEx", 0);
  EXPECT_THAT(unwrap(bench.sync(client.guestinfo(first_vms(60), "guestinfo.other"))), IsEmpty());
  EXPECT_EQ(bench.lab().get("/stats")["methods"]["RetrievePropertiesEx"], before + 1);
}

// The server may put fewer VMs into an answer than were asked for.
TEST(ClientGuestinfo, IsReadToTheLastPage) {
  json scenario = telling_guests(9);
  scenario["page_limit"] = 2;
  ClientBench bench(scenario);
  for (const auto& vm : first_vms(9)) tell(bench, vm, "- x");
  EXPECT_THAT(unwrap(bench.sync(bench.connect().guestinfo(first_vms(9), kKey))), SizeIs(9));
}

// vCenter refuses the whole call for one VM that is gone.
TEST(ClientGuestinfo, OneVmThatIsGoneSpoilsNothing) {
  ClientBench bench(telling_guests(9));
  auto& client = bench.connect();
  for (const auto& vm : first_vms(9)) tell(bench, vm, "- x");
  bench.lab().post("/guest?moref=vm-1005", {{"deleted", true}});
  auto vms = first_vms(9);
  vms.push_back("vm-7");
  EXPECT_THAT(unwrap(bench.sync(client.guestinfo(std::move(vms), kKey))), SizeIs(8));
}

}  // namespace
}  // namespace ballast::vsphere::test
