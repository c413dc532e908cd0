// A fleet in which some guests go wrong in the middle of a probe, and some do not.
#pragma once

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {

inline constexpr int kGood = 6;
inline constexpr const char* kGuestCapture = "w_vmw_balloon_shim_2m/512";

inline nlohmann::json group(const std::string& name, nlohmann::json more) {
  nlohmann::json out = {{"name", name}, {"capture", kGuestCapture}};
  out.update(more);
  return out;
}

// A guest to which something happens at an operation of its probe: 0 is the first one.
inline nlohmann::json changing(const std::string& name, int operation, nlohmann::json change) {
  change["after_operations"] = operation;
  return group(name, {{"change", nlohmann::json::array({change})}});
}

inline nlohmann::json fleet(nlohmann::json guests) {
  guests.push_back({{"name", "good-%d"}, {"count", kGood}, {"capture", kGuestCapture}});
  return {{"clusters", 1}, {"hosts_per_cluster", 2}, {"guests", std::move(guests)}};
}

class GuestFault : public ::testing::Test {
 protected:
  // Scans once; the exit code says that some guests could not be read, or none.
  void scan(const lab::Lab& lab, int exit_code, const ConfigOptions& options = {}) {
    write_config(workspace, lab, options);
    result = run_ballast(workspace, with_config(workspace, {"scan"}));
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    report = run_json(workspace, {"report", "--all"}, 0);
    for (int i = 1; i <= kGood; ++i) {
      const nlohmann::json one = guest("good-" + std::to_string(i));
      EXPECT_EQ(one.value("verdict", ""), "balloon") << "the others are read as always: " << one;
    }
  }

  nlohmann::json guest(const std::string& name) {
    for (const auto& one : report.at("guests")) {
      if (one.at("name") == name) return one;
    }
    return nlohmann::json::object();
  }

  void expect_unread(const std::string& name, const std::string& reason, const std::string& words) {
    nlohmann::json one = guest(name);
    EXPECT_EQ(one["reason"], reason) << name << ": " << one;
    EXPECT_THAT(one["detail"].dump(), ::testing::HasSubstr(words)) << name;
  }

  void expect_nothing_left(const lab::Lab& lab) {
    const nlohmann::json stats = lab.get("/stats");
    EXPECT_EQ(stats["running_programs"], 0);
    EXPECT_EQ(stats["open_views"], 0);
    EXPECT_EQ(stats["sessions"], 0);
    EXPECT_TRUE(stats["leftover_files"].empty()) << stats["leftover_files"];
  }

  Workspace workspace;
  RunResult result;
  nlohmann::json report;
};

}  // namespace ballast::e2e
