// From properties to the inventory: units, words, places; and which API version is spoken.
#include "vsphere/inventory/mapping.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/soap/soap_samples.h"
#include "vsphere/guest/files.h"
#include "vsphere/inventory/place_mapping.h"
#include "vsphere/soap/decode.h"
#include "vsphere/soap/http.h"
#include "vsphere/tls/certificate.h"

namespace ballast::vsphere::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

model::VmView view_of(std::vector<Property> properties) {
  return vm_view({{"VirtualMachine", "vm-1"}, std::move(properties), {}}, UtcTime{});
}

TEST(VmMapping, SampleOfVcenter) {
  const auto page = decode_properties(sample("vcenter_vms.xml"));
  ASSERT_TRUE(page);
  const auto vm = vm_view(page->objects.at(0), UtcTime(std::chrono::milliseconds(7)));
  EXPECT_EQ(vm.moref, "vm-1041");
  EXPECT_EQ(vm.host_moref, "host-27");
  EXPECT_EQ(vm.power, model::PowerState::kPoweredOn);
  EXPECT_EQ(vm.connection, model::ConnectionState::kConnected);
  EXPECT_EQ(vm.tools, model::ToolsState::kRunning);
  EXPECT_EQ(vm.guest_operations_ready, true);
  EXPECT_EQ(vm.guest_family, "linuxGuest");
  EXPECT_EQ(vm.configured_kib, 16384 * 1024);
  EXPECT_EQ(vm.allocation.limit_kib, 15360 * 1024);
  EXPECT_EQ(vm.stats.balloon_kib, 1280 * 1024) << "MB";
  EXPECT_EQ(vm.stats.compressed_kib, 2048) << "already KB";
  EXPECT_EQ(vm.stats.uptime_s, 8640021);
  EXPECT_EQ(vm.polled_at.time_since_epoch().count(), 7);
  EXPECT_FALSE(is_gone(page->objects[0]));
  EXPECT_FALSE(is_gone(page->objects.at(1))) << "NoPermission on one property";
  EXPECT_TRUE(is_gone(page->objects.at(2)));
}

TEST(VmMapping, NothingSaidIsUnset) {
  const auto vm = view_of({});
  EXPECT_EQ(vm.power, model::PowerState::kUnknown);
  EXPECT_EQ(vm.guest_operations_ready, std::nullopt);
  EXPECT_EQ(vm.configured_kib, std::nullopt);
  EXPECT_EQ(vm.stats.balloon_kib, std::nullopt);
  EXPECT_EQ(vm.allocation.limit_kib, std::nullopt);
}

TEST(VmMapping, WordsAndFiguresThatMakeNoSenseAreUnset) {
  const auto vm = view_of({{"runtime.powerState", "poweredSideways"},
                           {"guest.guestOperationsReady", "perhaps"},
                           {"config.hardware.memoryMB", "9007199254740993"},
                           {"name", model::QuickStats{}},
                           {"summary.quickStats", "text"},
                           {"resourcePool", model::QuickStats{}},
                           {"runtime.host", "host-1"}});
  EXPECT_EQ(vm.power, model::PowerState::kUnknown);
  EXPECT_EQ(vm.guest_operations_ready, std::nullopt);
  EXPECT_EQ(vm.configured_kib, std::nullopt);
  EXPECT_EQ(vm.name, "");
  EXPECT_EQ(vm.host_moref, "");
  EXPECT_EQ(vm.pool_moref, "");
  EXPECT_EQ(view_of({{"resourcePool", ManagedObject{"ResourcePool", "resgroup-8"}}}).pool_moref,
            "resgroup-8");
  EXPECT_EQ(view_of({{"config.hardware.memoryMB", "-5"}}).configured_kib, std::nullopt);
}

TEST(VmMapping, TheGuestsOwnWordAboutItselfWinsInAnyOrder) {
  EXPECT_EQ(view_of({{"config.guestId", "a"}, {"guest.guestId", "b"}}).guest_id, "b");
  EXPECT_EQ(view_of({{"guest.guestId", "b"}, {"config.guestId", "a"}}).guest_id, "b");
  EXPECT_EQ(view_of({{"guest.guestId", ""}, {"config.guestId", "a"}}).guest_id, "a");
}

