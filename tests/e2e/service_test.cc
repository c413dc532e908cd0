// `ballast collect` as a service manager and an administrator see it.
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"
#include "tests/e2e/harness/notify_socket.h"

namespace ballast::e2e {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// The promise is ten seconds; the rest is for a busy machine.
constexpr auto kEnding = 13s;

json service_fleet(int guests, const json& more = json::object()) {
  json group = {{"name", "g-%d"}, {"count", guests}, {"capture", "a_idle_2048/0"}};
  group.update(more);
  return {{"clusters", 1}, {"hosts_per_cluster", 1}, {"guests", {group}}};
}

class ServiceTest : public ::testing::Test {
 protected:
  explicit ServiceTest(const json& scenario = service_fleet(3)) : lab(scenario) { configure(); }

  void configure(ConfigOptions options = {}) {
    if (options.vcenter_keys.empty()) options.vcenter_keys = "schedule = \"1s\"\njitter = \"0s\"";
    if (options.more.empty()) options.more = "[log]\nlevel = \"info\"";
    write_config(workspace, lab, options);
  }

  void start(const std::vector<std::string>& environment = {}) {
    service.emplace(workspace, with_config(workspace, {"collect"}), environment);
  }
  RunResult stop() {
    service->signal(SIGTERM);
    return service->wait(kEnding);
  }

  int logins() { return lab.get("/stats")["methods"].value("Login", 0); }
  bool scans_reach(int count) {
    return eventually([&] { return logins() >= count; });
  }

  // The newest scan of the lab, as the report tells it.
  json newest_scan(int exit_code) {
    return run_json(workspace, {"report", "--all"}, exit_code)["scans"].front();
  }

  void expect_nothing_left_on_the_server() {
    const json stats = lab.get("/stats");
    EXPECT_EQ(stats["open_views"], 0) << stats;
    EXPECT_EQ(stats["sessions"], 0) << "every session is logged out: " << stats;
    EXPECT_EQ(stats["running_programs"], 0) << "no program goes on in a guest: " << stats;
    EXPECT_TRUE(stats["leftover_files"].empty()) << stats["leftover_files"];
  }

  lab::Lab lab;
  Workspace workspace;
  std::optional<BackgroundBallast> service;
};

TEST_F(ServiceTest, ScansAgainAndAgainUntilItIsToldToStop) {
  start();
  ASSERT_TRUE(scans_reach(3)) << service->err();
  const auto result = stop();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("lab: next scan"));
  expect_nothing_left_on_the_server();
}

TEST_F(ServiceTest, OneVcenterThatIsDownDelaysNoOther) {
  configure(
      {.guest_keys = "vcenter = \"lab\"",
       .more = "[[vcenter]]\nname = \"down\"\nurl = \"https://127.0.0.1:1\"\nusername = \"u\"\n"
               "password_file = \"" +
               workspace.path("vcenter.password") +
               "\"\n"
               "schedule = \"1s\"\nretry = \"1s\"\njitter = \"0s\""});
  start();
  ASSERT_TRUE(scans_reach(3)) << service->err();
  const auto result = stop();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("down: "), HasSubstr("refused"), HasSubstr("Try: ")));
}

TEST_F(ServiceTest, AScanWithoutProgressIsGivenUpAndTheScheduleGoesOn) {
  configure({.vcenter_keys = "schedule = \"1s\"\njitter = \"0s\"\nretry = \"1s\"\n"
                             "request_timeout = \"10m\"\nstall_timeout = \"2s\""});
  // The hosts come first; the listing of VMs is what never comes.
  lab.post(
      "/faults",
      json::array(
          {{{"method", "RetrievePropertiesEx"}, {"skip", 4}, {"count", 1}, {"kind", "stall"}}}));
  start();
  EXPECT_TRUE(eventually([&] {
    return service->err().find("no progress for 2.0 s; the scan is at: ") != std::string::npos;
  })) << service->err();
  const int so_far = logins();
  EXPECT_TRUE(scans_reach(so_far + 2)) << "the next scans are as ever: " << service->err();
  EXPECT_EQ(newest_scan(0)["usable"]["status"], "complete");
  EXPECT_EQ(stop().exit_code, 0);
  expect_nothing_left_on_the_server();
}

