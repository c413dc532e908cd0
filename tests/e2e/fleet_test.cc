// A fleet of known truth, scanned and reported by the real program: the verdict and the reason of
// every VM must be the right ones, and no guest may keep a trace of it.
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct Expected {
  const char* verdict;
  const char* reason;  // "" where there is a verdict
};

// By the group's name, up to the dash.
const std::map<std::string, Expected> kExpected = {
    {"balloon", {"balloon", ""}},
    {"clean", {"clean", ""}},
    {"excess", {"excess", ""}},
    {"wrongpw", {"unknown", "invalid_guest_login"}},
    {"notools", {"unknown", "tools_not_running"}},
    {"disabled", {"unknown", "guest_operations_disabled"}},
    {"denied", {"unknown", "guest_permission_denied"}},
    {"progfails", {"unknown", "probe_failed"}},
    {"off", {"unknown", "powered_off"}},
    {"windows", {"unknown", "not_linux"}},
};

std::string text_of(const json& value) { return value.is_null() ? "" : value.get<std::string>(); }

std::map<std::string, json> by_name(const json& list) {
  std::map<std::string, json> named;
  for (const auto& item : list) named.emplace(item["name"], item);
  return named;
}

void expect_right_verdict(const json& guest, const json& truth) {
  const std::string name = guest["name"];
  const auto expected = kExpected.find(name.substr(0, name.find('-')));
  ASSERT_NE(expected, kExpected.end()) << name;
  EXPECT_EQ(guest["verdict"], expected->second.verdict) << guest;
  EXPECT_EQ(text_of(guest["reason"]), expected->second.reason) << guest;
  EXPECT_EQ(guest["host"], truth["host"]) << name;
  EXPECT_EQ(guest["vcenter_balloon_kib"], truth["balloon_kib"]) << name;
  if (guest["verdict"] == "excess") {
    EXPECT_NEAR(guest["difference_kib"].get<double>(), 300.0 * 1024, 16.0 * 1024) << guest;
  }
}

TEST(Fleet, EveryVmGetsTheRightVerdictAndNoTraceIsLeft) {
  const lab::Lab lab(scenario("fleet_truth.json"));
  const Workspace workspace;
  write_config(workspace, lab);
  const json scan = run_json(workspace, {"scan"}, 3);  // 20 guests cannot be read
  EXPECT_EQ(scan["scans"][0]["status"], "complete") << scan;
  EXPECT_EQ(scan["scans"][0]["guests_failed"], 20) << scan;

  const json report = run_json(workspace, {"report", "--all"}, 0);
  const auto truth = by_name(lab.get("/truth")["vms"]);
  const auto guests = by_name(report["guests"]);
  ASSERT_EQ(guests.size(), truth.size());
  ASSERT_EQ(report["guests"].size(), truth.size()) << "no VM may come twice";
  for (const auto& [name, guest] : guests) expect_right_verdict(guest, truth.at(name));

  const json stats = lab.get("/stats");
  EXPECT_TRUE(stats["leftover_files"].empty()) << stats["leftover_files"];
  EXPECT_EQ(stats["running_programs"], 0);
  EXPECT_EQ(stats["open_views"], 0);
  EXPECT_EQ(stats["sessions"], 0) << "the session must be logged out";
}

TEST(Fleet, ReportLeadsWithTheAnswer) {
  const lab::Lab lab(scenario("fleet_truth.json"));
  const Workspace workspace;
  write_config(workspace, lab);
  ASSERT_EQ(run_ballast(workspace, with_config(workspace, {"scan", "-q"})).exit_code, 3);
  std::int64_t held_kib = 0;
  const json truth = lab.get("/truth")["vms"];
  for (const auto& vm : truth) {
    if (vm["name"].get<std::string>().starts_with("balloon-")) {
      held_kib += vm["balloon_kib"].get<std::int64_t>();
    }
  }
  const json report = run_json(workspace, {"report"}, 0);
  EXPECT_EQ(report["summary"]["matched_balloon_kib"], held_kib);
  EXPECT_EQ(report["guests"].size(), 40u);
  const auto text = run_ballast(workspace, with_config(workspace, {"report"}));
  EXPECT_THAT(text.out.substr(0, text.out.find('\n')),
              ::testing::AllOf(::testing::HasSubstr("40 of 150 guests"),
                               ::testing::HasSubstr("GiB held by balloons")));
}

