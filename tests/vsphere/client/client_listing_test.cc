// The inventory comes whole and once, whatever the page size and whatever happens to the session,
// and leaves nothing open on the server.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/client/client_bench.h"

namespace ballast::vsphere::test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr int kListedVms = 115;

json listing_scenario() {
  return {
      {"seed", 5},
      {"clusters", 2},
      {"hosts_per_cluster", 2},
      {"host_memory_gib", 32},
      {"guests",
       {{{"name", "balloon-%03d"},
         {"count", 60},
         {"balloon_mib", 300},
         {"memory_mib", 2048},
         {"limit_mib", 1536},
         {"reservation_mib", 256}},
        {{"name", "off-%02d"}, {"count", 20}, {"power", "off"}},
        {{"name", "unset-%02d"}, {"count", 20}, {"behaviour", "unset_ready"}, {"guest_family", ""}},
        {{"name", "a<b> & \u00fc\t]]>"}, {"count", 1}, {"tools", "not_running"}},
        {{"name", "win-%02d"},
         {"count", 14},
         {"guest_family", "windowsGuest"},
         {"power", "suspended"},
         {"connection", "disconnected"}}}}};
}

std::string summary(const model::VmView& vm) {
  const auto number = [](std::optional<std::int64_t> value) {
    return value ? std::to_string(*value) : std::string("unset");
  };
  return vm.moref + '|' + vm.name + '|' + vm.instance_uuid + '|' + vm.bios_uuid + '|' +
         vm.host_moref + '|' + std::string(to_string(vm.power)) + '|' +
         std::string(to_string(vm.tools)) + '|' + vm.guest_family + '|' + vm.guest_id + '|' +
         number(vm.configured_kib) + '|' + number(vm.allocation.limit_kib) + '|' +
         number(vm.stats.balloon_kib) + '|' + number(vm.stats.consumed_kib) + '|' +
         (vm.guest_operations_ready ? (*vm.guest_operations_ready ? "ready" : "not ready")
                                    : "unset");
}

std::vector<std::string> summaries(const std::vector<model::VmView>& vms) {
  std::vector<std::string> out;
  for (const auto& vm : vms) out.push_back(summary(vm));
  std::sort(out.begin(), out.end());
  return out;
}

void expect_nothing_open(const ClientBench& bench) {
  const auto stats = bench.stats();
  EXPECT_EQ(stats["open_views"], 0);
  EXPECT_EQ(stats["open_collections"], 0);
}

TEST(ClientListing, IsTheSameWithEveryPageSize) {
  ClientBench bench(listing_scenario());
  std::vector<std::string> unpaged;
  for (const int page_size : {0, 1, 7, 100}) {
    auto options = bench.options();
    options.page_size = page_size;
    auto& client = bench.connect(std::move(options));
    const auto vms = unwrap(bench.all_vms(client));
    ASSERT_THAT(vms, SizeIs(kListedVms)) << "page size " << page_size;
    if (page_size == 0) unpaged = summaries(vms);
    EXPECT_EQ(summaries(vms), unpaged) << "page size " << page_size;
    expect_nothing_open(bench);
  }
}

