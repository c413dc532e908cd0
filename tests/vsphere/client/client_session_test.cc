// Connecting, logging in once, and what the user is told when it does not work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "tests/vsphere/client/client_bench.h"

namespace ballast::vsphere::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

json small() { return {{"guests", {{{"name", "vm-%02d"}, {"count", 12}}}}}; }

json rule(const std::string& method, const std::string& kind, json more = json::object()) {
  more["method"] = method;
  more["kind"] = kind;
  return more;
}

TEST(ClientSession, TlsByCaFileByThumbprintAndInsecure) {
  ClientBench bench(small(), {.plain = false});
  const auto about = unwrap(bench.sync(bench.make(bench.options()).connect()));
  EXPECT_THAT(about.full_name, HasSubstr("(lab)"));
  EXPECT_EQ(about.api_version, "7.0.3.0");
  EXPECT_THAT(about.instance_uuid, SizeIs(36));

  auto by_thumbprint = bench.options();
  by_thumbprint.trust = {{}, bench.lab().ready().thumbprint_sha256, false};
  EXPECT_TRUE(bench.sync(bench.make(by_thumbprint).connect()));

  auto insecure = bench.options();
  insecure.trust = {{}, {}, true};
  EXPECT_TRUE(bench.sync(bench.make(insecure).connect()));

  auto by_system = bench.options();
  by_system.trust = {};
  const auto refused = bench.sync(bench.make(by_system).connect());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTls);
  EXPECT_THAT(refused.error().message, HasSubstr("lab: connecting: "));
}

TEST(ClientSession, TheUrlNeedsNoPath) {
  ClientBench bench(small());
  for (const char* path : {"", "/", "/sdk", "/sdk/"}) {
    auto options = bench.options();
    options.url = options.url.substr(0, options.url.rfind("/sdk")) + path;
    EXPECT_TRUE(bench.sync(bench.make(options).connect())) << path;
  }
}

// vCenter has room for 2,000 sessions, and each lives for half an hour after its last use.
TEST(ClientSession, NoSessionIsBegunThatIsNotUsed) {
  ClientBench bench(small());
  auto& client = bench.connect();
  EXPECT_EQ(bench.lab().get("/stats")["unused_sessions"], 0);
  bench.sync(client.disconnect());
  EXPECT_EQ(bench.lab().get("/stats")["sessions"], 0);
}

TEST(ClientSession, RefusedPasswordIsTriedOnceAndNotShown) {
  ClientBench bench(small());
  auto options = bench.options();
  options.password = Secret("wrong-p4ssw0rd");
  const auto about = bench.sync(bench.make(options).connect());
  ASSERT_FALSE(about);
  EXPECT_EQ(about.error().code, ErrorCode::kLogin);
  EXPECT_EQ(about.error().fault, "InvalidLogin");
  EXPECT_THAT(about.error().sentence(), AllOf(HasSubstr("lab: logging in: "), HasSubstr("Try: "),
                                              Not(HasSubstr("wrong-p4ssw0rd"))));
  EXPECT_EQ(bench.calls("Login"), 1);
}

TEST(ClientSession, LogsOutAndLeavesNoSession) {
  ClientBench bench(small());
  bench.connect();
  EXPECT_EQ(bench.stats()["sessions"], 1);
  bench.disconnect();
  EXPECT_EQ(bench.stats()["sessions"], 0);
}

Awaitable<void> ask_time(Client& client, int& succeeded, std::vector<Error>& errors) {
  const auto time = co_await client.current_time();
  if (time) {
    ++succeeded;
  } else {
    errors.push_back(time.error());
  }
}

TEST(ClientSession, ManyCallsThatFindTheSessionLostShareOneLogin) {
  ClientBench bench(small());
  auto& client = bench.connect();
  bench.lab().post("/faults", json::array({rule("CurrentTime", "drop_session", {{"count", 1}})}));
  TaskGroup tasks(bench.io().get_executor());
  int succeeded = 0;
  std::vector<Error> errors;
  for (int i = 0; i < 30; ++i) tasks.spawn(ask_time(client, succeeded, errors));
  bench.sync(tasks.join());
  EXPECT_EQ(succeeded, 30) << (errors.empty() ? "" : errors[0].sentence());
  EXPECT_EQ(bench.calls("Login"), 2);
}

TEST(ClientSession, RefusedWhenLoggingInAgainIsTriedOnceByAllTogether) {
  ClientBench bench(small());
  auto& client = bench.connect();
  bench.lab().post("/faults", json::array({rule("CurrentTime", "drop_session", {{"count", 1}}),
                                           rule("Login", "fault", {{"fault", "InvalidLogin"}})}));
  TaskGroup tasks(bench.io().get_executor());
  int succeeded = 0;
  std::vector<Error> errors;
  for (int i = 0; i < 30; ++i) tasks.spawn(ask_time(client, succeeded, errors));
  bench.sync(tasks.join());
  EXPECT_EQ(succeeded, 0);
  ASSERT_THAT(errors, SizeIs(30));
  for (const auto& error : errors) EXPECT_EQ(error.fault, "InvalidLogin");
  EXPECT_FALSE(bench.sync(client.current_time()));
  EXPECT_EQ(bench.calls("Login"), 2) << "a refused password is tried again";
}

TEST(ClientSession, LostAgainRightAfterLoginIsReported) {
  ClientBench bench(small());
  auto& client = bench.connect();
  bench.lab().post("/faults", json::array({rule("CurrentTime", "drop_session")}));
  const auto time = bench.sync(client.current_time());
  ASSERT_FALSE(time);
  EXPECT_EQ(time.error().fault, "NotAuthenticated");
  EXPECT_EQ(bench.calls("Login"), 2);
}