ObjectProperties thing(const char* type, const char* id, const char* name, const char* parent_type,
                       const char* parent) {
  return {{type, id},
          {{"name", std::string_view(name)}, {"parent", ManagedObject{parent_type, parent}}},
          {}};
}

TEST(HostMapping, PlacesAboveAHost) {
  std::vector<ObjectProperties> objects = {
      thing("HostSystem", "host-1", "esx-1", "ClusterComputeResource", "domain-c1"),
      thing("HostSystem", "host-2", "esx-2", "ComputeResource", "domain-s2"),
      thing("HostSystem", "host-3", "esx-3", "ClusterComputeResource", "domain-hidden"),
      thing("ClusterComputeResource", "domain-c1", "prod", "Folder", "group-h9"),
      thing("ComputeResource", "domain-s2", "esx-2", "Folder", "group-h4"),
      thing("Folder", "group-h9", "rack", "Folder", "group-h4"),
      thing("Folder", "group-h4", "host", "Datacenter", "datacenter-3"),
      thing("Datacenter", "datacenter-3", "dc", "Folder", "group-d1")};
  objects[0].properties.push_back({"summary.hardware.memorySize", "68718940160"});
  objects[0].properties.push_back({"summary.quickStats.overallMemoryUsage", "1024"});
  const auto hosts = hosts_of(objects);
  ASSERT_THAT(hosts, SizeIs(3));
  EXPECT_EQ(hosts[0].cluster, "prod");
  EXPECT_EQ(hosts[0].datacenter, "dc");
  EXPECT_EQ(hosts[0].memory_kib, 68718940160 / 1024);
  EXPECT_EQ(hosts[0].memory_usage_kib, 1024 * 1024);
  EXPECT_EQ(hosts[1].cluster, "") << "a stand-alone host is in no cluster";
  EXPECT_EQ(hosts[1].datacenter, "dc");
  EXPECT_EQ(hosts[2].datacenter, "") << "not visible to the user";
}

TEST(HostMapping, ACircleOfParentsEnds) {
  const auto hosts = hosts_of({thing("HostSystem", "host-1", "esx-1", "Folder", "group-1"),
                               thing("Folder", "group-1", "a", "Folder", "group-2"),
                               thing("Folder", "group-2", "b", "Folder", "group-1")});
  EXPECT_THAT(hosts, SizeIs(1));
}