TEST(ClientListing, CarriesWhatTheServerHas) {
  ClientBench bench(listing_scenario());
  std::map<std::string, model::VmView> vms;
  for (auto& vm : unwrap(bench.all_vms(bench.connect()))) vms[vm.moref] = vm;
  const json truth = bench.lab().get("/truth");
  ASSERT_THAT(truth["vms"], SizeIs(vms.size()));
  for (const auto& expected : truth["vms"]) {
    const auto& vm = vms.at(expected["moref"]);
    EXPECT_EQ(vm.name, expected["name"].get<std::string>());
    EXPECT_EQ(vm.instance_uuid, expected["instance_uuid"].get<std::string>()) << vm.name;
    EXPECT_EQ(vm.host_moref, expected["host_moref"].get<std::string>()) << vm.name;
    EXPECT_EQ(vm.stats.balloon_kib, expected["balloon_kib"].get<std::int64_t>()) << vm.name;
    EXPECT_EQ(vm.configured_kib, expected["memory_kib"].get<std::int64_t>()) << vm.name;
    EXPECT_EQ(vm.guest_family, expected["guest_family"]) << vm.name;
    EXPECT_FALSE(vm.bios_uuid.empty()) << vm.name;
    EXPECT_GT(vm.polled_at, now_utc() - std::chrono::minutes(5)) << vm.name;
    if (vm.name.starts_with("unset")) {
      EXPECT_EQ(vm.guest_operations_ready, std::nullopt);
    }
    if (vm.name.starts_with("balloon")) {
      EXPECT_EQ(vm.guest_operations_ready, true);
      EXPECT_EQ(vm.power, model::PowerState::kPoweredOn);
      EXPECT_EQ(vm.tools, model::ToolsState::kRunning);
      EXPECT_EQ(vm.allocation.limit_kib, 1536 * 1024);
      EXPECT_EQ(vm.allocation.reservation_kib, 256 * 1024);
      EXPECT_EQ(vm.stats.balloon_kib, 300 * 1024);
      EXPECT_GT(vm.stats.uptime_s.value_or(0), 0);
      EXPECT_EQ(vm.stats.swapped_kib, 0) << "a zero that the server wrote is lost";
    } else {
      EXPECT_EQ(vm.allocation.limit_kib, model::kUnlimited) << vm.name;
    }
    if (vm.name.starts_with("win")) {
      EXPECT_EQ(vm.power, model::PowerState::kSuspended);
      EXPECT_EQ(vm.connection, model::ConnectionState::kDisconnected);
    }
  }
}

TEST(ClientListing, HostsHaveTheirPlaces) {
  ClientBench bench(listing_scenario());
  for (const int page_size : {0, 1}) {
    auto options = bench.options();
    options.page_size = page_size;
    auto& client = bench.connect(std::move(options));
    const auto hosts = unwrap(bench.sync(client.hosts()));
    ASSERT_THAT(hosts, SizeIs(4)) << "page size " << page_size;
    std::multiset<std::string> clusters;
    for (const auto& host : hosts) {
      clusters.insert(host.cluster);
      EXPECT_THAT(host.moref, HasSubstr("host-"));
      EXPECT_THAT(host.name, HasSubstr("esx-"));
      EXPECT_EQ(host.datacenter, "lab-dc");
      EXPECT_EQ(host.memory_kib, 32 * 1024 * 1024);
      EXPECT_GT(host.memory_usage_kib.value_or(0), 0);
    }
    EXPECT_THAT(clusters, ElementsAre("cluster-01", "cluster-01", "cluster-02", "cluster-02"));
    expect_nothing_open(bench);
  }
}

TEST(ClientListing, FoldersLeadFromAVmToItsDatacenter) {
  ClientBench bench(listing_scenario());
  for (const int page_size : {0, 1}) {
    auto options = bench.options();
    options.page_size = page_size;
    auto& client = bench.connect(std::move(options));
    std::map<std::string, model::Folder> folders;
    for (auto& folder : unwrap(bench.sync(client.folders()))) folders[folder.moref] = folder;
    for (const auto& vm : unwrap(bench.all_vms(client))) {
      ASSERT_TRUE(folders.contains(vm.folder_moref)) << vm.name << ": " << vm.folder_moref;
      EXPECT_EQ(folders[vm.folder_moref].name, "lab-dc") << "the hidden folder's own name";
      EXPECT_EQ(folders[vm.folder_moref].parent, "") << "the root folder";
    }
    for (const auto& [moref, folder] : folders) {
      EXPECT_THAT(folder.name, Not(AnyOf("host", "datastore", "network", "Datacenters"))) << moref;
    }
    expect_nothing_open(bench);
  }
}

