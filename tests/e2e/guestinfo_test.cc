// Guests whose figures come back through the hypervisor, as guestinfo: by a probe, or by themselves.
#include <chrono>
#include <fstream>
#include <iterator>
#include <regex>

#include <gmock/gmock.h>

#include "tests/e2e/harness/guest_fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kReport = "guestinfo.ballast.report";
constexpr const char* kFirst = "channel = \"guestinfo\"";

class Guestinfo : public GuestFault {
 protected:
  // Scans, and reads the report.
  void scan_all(const lab::Lab& lab, int exit_code, const ConfigOptions& options = {}) {
    write_config(workspace, lab, options);
    result = run_ballast(workspace, with_config(workspace, {"scan"}));
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    report = json::parse(
        run_ballast(workspace, with_config(workspace, {"report", "--all", "--format", "json"}))
            .out);
  }
  json vm(const std::string& name) { return run_json(workspace, {"vm", name}, 0); }
  // What the hypervisor has of the guest's last probe.
  static std::string probed(const lab::Lab& lab, const std::string& vm) {
    std::ifstream file(lab.guest_root(vm) / "run/guestinfo/guestinfo.ballast.probe");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    EXPECT_THAT(text, HasSubstr("@@ballast meminfo;"));
    return text;
  }
  static void tell(const lab::Lab& lab, const std::string& vm, const std::string& key,
                   const std::string& text) {
    json change;
    change["guestinfo"][key] = text;
    lab.post("/guest?name=" + vm, change);
  }
  static json calls(const lab::Lab& lab) { return lab.get("/stats")["methods"]; }
};

json telling(const std::string& name, int count, json more = json::object()) {
  more.update({{"guestinfo", "shown"}});
  more.update({{"count", count}, {"capture", kGuestCapture}});
  more["name"] = name;
  return more;
}

TEST_F(Guestinfo, ManyGuestsTakeTwoCallsEach) {
  const lab::Lab lab(json{{"guests", {telling("web-%03d", 60)}}});
  scan_all(lab, 0, {.guest_keys = kFirst});
  std::size_t proven = 0;
  for (const auto& one : report["guests"]) proven += one["verdict"] == "balloon" ? 1 : 0;
  EXPECT_EQ(proven, 60U) << report;
  const json made = calls(lab);
  EXPECT_EQ(made["StartProgramInGuest"], 60);
  EXPECT_EQ(made.value("CreateTemporaryFileInGuest", 0), 0);
  EXPECT_EQ(made.value("InitiateFileTransferFromGuest", 0), 0);
  EXPECT_LE(made["RetrievePropertiesEx"].get<int>() + made.value("ListProcessesInGuest", 0), 60)
      << "besides the one that starts the probe, at most one call a guest: " << made;
  EXPECT_EQ(vm("web-007")["guest"]["channel"], "guestinfo");
}

TEST_F(Guestinfo, WithoutToolsTheFileIsFetched) {
  json old = {{"name", "old"}, {"capture", kGuestCapture}};
  json refused = telling("refused", 1, {});
  refused["guestinfo"] = "refused";
  const lab::Lab lab(json{{"guests", {old, refused, telling("new", 1)}}});
  scan_all(lab, 0, {.guest_keys = kFirst});
  EXPECT_EQ(vm("old")["guest"]["channel"], "file");
  EXPECT_EQ(vm("refused")["guest"]["channel"], "file");
  EXPECT_EQ(vm("new")["guest"]["channel"], "guestinfo");
}

TEST_F(Guestinfo, AVcenterThatShowsNoneIsFoundOutByThreeGuests) {
  json hidden = telling("web-%d", 12);
  hidden["guestinfo"] = "hidden";
  const lab::Lab lab(json{{"guests", {hidden}}});
  scan_all(lab, 0, {.guest_keys = std::string(kFirst) + "\nconcurrency = 2"});
  EXPECT_EQ(vm("web-12")["guest"]["channel"], "file");
  EXPECT_LE(calls(lab)["StartProgramInGuest"], 12 + 4) << "the others are not asked in vain";
}

TEST_F(Guestinfo, WhatIsShownLateIsWaitedFor) {
  const lab::Lab lab(json{{"guests", {telling("web-%d", 5, {{"guestinfo_ms", 4000}})}}});
  scan_all(lab, 0, {.guest_keys = kFirst});
  EXPECT_EQ(vm("web-5")["guest"]["channel"], "guestinfo");
  EXPECT_EQ(calls(lab)["StartProgramInGuest"], 5);
}

// Any user in the guest can write guestinfo, but none has the key of the probe.
TEST_F(Guestinfo, ATextThatTheProbeDidNotSealCountsForNothing) {
  const lab::Lab lab(json{{"guests", {telling("web", 1)}}});
  scan_all(lab, 0, {.guest_keys = kFirst});
  tell(lab, "web", "guestinfo.ballast.probe", probed(lab, "web"));
  lab.post("/guest?name=web", json{{"behaviour", "endless"}});
  scan_all(lab, 3, {.guest_keys = std::string(kFirst) + "\ndeadline = \"5s\""});
  EXPECT_EQ(guest("web")["reason"], "timed_out") << "the text of the probe before is no answer";
}

// The guest's own report, of what a probe printed there a moment ago.
class GuestReport : public Guestinfo {
 protected:
  // Probes each guest once, so that there is something to report.
  void prepare(const lab::Lab& lab) { scan_all(lab, 0, {.guest_keys = kFirst}); }
  static std::string report_of(const lab::Lab& lab, const std::string& vm) {
    const auto text = probed(lab, vm);
    return "-" + text.substr(text.find(' '));
  }
  // The same with something else in place of what `pattern` finds.
  static std::string changed(const std::string& text, const std::string& pattern,
                             const std::string& by) {
    const auto out = std::regex_replace(text, std::regex(pattern), by);
    EXPECT_NE(out, text) << pattern;
    return out;
  }
  void scan_reports(const lab::Lab& lab, int exit_code) {
    scan_all(lab, exit_code, {.more = "[[guest.override]]\nvm = \"*\"\nprobe = \"guestinfo\"\n"});
  }
};