// A cluster's name is in the answer once, but in the inventory once for each host and root pool.
TEST(HostMapping, ALongNameOfAPlaceIsNotMultiplied) {
  const std::string name(100'000, 'c');
  const auto cluster = "ClusterComputeResource";
  const std::vector<ObjectProperties> objects = {
      thing("HostSystem", "host-1", "esx-1", cluster, "domain-c1"),
      thing("ResourcePool", "resgroup-1", "Resources", cluster, "domain-c1"),
      thing(cluster, "domain-c1", name.c_str(), "Datacenter", "datacenter-1"),
      thing("Datacenter", "datacenter-1", name.c_str(), "Folder", "group-d1")};
  const auto hosts = hosts_of(objects);
  ASSERT_THAT(hosts, SizeIs(1));
  EXPECT_EQ(hosts[0].cluster, std::string(512, 'c'));
  EXPECT_EQ(hosts[0].datacenter, std::string(512, 'c'));
  const auto folders =
      folders_of({objects[3], thing("Folder", "group-v4", "vm", "Datacenter", "datacenter-1")}, "");
  ASSERT_THAT(folders, SizeIs(2));
  EXPECT_EQ(folders[0].name, std::string(512, 'c'));
  EXPECT_EQ(folders[1].name, std::string(512, 'c'));
  const auto pools = pools_of(objects);
  ASSERT_THAT(pools, SizeIs(1));
  EXPECT_EQ(pools[0].name, std::string(512, 'c'));
}

TEST(PoolMapping, AnIdentifierIsBounded) {
  const std::string id(1'000, 'r');
  const auto pools = pools_of({thing("ResourcePool", id.c_str(), "a", "ResourcePool", id.c_str())});
  ASSERT_THAT(pools, SizeIs(1));
  EXPECT_EQ(pools[0].moref, std::string(128, 'r'));
  EXPECT_EQ(pools[0].parent, std::string(128, 'r'));
}

TEST(ServiceVersions, TheNewestThatIsKnown) {
  using Versions = std::vector<std::string>;
  const struct {
    Versions offered;
    const char* chosen;
  } rows[] = {
      {{"8.0.2.0", "8.0.1.0", "7.0.3.0", "2.0"}, "8.0.2.0"},
      {{"7.0.3.0", "8.0.3.0", "6.7.3"}, "8.0.3.0"},
      {{"9.1.0.0", "9.0.0.0", "8.0.3.0", "8.0.2.0"}, "8.0.3.0"},
      {{"12.0", "11.5", "11.0"}, "11.0"},
      {{"6.5", "6.0", "5.5"}, "6.5"},
      {{"10.0", "6.7"}, "6.7"},
      {{"6.7", "6.10"}, "6.10"},
      {{}, "5.0"},
      {{"", "x", "7..0", "2.5u2", "-1", "99999999999.0"}, "5.0"},
      {{"dev\r\nX-Injected: 1", "6.0"}, "6.0"},
  };
  for (const auto& row : rows) EXPECT_EQ(choose_version(row.offered), row.chosen);
}

TEST(SoapHttp, CookieIsTakenVerbatim) {
  HttpResponse response;
  response.headers = {{"set-cookie", "other=1"},
                      {"set-cookie", "vmware_soap_session=\"52a0-b1\"; Path=/; HttpOnly; Secure"}};
  EXPECT_EQ(session_cookie(response), "vmware_soap_session=\"52a0-b1\"");
  EXPECT_EQ(session_cookie({}), "");
}

TEST(SoapHttp, StatusesInWords) {
  HttpResponse response;
  response.status = 503;
  EXPECT_EQ(soap_answer(response).error().code, ErrorCode::kUnavailable);
  response.status = 500;
  response.body = sample("fault_invalid_login.xml");
  EXPECT_EQ(soap_answer(response).error().fault, "InvalidLogin");
  response.body = "<html>Internal error</html>";
  EXPECT_EQ(soap_answer(response).error().code, ErrorCode::kProtocol);
  EXPECT_THAT(soap_answer(response).error().message, HasSubstr("HTTP 500"));
  response.status = 302;
  response.headers = {{"location", "https://login.example.com/\x1b[2J"}};
  EXPECT_THAT(soap_answer(response).error().message,
              HasSubstr("HTTP 302, which points to https://login.example.com/\\x1b[2J"));
}

TEST(SoapHttp, RetryAfterIsNamedAndKept) {
  const struct {
    int status;
    const char* header;
    std::chrono::seconds least;
    std::chrono::seconds most;
    const char* says;
  } rows[] = {
      {503, "120", 120s, 120s, "to be left alone for 120 seconds"},
      {429, "7", 7s, 7s, "to be left alone for 7 seconds"},
      {503, "0", 0s, 0s, "HTTP 503"},
      {503, "86400", 1h, 1h, "to be left alone for 3600 seconds"},
      {503, "9999999999", 1h, 1h, "to be left alone for 3600 seconds"},
      {503, "99999999999999999999999999", 1h, 1h, "to be left alone for 3600 seconds"},
      {503, "-5", 0s, 0s, "HTTP 503"},
      {503, "\x1b[31mnever", 0s, 0s, "HTTP 503"},
      {503, "Sun, 06 Nov 1994 08:49:37 GMT", 0s, 0s, "HTTP 503"},
      {503, "Fri, 06 Nov 2893 08:49:37 GMT", 1h, 1h, "to be left alone for 3600 seconds"},
      {503, "Fri, 06 Nov 2893", 0s, 0s, "HTTP 503"},
  };
  for (const auto& row : rows) {
    HttpResponse response;
    response.status = row.status;
    response.headers = {{"retry-after", row.header}};
    const auto error = soap_answer(response).error();
    EXPECT_EQ(error.code, ErrorCode::kUnavailable) << row.header;
    EXPECT_GE(error.retry_after, row.least) << row.header;
    EXPECT_LE(error.retry_after, row.most) << row.header;
    EXPECT_THAT(error.message, HasSubstr(row.says)) << row.header;
    EXPECT_THAT(error.sentence(), Not(HasSubstr("\x1b"))) << row.header;
    EXPECT_THAT(error.hint, HasSubstr("scan again")) << row.header;
  }
}

TEST(SoapHttp, AServerOutOfSessionsSaysSo) {
  HttpResponse page;
  page.status = 503;
  page.body = "<html>Out of HTTP sessions: Limited to 2000</html>";
  HttpResponse other_words = page;
  other_words.body = "Sessions are limited to 550";
  HttpResponse fault;
  fault.status = 500;
  fault.body = envelope(
      "<soapenv:Fault><faultcode>ServerFaultCode</faultcode>"
      "<faultstring>Out of HTTP sessions: Limited to 2000</faultstring></soapenv:Fault>");
  for (const auto& response : {page, other_words, fault}) {
    const auto error = soap_answer(response).error();
    EXPECT_EQ(error.code, ErrorCode::kUnavailable) << error.message;
    EXPECT_THAT(error.message, HasSubstr("no session left"));
    EXPECT_THAT(error.hint, HasSubstr("leave their sessions open"));
  }
}

ObjectProperties place(const char* type, const char* moref, const char* name,
                       ManagedObject parent) {
  return {{type, moref}, {{"name", name}, {"parent", std::move(parent)}}, {}};
}

TEST(FolderMapping, NamesUpwardsAreAVmsPath) {
  const ManagedObject root{"Folder", "group-d1"};
  const ManagedObject site{"Folder", "group-d2"};
  const ManagedObject datacenter{"Datacenter", "datacenter-3"};
  const ManagedObject vms{"Folder", "group-v4"};
  const auto folders = folders_of({{root, {{"name", "Datacenters"}}, {}},
                                   place("Folder", "group-d2", "Site %2f A", root),
                                   place("Datacenter", "datacenter-3", "dc", site),
                                   place("Folder", "group-v4", "vm", datacenter),
                                   place("Folder", "group-v5", "web%2Fprod %5c 100%25", vms),
                                   place("Folder", "group-v6", "vm", {"Folder", "group-v5"}),
                                   place("Folder", "group-h7", "host", datacenter),
                                   place("Folder", "group-h8", "blades", {"Folder", "group-h7"}),
                                   place("Folder", "group-s9", "datastore", datacenter)},
                                  "group-d1");
  std::map<std::string, std::string> seen;
  for (const auto& folder : folders) seen[folder.moref] = folder.name + " < " + folder.parent;
  const std::map<std::string, std::string> expected = {{"group-d2", "Site / A < "},
                                                       {"datacenter-3", "dc < group-d2"},
                                                       {"group-v4", "dc < group-d2"},
                                                       {"group-v5", "web/prod \\ 100% < group-v4"},
                                                       {"group-v6", "vm < group-v5"}};
  EXPECT_EQ(seen, expected);
  for (const auto& folder : folders) {
    EXPECT_EQ(folder.is_datacenter, folder.name == "dc") << folder.moref;
  }
}

TEST(FolderMapping, AVappIsInItsFolderOrInAnotherVapp) {
  const ManagedObject pool{"ResourcePool", "resgroup-1"};
  auto outer = place("VirtualApp", "resgroup-v2", "a%2fb", pool);
  outer.properties.push_back({"parentFolder", ManagedObject{"Folder", "group-v4"}});
  const auto vapps =
      vapps_of({outer, place("VirtualApp", "resgroup-v3", "inner", {"VirtualApp", "resgroup-v2"})});
  ASSERT_THAT(vapps, SizeIs(2));
  EXPECT_EQ(vapps[0].name, "a/b");
  EXPECT_EQ(vapps[0].parent, "group-v4");
  EXPECT_EQ(vapps[1].parent, "resgroup-v2");
}

TEST(FolderMapping, CirclesAndMissingPartsEnd) {
  const auto folders = folders_of({place("Folder", "a", "A", {"Folder", "b"}),
                                   place("Folder", "b", "B", {"Folder", "a"}),
                                   place("Folder", "c", "C", {"Folder", "gone"}),
                                   {{"Folder", "d"}, {}, {}}},
                                  "group-d1");
  ASSERT_THAT(folders, SizeIs(4));
  EXPECT_EQ(folders[2].parent, "") << "a folder that nobody sees is no parent";
}

TEST(FolderMapping, OnlyVcentersOwnEscapesAreTaken) {
  EXPECT_EQ(plain_name("a%2fb%2Fc"), "a/b/c");
  EXPECT_EQ(plain_name("%252f"), "%2f") << "decoded twice";
  EXPECT_EQ(plain_name("%5c%5C%41%"), "\\\\%41%");
  EXPECT_EQ(plain_name(""), "");
}

TEST(VmMapping, FolderIsTheParent) {
  EXPECT_EQ(view_of({{"parent", ManagedObject{"Folder", "group-v4"}}}).folder_moref, "group-v4");
  EXPECT_EQ(view_of({}).folder_moref, "") << "a VM in a vApp";
}

TEST(TransferUrl, StarIsTheServerThatWasCalled) {
  const Endpoint vcenter{true, "vc.example.com", 8443};
  const auto url = transfer_url("https://*:443/guestFile?id=1&token=52a0%2B*b1", vcenter);
  ASSERT_TRUE(url);
  EXPECT_EQ(url->endpoint.host, "vc.example.com");
  EXPECT_EQ(url->endpoint.port, 8443) << "not the URL's: the port may be forwarded";
  EXPECT_EQ(url->target, "/guestFile?id=1&token=52a0%2B*b1");
  const auto other = transfer_url("https://esx-1.example.com/guestFile?id=1", vcenter);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->endpoint.host, "esx-1.example.com");
}

TEST(TransferUrl, WhatIsRefusedIsNotShown) {
  const Endpoint vcenter{true, "vc.example.com", 443};
  for (const char* bad : {"http://*:80/guestFile?token=s3cret", "s3cret", "ftp://h/s3cret",
                          "https://user:s3cret@h/", ""}) {
    const auto url = transfer_url(bad, vcenter);
    ASSERT_FALSE(url) << bad;
    EXPECT_THAT(url.error().sentence(), Not(HasSubstr("s3cret")));
  }
  EXPECT_TRUE(transfer_url("http://*:80/guestFile?token=x", {false, "127.0.0.1", 80}));
}

TEST(HostTrust, FollowsHowVcenterIsTrusted) {
  const auto trust = [](const TlsTrust& vcenter, const std::string& listed) {
    return host_trust(vcenter, "10.0.0.1", listed, {});
  };
  EXPECT_EQ(trust({"ca.pem", "", false}, "AA:BB")->ca_file, "ca.pem");
  EXPECT_EQ(trust({"ca.pem", "", false}, "AA:BB")->thumbprint, "");
  EXPECT_EQ(trust({"", "CC:DD", false}, "AA:BB")->thumbprint, "AA:BB");
  EXPECT_FALSE(trust({"", "CC:DD", false}, "")) << "vCenter's own must not serve for a host";
  EXPECT_TRUE(trust({"", "", true}, "AA:BB")->insecure);
  EXPECT_EQ(trust({}, "AA:BB")->thumbprint, "") << "system trust";
}

model::Host host_with(const std::string& name, const std::string& thumbprint) {
  model::Host host;
  host.name = name;
  host.ssl_thumbprint = thumbprint;
  return host;
}

TEST(HostTrust, IsOfTheHostThatTheUrlNamesElseOfAnyReported) {
  const std::string one = normal_thumbprint(std::string(40, '1')).value();
  const std::string two = normal_thumbprint(std::string(40, '2')).value();
  const std::string three = normal_thumbprint(std::string(40, '3')).value();
  const HostThumbprints reported({host_with("esx-1.example.com", one),
                                  host_with("ESX-2.example.com", std::string(40, '2')),
                                  host_with("twice", one), host_with("twice", three),
                                  host_with("silent", ""), host_with("odd", "no thumbprint")});
  const auto trust = [&](const std::string& host) {
    return host_trust({"", "CC:DD", false}, host, one, reported).value();
  };
  EXPECT_EQ(trust("esx-2.EXAMPLE.com").thumbprint, two);
  EXPECT_EQ(trust("esx-2.example.com").or_one_of, nullptr) << "the name tells whose it has to be";
  for (const char* unclear : {"10.0.0.2", "silent", "odd", "twice"}) {
    EXPECT_EQ(trust(unclear).thumbprint, one) << unclear;
    ASSERT_TRUE(trust(unclear).or_one_of) << unclear;
    EXPECT_THAT(*trust(unclear).or_one_of, ElementsAre(one, two, one, three))
        << unclear << ": what vCenter did not report is never trusted";
  }
}

}  // namespace
}  // namespace ballast::vsphere::test