TEST(ClientListing, ClosedEarlyIsCancelledOnTheServer) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.page_size = 7;
  auto& client = bench.connect(std::move(options));
  auto listing = unwrap(bench.sync(client.list_vms()));
  EXPECT_THAT(unwrap(bench.sync(listing->next())), SizeIs(7));
  bench.sync(listing->close());
  EXPECT_EQ(bench.stats()["cancelled"], 1);
  expect_nothing_open(bench);
  EXPECT_THAT(unwrap(bench.sync(listing->next())), IsEmpty()) << "after close";
}

// Nobody asks for the next pages, yet they come; and whoever is slow does not have them pile up.
TEST(ClientListing, TwoPagesAreAheadAndNoMore) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.page_size = 10;
  auto& client = bench.connect(std::move(options));
  auto listing = unwrap(bench.sync(client.list_vms()));
  EXPECT_THAT(unwrap(bench.sync(listing->next())), SizeIs(10));
  // ctest's timeout ends a wait in vain.
  bench.wait_for_calls("ContinueRetrievePropertiesEx", 2);
  bench.sync(sleep_for(std::chrono::milliseconds(200)));
  EXPECT_EQ(bench.calls("ContinueRetrievePropertiesEx"), 2);
  bench.sync(listing->close());
  expect_nothing_open(bench);
}

TEST(ClientListing, DroppedWithoutCloseIsPutAwayAtDisconnect) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.page_size = 7;
  auto& client = bench.connect(std::move(options));
  auto listing = unwrap(bench.sync(client.list_vms()));
  unwrap(bench.sync(listing->next()));
  listing.reset();
  bench.disconnect();
  EXPECT_EQ(bench.stats()["cancelled"], 1);
  EXPECT_EQ(bench.calls("DestroyView"), 1);
  EXPECT_EQ(bench.stats()["sessions"], 0);
}

class LostSession : public testing::TestWithParam<const char*> {};

TEST_P(LostSession, MidListingRestartsOnceWithoutDoubles) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.page_size = 10;
  auto& client = bench.connect(std::move(options));
  const json drop = {{"method", "ContinueRetrievePropertiesEx"},
                     {"skip", 3},
                     {"count", 1},
                     {"kind", "drop_session"},
                     {"seen_as", GetParam()}};
  bench.lab().post("/faults", json::array({drop}));
  const auto vms = unwrap(bench.all_vms(client));
  EXPECT_THAT(vms, SizeIs(kListedVms));
  std::set<std::string> morefs;
  for (const auto& vm : vms) morefs.insert(vm.moref);
  EXPECT_THAT(morefs, SizeIs(kListedVms)) << "VMs twice";
  EXPECT_EQ(bench.calls("Login"), 2);
  expect_nothing_open(bench);
}

TEST(ClientListing, APageThatIsTooLargeNamesTheSetting) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.max_response_bytes = 16 * 1024;
  auto& client = bench.connect(std::move(options));
  const auto vms = bench.all_vms(client);
  ASSERT_FALSE(vms);
  EXPECT_EQ(vms.error().code, ErrorCode::kTooLarge) << vms.error().message;
  EXPECT_THAT(vms.error().hint, HasSubstr("page_size"));
}

TEST_P(LostSession, LostAgainAndAgainIsAnError) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.page_size = 10;
  auto& client = bench.connect(std::move(options));
  const json drop = {{"method", "ContinueRetrievePropertiesEx"},
                     {"kind", "drop_session"},
                     {"seen_as", GetParam()}};
  bench.lab().post("/faults", json::array({drop}));
  const auto vms = bench.all_vms(client);
  ASSERT_FALSE(vms);
  EXPECT_EQ(vms.error().fault, GetParam());
  EXPECT_THAT(vms.error().message, HasSubstr("lab: listing the virtual machines"));
  EXPECT_LE(bench.calls("Login"), 5) << "it gets no further, and must not go round for ever";
}

INSTANTIATE_TEST_SUITE_P(SeenAs, LostSession,
                         testing::Values("NotAuthenticated", "ManagedObjectNotFound"));