TEST_F(GuestReport, IsReadWithoutACallIntoTheGuest) {
  const lab::Lab lab(json{{"guests", {telling("web-%d", 3)}}});
  prepare(lab);
  const json before = calls(lab);
  for (const char* name : {"web-1", "web-2", "web-3"}) {
    tell(lab, name, kReport, report_of(lab, name));
  }
  scan_reports(lab, 0);
  for (const char* name : {"web-1", "web-2", "web-3"}) {
    EXPECT_EQ(guest(name)["verdict"], "balloon") << guest(name);
    EXPECT_EQ(guest(name)["proof"], "report") << "any user of the guest can write it";
    EXPECT_EQ(vm(name)["guest"]["channel"], "report");
  }
  const json after = calls(lab);
  EXPECT_EQ(after["StartProgramInGuest"], before["StartProgramInGuest"]);
  EXPECT_EQ(after.value("ListProcessesInGuest", 0), before.value("ListProcessesInGuest", 0));
}

TEST_F(GuestReport, IsRefusedWhereItCannotBeOfThisVmNow) {
  const lab::Lab lab(json{{"guests", {telling("web-%d", 6)}}});
  prepare(lab);
  const auto good = report_of(lab, "web-1");
  const std::string clock = "@@ballast clock;[0-9]+;";
  const auto at = [](std::int64_t seconds_from_now) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    return "@@ballast clock;" + std::to_string(seconds + seconds_from_now) + ";";
  };
  tell(lab, "web-2", kReport, changed(good, clock, at(-3 * 3600)));
  tell(lab, "web-3", kReport, changed(good, clock, at(3600)));
  tell(lab, "web-4", kReport, changed(good, "MemTotal: +[0-9]+", "MemTotal: 24641536"));
  tell(lab, "web-5", kReport, "hello");
  tell(lab, "web-6", kReport, changed(good, clock, ""));
  scan_reports(lab, 3);
  expect_unread("web-1", "no_report", "");
  expect_unread("web-2", "report_outdated", "the newest one is 3 h");
  expect_unread("web-3", "report_outdated", "its age cannot be told");
  expect_unread("web-4", "contradiction", "the guest says that it has 23.5 GiB");
  expect_unread("web-5", "output_unreadable", "is no report of ballast's");
  expect_unread("web-6", "output_unreadable", "does not say when it was made");
}

// The balloon has gone since the report, and the counters tell.
TEST_F(GuestReport, IsJudgedByTheBalloonOfItsMoment) {
  const lab::Lab lab(json{{"guests", {telling("web", 1)}}});
  prepare(lab);
  tell(lab, "web", kReport, report_of(lab, "web"));
  lab.post("/guest?name=web", json{{"balloon_mib", 0}});
  scan_reports(lab, 0);
  EXPECT_EQ(guest("web")["verdict"], "balloon") << guest("web");
}

TEST_F(GuestReport, DoctorReadsIt) {
  const lab::Lab lab(json{{"guests", {telling("web", 1)}}});
  prepare(lab);
  const ConfigOptions options{.more = "[[guest.override]]\nvm = \"*\"\nprobe = \"guestinfo\"\n"};
  write_config(workspace, lab, options);
  const auto without = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_THAT(without.out, HasSubstr("the guest has reported nothing"));
  tell(lab, "web", kReport, report_of(lab, "web"));
  const auto with = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_THAT(with.out, AllOf(HasSubstr("guest report"), HasSubstr("unaccounted of")));
}

// Nothing has to be set for this.
TEST_F(Guestinfo, MakesUpForAHostThatCannotBeReached) {
  json old = {{"name", "old"}, {"capture", kGuestCapture}};
  json scenario = {{"transfer",
                    {{"from_hosts", true},
                     {"authorities",
                      {{"esx-01.lab.example", "esx-01.invalid:443"},
                       {"esx-02.lab.example", "esx-02.invalid:443"}}}}},
                   {"guests", {old, telling("web-%d", 6)}}};
  const lab::Lab lab(scenario);
  scan_all(lab, 3);
  for (int i = 1; i <= 6; ++i) {
    EXPECT_EQ(vm("web-" + std::to_string(i))["guest"]["channel"], "guestinfo");
  }
  EXPECT_EQ(guest("old")["reason"], "transfer_failed");
  EXPECT_THAT(guest("old")["detail"].dump(),
              AllOf(HasSubstr("esx-01.invalid"), HasSubstr("vmware-rpctool is missing")));
}

TEST_F(Guestinfo, IsLeftAloneWhereTheConfigurationSaysSo) {
  json scenario = {{"transfer",
                    {{"from_hosts", true},
                     {"authorities",
                      {{"esx-01.lab.example", "esx-01.invalid:443"},
                       {"esx-02.lab.example", "esx-02.invalid:443"}}}}},
                   {"guests", {telling("web", 1)}}};
  const lab::Lab lab(scenario);
  scan_all(lab, 3, {.guest_keys = "channel = \"file\""});
  EXPECT_EQ(guest("web")["reason"], "transfer_failed");
  EXPECT_THAT(guest("web")["detail"].dump(), Not(HasSubstr("guestinfo")));
}

}  // namespace
}  // namespace ballast::e2e
