// What is ordinary in real vCenters: appliances that refuse the login, guests and hosts that hang,
// escaped names, copies with one identity, roles on a part of the inventory.
#include <gmock/gmock.h>

#include "tests/e2e/harness/connect_proxy.h"
#include "tests/e2e/harness/guest_fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class RealVcenter : public GuestFault {
 protected:
  // Scans, and reads the report; unlike scan() it knows of no good guests.
  void scan_all(const lab::Lab& lab, int exit_code, const ConfigOptions& options = {},
                std::vector<std::string> command = {"scan"}) {
    write_config(workspace, lab, options);
    result = run_ballast(workspace, with_config(workspace, std::move(command)));
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    report = json::parse(
        run_ballast(workspace, with_config(workspace, {"report", "--all", "--format", "json"}))
            .out);
  }

  std::size_t count_of(const std::string& prefix, const std::string& key,
                       const std::string& value) {
    std::size_t count = 0;
    for (const auto& one : report.at("guests")) {
      const bool is_one = one.at("name").get<std::string>().starts_with(prefix);
      if (is_one && one.value(key, json()) == json(value)) ++count;
    }
    return count;
  }
};

json refusing(const std::string& name, int count, json more = json::object()) {
  more.update({{"count", count}, {"behaviour", "wrong_password"}});
  return group(name, more);
}