TEST(ClientListing, SessionRenewedByAnotherCallMeanwhileRestartsToo) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.page_size = 10;
  auto& client = bench.connect(std::move(options));
  auto listing = unwrap(bench.sync(client.list_vms()));
  std::set<std::string> morefs;
  for (const auto& vm : unwrap(bench.sync(listing->next()))) morefs.insert(vm.moref);
  const json drop = {{"method", "CurrentTime"}, {"count", 1}, {"kind", "drop_session"}};
  bench.lab().post("/faults", json::array({drop}));
  unwrap(bench.sync(client.current_time()));
  while (true) {
    const auto page = unwrap(bench.sync(listing->next()));
    if (page.empty()) break;
    for (const auto& vm : page) EXPECT_TRUE(morefs.insert(vm.moref).second) << vm.moref;
  }
  EXPECT_THAT(morefs, SizeIs(kListedVms));
  bench.sync(listing->close());
  expect_nothing_open(bench);
}

// So it looks if the session ends while the server handles the call.
TEST(ClientListing, TokenThatIsNotAcceptedRestartsOnce) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.page_size = 10;
  auto& client = bench.connect(std::move(options));
  json refuse = {{"method", "ContinueRetrievePropertiesEx"},
                 {"skip", 2},
                 {"count", 1},
                 {"kind", "fault"},
                 {"fault", "InvalidArgument"}};
  bench.lab().post("/faults", json::array({refuse}));
  EXPECT_THAT(unwrap(bench.all_vms(client)), SizeIs(kListedVms));
  EXPECT_EQ(bench.stats()["open_views"], 0) << "the first view is left behind";

  refuse["count"] = 0;
  bench.lab().post("/faults", json::array({refuse}));
  const auto vms = bench.all_vms(client);
  ASSERT_FALSE(vms);
  EXPECT_EQ(vms.error().fault, "InvalidArgument");
}

// What the collector does when the user asks it to stop.
Awaitable<void> list_until_cancelled(collector::VmPages& listing, bool& was_cancelled) {
  try {
    while (true) {
      auto page = co_await listing.next();
      if (!page || page->empty()) break;
    }
  } catch (const boost::system::system_error&) {
    was_cancelled = true;
  }
  co_await shield_from_cancellation();
  co_await listing.close();
}

TEST(ClientListing, CancelledWhileTheServerStallsEndsInBoundedTime) {
  ClientBench bench(listing_scenario());
  auto options = bench.options();
  options.page_size = 10;
  options.request_timeout = std::chrono::seconds(20);
  auto& client = bench.connect(std::move(options));
  bench.lab().post(
      "/faults",
      json::array({{{"method", "ContinueRetrievePropertiesEx"}, {"skip", 1}, {"kind", "stall"}}}));
  auto listing = unwrap(bench.sync(client.list_vms()));
  TaskGroup tasks(bench.io().get_executor());
  bool was_cancelled = false;
  tasks.spawn(list_until_cancelled(*listing, was_cancelled));
  // The second continuation is the one that stalls.
  bench.wait_for_calls("ContinueRetrievePropertiesEx", 2);
  tasks.cancel();
  bench.sync(tasks.join());
  EXPECT_TRUE(was_cancelled);
  EXPECT_EQ(bench.stats()["open_views"], 0);
}

TEST(ClientListing, AServerThatSendsTheSamePageForEverIsLeft) {
  json scenario = listing_scenario();
  scenario["page_limit"] = 10;
  scenario["endless_listing"] = true;
  ClientBench bench(scenario);
  auto listing = unwrap(bench.sync(bench.connect().list_vms()));
  const auto first = unwrap(bench.sync(listing->next()));
  EXPECT_THAT(first, SizeIs(10));
  const auto second = bench.sync(listing->next());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("page after page with nothing new"));
  bench.sync(listing->close());
}

}  // namespace
}  // namespace ballast::vsphere::test