TEST(ClientSession, Privileges) {
  auto scenario = small();
  scenario["privileges"] = {"System.View", "System.Read", "VirtualMachine.GuestOperations.Query"};
  ClientBench bench(scenario);
  const auto states = unwrap(bench.sync(bench.connect().privileges({})));
  ASSERT_THAT(states, SizeIs(5));
  for (const auto& state : states) {
    const bool expected = state.id.starts_with("System.") || state.id.ends_with(".Query");
    EXPECT_EQ(state.held, expected) << state.id;
  }
}

TEST(ClientSession, MissingVersionFileIsNoObstacle) {
  ClientBench bench(small());
  const std::string file = "GET /sdk/vimServiceVersions.xml";
  bench.lab().post("/faults", json::array({rule(file, "status", {{"status", 404}})}));
  EXPECT_TRUE(bench.sync(bench.make(bench.options()).connect()));
  bench.lab().post("/faults", json::array({rule(file, "garbage")}));
  EXPECT_TRUE(bench.sync(bench.make(bench.options()).connect()));
}

struct Trouble {
  const char* what;
  json rule;
  ErrorCode code;
  const char* words;
};

TEST(ClientErrors, EachIsNamedAndSaysWhatToTry) {
  ClientBench bench(small());
  const Trouble rows[] = {
      {"busy", rule("RetrievePropertiesEx", "status", {{"status", 503}, {"retry_after", 30}}),
       ErrorCode::kUnavailable, "30 seconds"},
      {"cut off", rule("RetrievePropertiesEx", "truncate"), ErrorCode::kProtocol, "ended early"},
      {"html", rule("RetrievePropertiesEx", "garbage"), ErrorCode::kProtocol, "no proxy"},
      {"not found", rule("RetrievePropertiesEx", "status", {{"status", 404}}), ErrorCode::kProtocol,
       "HTTP 404"},
      {"never ends", rule("RetrievePropertiesEx", "endless_body"), ErrorCode::kTimeout, "lab"},
      {"never answers", rule("RetrievePropertiesEx", "stall"), ErrorCode::kTimeout, "lab"},
      {"reset", rule("RetrievePropertiesEx", "reset"), ErrorCode::kUnreachable, "lab"},
      {"permission", rule("RetrievePropertiesEx", "fault", {{"fault", "NoPermission"}}),
       ErrorCode::kPermission, "privilege"},
  };
  for (const auto& row : rows) {
    bench.lab().post("/faults", json::array());
    auto options = bench.options();
    const bool times_out = row.code == ErrorCode::kTimeout;
    if (times_out) options.request_timeout = std::chrono::milliseconds(1500);
    auto& client = bench.connect(options);
    bench.lab().post("/faults", json::array({row.rule}));
    const auto vms = bench.all_vms(client);
    ASSERT_FALSE(vms) << row.what;
    EXPECT_EQ(vms.error().code, row.code) << row.what << ": " << vms.error().sentence();
    EXPECT_THAT(vms.error().message, HasSubstr("lab: listing the virtual machines: ")) << row.what;
    EXPECT_THAT(vms.error().sentence(), HasSubstr(row.words)) << row.what;
  }
}

TEST(ClientErrors, BusyWhileConnecting) {
  ClientBench bench(small());
  bench.lab().post("/faults", json::array({rule("GET /sdk", "status", {{"status", 503}})}));
  const auto about = bench.sync(bench.make(bench.options()).connect());
  ASSERT_FALSE(about);
  EXPECT_EQ(about.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(about.error().sentence(), AllOf(HasSubstr("lab: connecting"), HasSubstr("Try: ")));
}

TEST(ClientErrors, NobodyThere) {
  ClientBench bench(small());
  auto options = bench.options();
  options.url = "http://127.0.0.1:1/sdk";
  const auto about = bench.sync(bench.make(options).connect());
  ASSERT_FALSE(about);
  EXPECT_EQ(about.error().code, ErrorCode::kUnreachable);
  bench.disconnect();
}

TEST(ClientErrors, BadUrlNamesTheVcenter) {
  boost::asio::io_context io;
  boost::asio::thread_pool pool(1);
  ClientOptions options;
  options.name = "lab";
  options.url = "ftp://x";
  const auto client = Client::create(io.get_executor(), pool, options);
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().message, HasSubstr("lab: "));
}

TEST(ClientSecrets, PasswordsAndCookiesAreInNoLogLine) {
  std::ostringstream log;
  const auto old = spdlog::default_logger();
  auto logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  logger->set_level(spdlog::level::trace);
  spdlog::set_default_logger(logger);
  {
    ClientBench bench(small());
    auto& client = bench.connect();
    const auto vms = unwrap(bench.all_vms(client));
    collector::GuestCredentials login{"root", Secret("gu3st-s3cret")};
    (void)bench.sync(
        client.guests().start_program(vms.at(0).moref, login, "/bin/sh", "-c true", {}));
    bench.disconnect();
    EXPECT_THAT(log.str(), HasSubstr("Login")) << "nothing was logged at all";
    EXPECT_THAT(log.str(), Not(HasSubstr(bench.lab().ready().password)));
    EXPECT_THAT(log.str(), Not(HasSubstr("gu3st-s3cret")));
    EXPECT_THAT(log.str(), Not(HasSubstr("vmware_soap_session")));
  }
  spdlog::set_default_logger(old);
}

}  // namespace
}  // namespace ballast::vsphere::test
