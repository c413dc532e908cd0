// A server that is slow, broken off or full: each call has its end, and what came is kept.
#include <algorithm>

#include "tests/e2e/harness/fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kWireFleet = 18;

json fleet_in_pages() {
  return {{"page_limit", 10},
          {"vcenter", {{"max_sessions", 3}}},
          {"guests",
           {{{"name", "clean-%02d"}, {"count", 14}, {"capture", "a_idle_2048/0"}},
            {{"name", "balloon-%02d"}, {"count", 4}, {"capture", "v_vmmemctl_4k_idle/512"}}}}};
}

class WireFault : public FaultFixture {
 protected:
  WireFault() : FaultFixture(fleet_in_pages()) {}
  void SetUp() override { scan_well(kWireFleet); }
  void TearDown() override {
    inject(json::array());
    EXPECT_EQ(scan().exit_code, 0) << "when the fault is over the next scan is whole again";
    EXPECT_EQ(report(0)["summary"]["guests_read"], kWireFleet);
    expect_nothing_left_on_the_server("the next scan");
  }
};

// Nothing was listed yet: the scan fails as a whole.
TEST_F(WireFault, ABrokenFirstCallFailsTheScan) {
  const Fault cases[] = {
      {"reset in the service content",
       {{"method", "RetrieveServiceContent"}, {"kind", "reset"}},
       "broke"},
      {"an answer that drips for an hour",
       {{"method", "RetrieveServiceContent"}, {"kind", "drip"}, {"drip_ms", kHour}},
       "took longer than 5.0 s: its answer had not ended"},
      {"a login that is not answered",
       {{"method", "Login"}, {"kind", "stall"}},
       "took longer than 5.0 s: it had not answered the request"},
      {"503 at the login", {{"method", "Login"}, {"kind", "status"}, {"status", 503}}, "503"},
      {"503 to everything", {{"method", "*"}, {"kind", "status"}, {"status", 503}}, "503"},
      {"503 with Retry-After",
       {{"method", "GET /sdk/vim"}, {"kind", "status"}, {"status", 503}, {"retry_after", 77}},
       "left alone for 77 seconds"},
  };
  for (const auto& broken : cases) {
    inject(json::array({broken.fault}));
    const auto result = scan();
    EXPECT_EQ(result.exit_code, 1) << broken.what;
    EXPECT_THAT(result.err, AllOf(HasSubstr("lab: "), HasSubstr(broken.words), HasSubstr("try:")))
        << broken.what;
    inject(json::array());
    expect_earlier_scan_intact(broken.what);
  }
}

// However slowly: an answer that is there in time is an answer.
TEST_F(WireFault, ASlowDripThatEndsInTimeIsNoFault) {
  for (const char* method : {"RetrievePropertiesEx", "GET /guestFile", "Login"}) {
    inject({{{"method", method}, {"kind", "drip"}, {"drip_ms", 400}}});
    const auto result = scan();
    EXPECT_EQ(result.exit_code, 0) << method << ": " << result.err;
    EXPECT_EQ(report(0)["summary"]["guests_read"], kWireFleet) << method;
  }
  expect_nothing_left_on_the_server("slow drips");
}

// One guest's file does not arrive: the others are read as always.
TEST_F(WireFault, AFileThatBreaksOffCostsOneGuestOnly) {
  const Fault cases[] = {
      {"reset", {{"kind", "reset"}}, "broke"},
      {"cut off", {{"kind", "drip"}, {"drip_ms", kHour}}, "its answer had not ended"},
      {"no answer", {{"kind", "stall"}}, "had not answered"},
      {"404", {{"kind", "status"}, {"status", 404}}, "no longer has the file"},
  };
  for (const auto& broken : cases) {
    json fault = broken.fault;
    fault["method"] = "GET /guestFile";
    fault["skip"] = 3;
    fault["count"] = 1;
    inject(json::array({fault}));
    EXPECT_EQ(scan().exit_code, 3) << broken.what;
    const json after = report(0);
    EXPECT_EQ(after["summary"]["guests_read"], kWireFleet - 1) << broken.what;
    const auto& guests = after["guests"];
    const auto failed = std::find_if(guests.begin(), guests.end(), [](const json& guest) {
      return guest["verdict"] == "unknown";
    });
    ASSERT_NE(failed, guests.end()) << broken.what;
    EXPECT_THAT(failed->dump(), HasSubstr(broken.words)) << broken.what;
    expect_nothing_left_on_the_server(broken.what);
  }
}

// vCenter answers a login beyond its limit with 503.
TEST_F(WireFault, AVcenterWithoutFreeSessionsIsBusy) {
  inject({{{"method", "Logout"}, {"kind", "status"}, {"status", 500}}});
  for (int session = 0; session < 3; ++session) scan();  // each leaves its session behind
  ASSERT_EQ(lab.get("/stats")["sessions"], 3);
  before = report(0);
  inject(json::array());
  const auto result = scan();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("lab: logging in"), HasSubstr("no session left"), HasSubstr("try:")));
  expect_earlier_scan_intact("the session limit");
  inject({{{"method", "*"}, {"kind", "drop_session"}, {"count", 1}}});
  EXPECT_EQ(scan().exit_code, 0) << "it frees sessions, and the next scan gets one";
}

}  // namespace
}  // namespace ballast::e2e