TEST_F(ServiceTest, TellsTheServiceManagerWhatItIsAt) {
  NotifySocket manager(workspace.path("notify"));
  start({"NOTIFY_SOCKET=" + manager.path(), "WATCHDOG_USEC=600000"});
  EXPECT_TRUE(eventually([&] { return manager.heard("READY=1"); }));
  EXPECT_TRUE(eventually([&] { return manager.heard("STATUS=lab: "); }));
  EXPECT_TRUE(eventually([&] { return manager.count("WATCHDOG=1") >= 3; }))
      << "without these the manager would kill it";
  service->signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return manager.heard("RELOADING=1"); }));
  EXPECT_TRUE(eventually([&] { return manager.count("READY=1") >= 2; }))
      << "a reload that never ends blocks systemctl";
  EXPECT_EQ(stop().exit_code, 0);
  EXPECT_TRUE(eventually([&] { return manager.heard("STOPPING=1"); }));
}

TEST_F(ServiceTest, HangupLoadsTheConfigurationAndAWrongOneIsLeftAside) {
  configure({.vcenter_keys = "schedule = \"1h\"\njitter = \"0s\""});
  start();
  ASSERT_TRUE(scans_reach(1));
  ASSERT_TRUE(eventually([&] { return service->err().find("next scan") != std::string::npos; }));

  const std::string good = workspace.read("ballast.toml");
  workspace.write("ballast.toml", good + "\nnonsense = 1\n");
  service->signal(SIGHUP);
  EXPECT_TRUE(eventually([&] {
    return service->err().find("the old one stays in use") != std::string::npos;
  })) << service->err();
  EXPECT_THAT(service->err(), HasSubstr("nonsense")) << "the mistake is named";
  EXPECT_TRUE(service->is_running());

  configure();  // a scan each second
  service->signal(SIGHUP);
  EXPECT_TRUE(scans_reach(3)) << "the new schedule counts at once: " << service->err();
  EXPECT_EQ(stop().exit_code, 0);
}

TEST_F(ServiceTest, LogsInJsonLines) {
  configure({.more = "[log]\nlevel = \"info\"\nformat = \"json\""});
  start();
  ASSERT_TRUE(scans_reach(2));
  const auto result = stop();
  std::istringstream lines(result.err);
  bool scan_named = false;
  for (std::string line; std::getline(lines, line);) {
    const json entry = json::parse(line, nullptr, false);
    ASSERT_FALSE(entry.is_discarded()) << "not JSON: " << line;
    EXPECT_TRUE(entry.contains("time") && entry.contains("level") && entry.contains("message"));
    scan_named = scan_named || (entry.contains("scan") && entry["vcenter"] == "lab");
  }
  EXPECT_TRUE(scan_named) << "a scan's lines carry its number: " << result.err;
}

TEST_F(ServiceTest, AScanByHandKeepsOutOfTheWay) {
  lab.post("/faults", json::array({{{"method", "StartProgramInGuest"}, {"delay_ms", 4000}}}));
  start();
  ASSERT_TRUE(eventually(
      [&] { return lab.get("/stats")["methods"].value("CreateTemporaryFileInGuest", 0) > 0; }));
  const auto result = run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_THAT(result.err, AllOf(HasSubstr("under way already"), HasSubstr("ballast collect"),
                                HasSubstr(std::to_string(service->pid()))))
      << "it says who holds the vCenter";
  EXPECT_EQ(stop().exit_code, 0);
  expect_nothing_left_on_the_server();
}

class StoppedServiceTest : public ServiceTest {
 protected:
  StoppedServiceTest() : ServiceTest(service_fleet(8, {{"behaviour", "endless"}})) {}
};

TEST_F(StoppedServiceTest, BringsTheScanToAnEnd) {
  start();
  ASSERT_TRUE(eventually([&] { return lab.get("/stats")["running_programs"] >= 4; }))
      << service->err();
  const auto result = stop();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("abandoned")));
  expect_nothing_left_on_the_server();
  const json scan = newest_scan(3);
  EXPECT_EQ(scan["usable"]["status"], "partial") << scan;
}

TEST_F(StoppedServiceTest, EndsInTimeEvenIfVcenterIsDead) {
  start();
  ASSERT_TRUE(eventually([&] { return lab.get("/stats")["running_programs"] >= 4; }));
  lab.post("/faults", json::array({{{"method", "*"}, {"kind", "stall"}}}));
  std::this_thread::sleep_for(1s);  // until its calls hang
  const auto result = stop();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("abandoned"))) << "in good order, though nobody answers";
  EXPECT_EQ(newest_scan(3)["usable"]["status"], "partial");
}

TEST_F(StoppedServiceTest, EndsInTimeBeforeVcenterHasAnswered) {
  lab.post("/faults", json::array({{{"method", "*"}, {"kind", "stall"}}}));
  start();
  std::this_thread::sleep_for(1s);
  const auto result = stop();
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

}  // namespace
}  // namespace ballast::e2e