// Guests that misbehave in every way the lab knows: each has its reason, none holds up the scan.
TEST(Fleet, GuestsThatMisbehave) {
  const std::map<std::string, std::string> reasons = {
      {"garbage_output", "output_unreadable"},
      {"huge_output", "output_too_large"},
      {"endless", "timed_out"},
      {"transfer_fails", "transfer_failed"},
      {"other_output", "contradiction"},
      {"unset_ready", ""},
      {"operations_unavailable", "guest_operations_unavailable"},
  };
  json fleet = {{"clusters", 1}, {"hosts_per_cluster", 2}, {"guests", json::array()}};
  for (const auto& [behaviour, reason] : reasons) {
    fleet["guests"].push_back({{"name", behaviour + "-%d"},
                               {"count", 2},
                               {"capture", "v_vmmemctl_4k_idle/512"},
                               {"behaviour", behaviour}});
  }
  fleet["guests"].push_back({{"name", "argv-%d"},
                             {"count", 2},
                             {"capture", "v_vmmemctl_4k_idle/512"},
                             {"arguments", "argv"}});
  const lab::Lab lab(fleet);
  const Workspace workspace;
  write_config(workspace, lab, {.guest_keys = "deadline = \"4s\""});
  run_json(workspace, {"scan"}, 3);
  const json report = run_json(workspace, {"report", "--all"}, 0);
  for (const auto& guest : report["guests"]) {
    const std::string name = guest["name"];
    const auto reason = reasons.find(name.substr(0, name.rfind('-')));
    EXPECT_EQ(text_of(guest["reason"]), reason == reasons.end() ? "" : reason->second) << guest;
  }
  const json stats = lab.get("/stats");
  EXPECT_TRUE(stats["leftover_files"].empty()) << stats["leftover_files"];
  EXPECT_EQ(stats["running_programs"], 0) << "a probe that never ends must be terminated";
}

// A guest that is told from another's figures is judged by them.
TEST(Fleet, FiguresThatCannotBeOfTheVmAreNoVerdict) {
  const auto guest = [](const char* name, const char* key, int figure) {
    return json{{"name", name}, {"capture", "v_vmmemctl_4k_idle/512"}, {key, figure}};
  };
  const lab::Lab lab(json{{"guests",
                           {guest("memory", "memory_mib", 1024), guest("cpus", "cpus", 1),
                            guest("right", "cpus", 2)}}});
  const Workspace workspace;
  write_config(workspace, lab);
  run_json(workspace, {"scan"}, 3);
  const json report = run_json(workspace, {"report", "--all"}, 0);
  std::map<std::string, std::string> details;
  for (const auto& one : report["guests"]) {
    EXPECT_EQ(text_of(one["reason"]), one["name"] == "right" ? "" : "contradiction") << one;
    details[one["name"]] = text_of(one["detail"]);
  }
  EXPECT_THAT(details["memory"], HasSubstr("and its VM was configured with 1.00 GiB"));
  EXPECT_THAT(details["cpus"], HasSubstr("has 2 CPUs, and its VM was configured with 1"));
  EXPECT_EQ(details["right"], "");
}

TEST(Fleet, PagingLimitsGiveTheSameInventory) {
  json fleet = {{"clusters", 2},
                {"hosts_per_cluster", 2},
                {"guests", {{{"name", "vm-%03d"}, {"count", 120}, {"power", "off"}}}}};
  json first;
  for (const int limit : {0, 1, 7, 100}) {
    fleet["page_limit"] = limit;
    const lab::Lab lab(fleet);
    const Workspace workspace;
    write_config(workspace, lab);
    run_json(workspace, {"scan"}, 0);
    auto guests = run_json(workspace, {"report", "--all", "--sort", "name"}, 0)["guests"];
    for (auto& guest : guests) {
      guest.erase("polled_at");
      guest.erase("scan_id");
    }
    if (first.is_null()) first = guests;
    EXPECT_EQ(guests, first) << "page limit " << limit;
    EXPECT_EQ(guests.size(), 120u) << "page limit " << limit;
  }
}

}  // namespace
}  // namespace ballast::e2e