// Agents and appliances are listed first, some guests hang, some may not be asked at all.
json awkward_fleet() {
  json guests = json::array();
  guests.push_back(refusing("vCLS-%d", 3, {{"managed_by", "com.vmware.vim.eam"}}));
  guests.push_back(refusing("nsx-%d", 12));
  guests.push_back(refusing("web/%d", 2));
  guests.push_back(group("slow-%d", {{"count", 2}, {"latency_ms", 600'000}}));
  guests.push_back({{"name", "good-%03d"}, {"count", 300}, {"capture", kGuestCapture}});
  return {{"clusters", 1}, {"hosts_per_cluster", 8}, {"guests", std::move(guests)}};
}

TEST_F(RealVcenter, AFewGuestsDoNotDecideForTheFleet) {
  const lab::Lab lab(awkward_fleet());
  const ConfigOptions options{.vcenter_keys = "request_timeout = \"15s\"",
                              .guest_keys = "deadline = \"10s\"\nconcurrency_per_host = 16",
                              .more = "[[guest.override]]\nvm = \"web/*\"\nskip = true\n"};
  scan_all(lab, 3, options);
  EXPECT_EQ(count_of("good-", "verdict", "balloon"), 300U) << "all of them, in the first scan";
  EXPECT_EQ(count_of("vCLS-", "reason", "appliance"), 3U);
  EXPECT_EQ(count_of("web/", "reason", "not_selected"), 2U) << "the rule has to match their names";
  EXPECT_EQ(count_of("slow-", "reason", "timed_out"), 2U);
  const json refused = lab.get("/stats")["guest_logins_refused"];
  for (const auto& [vm, by_user] : refused.items()) {
    EXPECT_THAT(vm, HasSubstr("nsx-")) << "nobody else was to be asked";
    EXPECT_EQ(by_user[lab.ready().guest_username], 1) << vm << ": asked more than once";
  }
  EXPECT_THAT(guest("slow-1")["detail"].dump(), HasSubstr("did not finish within 10.0 s"));
}

// Every guest was read before, and then appliances come first.
TEST_F(RealVcenter, ALoginThatWorkedIsNotSuspendedByNewAppliances) {
  json guests = json::array({refusing("aaa-%d", 12, {{"power", "off"}})});
  guests.push_back({{"name", "good-%02d"}, {"count", 20}, {"capture", kGuestCapture}});
  const lab::Lab lab(json{{"guests", guests}});
  scan_all(lab, 0);
  for (int i = 1; i <= 12; ++i) lab.post("/guest?name=aaa-" + std::to_string(i), {{"power", "on"}});
  scan_all(lab, 3);
  EXPECT_EQ(count_of("good-", "verdict", "balloon"), 20U);
  EXPECT_EQ(count_of("aaa-", "reason", "invalid_guest_login"), 12U);
  scan_all(lab, 3);
  EXPECT_EQ(count_of("good-", "verdict", "balloon"), 20U) << "nor by the next scan";
}

TEST_F(RealVcenter, AVcenterThatFallsSilentIsNoticedByTheFirstGuests) {
  const lab::Lab lab(
      json{{"guests", {{{"name", "web-%03d"}, {"count", 160}, {"capture", kGuestCapture}}}}});
  lab.post("/faults", {{{"method", "CreateTemporaryFileInGuest"}, {"kind", "stall"}},
                       {{"method", "CurrentTime"}, {"kind", "stall"}, {"skip", 1}},
                       {{"method", "Logout"}, {"kind", "stall"}}});
  scan_all(lab, 3, {.vcenter_keys = "request_timeout = \"2s\""});
  EXPECT_EQ(count_of("web-", "reason", "vcenter_failed") + count_of("web-", "reason", "timed_out"),
            160U);
  EXPECT_LE(count_of("web-", "reason", "timed_out"), 3U)
      << "each guest that is asked in vain costs a minute";
  EXPECT_LE(lab.get("/stats")["methods"]["CreateTemporaryFileInGuest"], 3);
  EXPECT_THAT(result.err, HasSubstr("vCenter stopped answering while guests were probed"));
}

TEST_F(RealVcenter, NamesAreReadAsPeopleWriteThem) {
  json guests =
      json::array({group("web/01", {{"pool", "a/b"}}), group("50%%_\\y%d", json::object())});
  const lab::Lab lab(json{{"pools", {{{"name", "a/b"}}}}, {"guests", std::move(guests)}});
  scan_all(lab, 0);
  EXPECT_EQ(count_of("web/01", "verdict", "balloon"), 1U) << report;
  EXPECT_EQ(count_of("50%_\\y1", "verdict", "balloon"), 1U) << report;
  EXPECT_EQ(run_json(workspace, {"vm", "web/01"}, 0)["vm"]["name"], "web/01");
}

TEST_F(RealVcenter, CopiesWithOneIdentityAreToldApart) {
  json guests = json::array();
  for (const char* name : {"parent", "clone"}) {
    guests.push_back(group(name, {{"instance_uuid", "50112233-4455-6677-8899-aabbccddeeff"}}));
  }
  const lab::Lab lab(json{{"guests", std::move(guests)}});
  for (int round = 0; round < 2; ++round) {
    scan_all(lab, 0);
    EXPECT_EQ(report["guests"].size(), 2U) << round << ": one of them vanished: " << report;
    EXPECT_EQ(count_of("parent", "verdict", "balloon"), 1U) << round;
    EXPECT_EQ(count_of("clone", "verdict", "balloon"), 1U) << round;
  }
  EXPECT_EQ(run_json(workspace, {"vm", "clone"}, 0)["history"].size(), 2U) << "of its own";
}

TEST_F(RealVcenter, WhatARoleDoesNotShowCostsNoBalloon) {
  // The managers of guest operations are asked for first, then the hosts.
  for (const int call : {0, 1}) {
    const lab::Lab lab(fleet(json::array()));
    lab.post("/faults", {{{"method", "RetrievePropertiesEx"},
                          {"kind", "fault"},
                          {"fault", "NoPermission"},
                          {"skip", call},
                          {"count", 1}}});
    scan_all(lab, call == 0 ? 3 : 0);
    EXPECT_EQ(report["guests"].size(), std::size_t{kGood}) << report;
    EXPECT_EQ(guest("good-1")["balloon_kib"], 512 * 1024) << guest("good-1");
    if (call == 0) expect_unread("good-1", "vcenter_permission", "lacks a privilege");
    std::filesystem::remove(workspace.path("ballast.db"));
  }
}

TEST_F(RealVcenter, DoctorSaysWhatKeepsMostGuestsFromBeingProbed) {
  const lab::Lab lab(json{{"guests",
                           {{{"name", "bare-%d"}, {"count", 3}, {"tools", "not_running"}},
                            {{"name", "off"}, {"power", "off"}}}}});
  write_config(workspace, lab);
  const auto run = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_THAT(run.out, HasSubstr("no guest would be probed; 3 of 4: VMware Tools not running"));
  EXPECT_THAT(run.out, HasSubstr("install open-vm-tools"));
}

TEST_F(RealVcenter, DoctorAsksForPrivilegesWhereTheVmsAre) {
  json scenario = fleet(json::array());
  scenario["privileges_on"] = "VirtualMachine";
  const lab::Lab lab(scenario);
  write_config(workspace, lab);
  const auto run = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("all 5 that are needed are held on good-1"));
}

TEST_F(RealVcenter, AHostThatCannotBeReachedIsNamedAndWaitedForOnce) {
  json scenario = {{"clusters", 1}, {"hosts_per_cluster", 2}};
  scenario["transfer"] = {{"authorities", {{"esx-01.lab.example", "esx-01.invalid:443"}}}};
  scenario["guests"] = {{{"name", "web-%02d"}, {"count", 64}, {"capture", kGuestCapture}}};
  const lab::Lab lab(scenario);
  scan_all(lab, 3, {.guest_keys = "concurrency_per_host = 4"});
  EXPECT_EQ(count_of("web-", "verdict", "balloon"), 32U) << "those of the other host";
  EXPECT_EQ(count_of("web-", "reason", "transfer_failed"), 32U);
  EXPECT_THAT(guest("web-01")["detail"].dump(), HasSubstr("the ESXi host of the guest"));
  EXPECT_THAT(guest("web-01")["detail"].dump(), HasSubstr("esx-01.invalid"));
  EXPECT_LE(lab.get("/stats")["methods"]["CreateTemporaryFileInGuest"], 32 + 8)
      << "who asks each of its guests waits for each";
  scan_all(lab, 3);
  EXPECT_THAT(guest("web-01")["detail"].dump(), Not(HasSubstr("not tried again before")))
      << "a guest is not left alone for what its host did";
}

// "*" is the server that was called, through whatever port.
TEST_F(RealVcenter, AFileOfTheServerThatWasCalledComesThroughItsPort) {
  json scenario = fleet(json::array());
  scenario["transfer"] = {
      {"authorities", {{"esx-01.lab.example", "*:443"}, {"esx-02.lab.example", "*"}}}};
  const lab::Lab lab(scenario);
  scan(lab, 0);
}

TEST_F(RealVcenter, AProxyLeadsToVcenterAndToItsHosts) {
  const ConnectProxy proxy;
  json scenario = fleet(json::array());
  scenario["transfer"] = {{"from_hosts", true}};
  const lab::Lab lab(scenario);
  const ConfigOptions options{.vcenter_keys = "proxy = \"" + proxy.url() + "\""};
  scan(lab, 0, options);
  const auto tunnels = proxy.tunnels();
  EXPECT_GE(tunnels.size(), 3U) << "one of vCenter, and one of each host";
  const auto doctor = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_EQ(doctor.exit_code, 0) << doctor.out << doctor.err;
  EXPECT_THAT(doctor.out, HasSubstr("left to the proxy 127.0.0.1"));
}

// Each host is another server, and there may be more of them than descriptors.
TEST_F(RealVcenter, MoreHostsThanDescriptorsAreReadAll) {
  constexpr int kHosts = 160;
  const lab::Lab lab(json{{"clusters", 1},
                          {"hosts_per_cluster", kHosts},
                          {"transfer", {{"from_hosts", true}}},
                          {"guests", {group("web-%d", {{"count", kHosts}})}}});
  write_config(workspace, lab, {.guest_keys = "concurrency = 8"});
  RunOptions few;
  few.wrapper = {"/bin/sh", "-c", "ulimit -n 128 && exec \"$0\" \"$@\""};
  few.limit = std::chrono::seconds(180);
  const auto summary = run_json(workspace, {"scan"}, 0, few);
  EXPECT_EQ(summary["scans"][0]["guests_read"], kHosts) << summary;
}

TEST_F(RealVcenter, EachFaultIsChargedToWhoseItIs) {
  const struct {
    const char* fault;
    const char* reason;
    bool is_guests;  // it is left alone after some of these
  } rows[] = {{"HostNotConnected", "vm_unavailable", false},
              {"HostCommunication", "vm_unavailable", false},
              {"HostNotReachable", "vm_unavailable", false},
              {"RestrictedVersion", "not_licensed", false},
              {"SystemError", "vcenter_failed", false},
              {"NotSupported", "vcenter_failed", false},
              {"NoCompatibleHost", "vcenter_failed", false},
              {"NoDiskSpace", "probe_failed", true},
              {"GuestPermissionDenied", "guest_permission_denied", true}};
  const lab::Lab lab(json{{"guests", {group("web", json::object())}}});
  for (const auto& row : rows) {
    std::filesystem::remove(workspace.path("ballast.db"));
    lab.post("/faults",
             {{{"method", "CreateTemporaryFileInGuest"}, {"kind", "fault"}, {"fault", row.fault}}});
    for (int i = 0; i < 4; ++i) scan_all(lab, 3);
    EXPECT_EQ(guest("web")["reason"], row.reason) << row.fault;
    const bool left_alone =
        guest("web")["detail"].dump().find("not tried again before") != std::string::npos;
    EXPECT_EQ(left_alone, row.is_guests) << row.fault << ": " << guest("web")["detail"];
  }
}

TEST_F(RealVcenter, AVappThatIsBusyIsWaitedFor) {
  const lab::Lab lab(json{{"guests", {group("web", json::object())}}});
  lab.post("/faults", {{{"method", "StartProgramInGuest"},
                        {"kind", "fault"},
                        {"fault", "VAppTaskInProgress"},
                        {"count", 2}}});
  scan_all(lab, 0);
  EXPECT_EQ(guest("web")["verdict"], "balloon");
}

// VMs come and go while they are listed; each time the server loses the place in the list.
TEST_F(RealVcenter, AListingThatLosesItsPlaceAgainAndAgainGetsThrough) {
  json scenario = {{"page_limit", 5}};
  scenario["guests"] = {{{"name", "web-%02d"}, {"count", 60}, {"capture", kGuestCapture}}};
  const lab::Lab lab(scenario);
  const auto lost_after = [](int calls) {
    return json{{"method", "ContinueRetrievePropertiesEx"},
                {"kind", "fault"},
                {"fault", "ManagedObjectNotFound"},
                {"skip", calls},
                {"count", 1}};
  };
  lab.post("/faults", {lost_after(2), lost_after(6), lost_after(11), lost_after(17)});
  scan_all(lab, 0);
  EXPECT_EQ(count_of("web-", "verdict", "balloon"), 60U);
}

TEST_F(RealVcenter, GuestsOfAListingThatEndsEarlyAreReadAllTheSame) {
  json scenario = {{"page_limit", 20}};
  scenario["guests"] = {{{"name", "web-%02d"}, {"count", 60}, {"capture", kGuestCapture}}};
  const lab::Lab lab(scenario);
  lab.post("/faults", {{{"method", "ContinueRetrievePropertiesEx"},
                        {"kind", "fault"},
                        {"fault", "SystemError"},
                        {"skip", 1}}});
  scan_all(lab, 3);
  EXPECT_GE(count_of("web-", "verdict", "balloon"), 20U) << result.err;
  EXPECT_EQ(count_of("web-", "verdict", "balloon"), report["guests"].size());
}

TEST_F(RealVcenter, BalloonsThatOnlyTheDriverTellsOfAreSummedUp) {
  const lab::Lab lab(fleet(json::array()));
  scan(lab, 0);
  EXPECT_THAT(result.err + result.out, HasSubstr("3.00 GiB")) << "six guests of 512 MiB each";
}

// vCenter knows its hosts by names that this machine does not.
TEST_F(RealVcenter, AHostWhoseNameDoesNotResolveIsReachedAtItsAddress) {
  for (const bool by_thumbprint : {false, true}) {
    const lab::Lab lab(json{{"transfer", {{"from_hosts", true}, {"by_name", true}}},
                            {"guests", {group("web-%d", {{"count", 4}})}}});
    const std::string pinned = "thumbprint = \"" + lab.ready().thumbprint_sha256 + "\"";
    scan_all(lab, 0, {.trust = by_thumbprint ? pinned : ""});
    EXPECT_EQ(count_of("web-", "verdict", "balloon"), 4U) << result.err;
  }
}

}  // namespace
}  // namespace ballast::e2e
