// A fleet that was scanned once, well: what every fault has to leave as it was.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {

struct Fault {
  const char* what;
  nlohmann::json fault;
  const char* words;  // in what is said of it
};

inline constexpr int kHour = 3'600'000;  // in milliseconds

class FaultFixture : public ::testing::Test {
 protected:
  explicit FaultFixture(const nlohmann::json& scenario) : lab(scenario) {}

  // The first scan, before anything goes wrong.
  void scan_well(int vms) {
    write_config(workspace, lab, options);
    const auto summary = run_json(workspace, {"scan"}, 0);
    ASSERT_EQ(summary["scans"][0]["status"], "complete") << summary;
    before = report(0);
    ASSERT_EQ(before["summary"]["vms"], vms) << before;
  }

  nlohmann::json report(int exit_code) {
    return run_json(workspace, {"report", "--all"}, exit_code);
  }

  RunResult scan(const RunOptions& run = {}) {
    return run_ballast(workspace, with_config(workspace, {"scan"}), run);
  }

  void inject(nlohmann::json faults) { lab.post("/faults", faults); }

  // After a scan that failed as a whole, which the report mentions by its exit code.
  void expect_earlier_scan_intact(const std::string& after_what) {
    EXPECT_EQ(report(3)["guests"], before["guests"])
        << after_what << ": the earlier scan must be as it was";
  }

  void expect_nothing_left_on_the_server(const std::string& after_what) {
    const nlohmann::json stats = lab.get("/stats");
    EXPECT_EQ(stats["sessions"], 0) << after_what;
    EXPECT_EQ(stats["open_views"], 0) << after_what;
    EXPECT_EQ(stats["open_collections"], 0) << after_what;
    EXPECT_EQ(stats["running_programs"], 0) << after_what;
    EXPECT_TRUE(stats["leftover_files"].empty()) << after_what << ": " << stats["leftover_files"];
  }

  // Of a report, the guest of that name; null if it is not there.
  static nlohmann::json guest(const nlohmann::json& report, const std::string& name) {
    for (const auto& one : report.at("guests")) {
      if (one.at("name") == name) return one;
    }
    return nullptr;
  }

  lab::Lab lab;
  Workspace workspace;
  ConfigOptions options{.vcenter_keys = "connect_timeout = \"5s\"\nrequest_timeout = \"5s\""};
  nlohmann::json before;
};

}  // namespace ballast::e2e
