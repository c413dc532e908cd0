// What a user gets when vCenter is not there, refuses, or breaks in mid-scan: a clear error that
// names the vCenter and what to try, the right exit code, and a database that still has the earlier
// scan in it.
#include "tests/e2e/harness/fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// 30 VMs in pages of 10, so that a fault can strike between pages.
json small_fleet() {
  return {{"clusters", 1},
          {"hosts_per_cluster", 2},
          {"page_limit", 10},
          {"guests",
           {{{"name", "clean-%02d"}, {"count", 15}, {"capture", "a_idle_2048/0"}},
            {{"name", "balloon-%02d"}, {"count", 15}, {"capture", "v_vmmemctl_4k_idle/512"}}}}};
}

class FaultTest : public FaultFixture {
 protected:
  FaultTest() : FaultFixture(small_fleet()) {}
  void SetUp() override { scan_well(30); }
};

TEST_F(FaultTest, VcenterThatIsNotThere) {
  write_config(workspace, lab, {.url = "https://127.0.0.1:1"});
  const auto result = scan();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("lab"), HasSubstr("127.0.0.1:1"), HasSubstr("refused"),
                                HasSubstr("try:")));
  expect_earlier_scan_intact("a vCenter that is not there");
}

TEST_F(FaultTest, WrongPassword) {
  write_config(workspace, lab, {.password = "not-the-password"});
  const auto result = scan();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("lab"), HasSubstr("refused the user name or the password"),
                    HasSubstr("try:"), Not(HasSubstr("not-the-password"))));
  EXPECT_EQ(lab.get("/stats")["methods"]["Login"], 2) << "a refused login is never repeated";
  expect_earlier_scan_intact("a refused login");
}

TEST_F(FaultTest, CertificateThatNobodyVouchesFor) {
  write_config(workspace, lab, {.trust = "# the system's CAs"});
  const auto result = scan();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("certificate"), HasSubstr("thumbprint"), HasSubstr("ca_file")));
  expect_earlier_scan_intact("an unknown certificate");
}

TEST_F(FaultTest, ThumbprintPinsTheCertificate) {
  write_config(workspace, lab, {.trust = "thumbprint = \"" + lab.ready().thumbprint_sha256 + "\""});
  EXPECT_EQ(scan().exit_code, 0) << "the pinned certificate is trusted without a CA";
  write_config(workspace, lab, {.trust = "thumbprint = \"" + std::string(64, 'a') + "\""});
  const auto result = scan();
  EXPECT_EQ(result.exit_code, 1) << "another certificate is not";
  EXPECT_THAT(result.err, HasSubstr("thumbprint"));
}

TEST_F(FaultTest, InsecureIsPossibleAndWarns) {
  write_config(workspace, lab, {.trust = "insecure = true"});
  const auto result = scan();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("warning"));
}

TEST_F(FaultTest, SessionThatExpiresBetweenPagesIsRenewed) {
  for (const char* seen_as : {"NotAuthenticated", "ManagedObjectNotFound"}) {
    inject({{{"method", "ContinueRetrievePropertiesEx"},
             {"skip", 1},
             {"count", 1},
             {"kind", "drop_session"},
             {"seen_as", seen_as}}});
    const auto result = scan();
    EXPECT_EQ(result.exit_code, 0) << seen_as << ": " << result.err;
    EXPECT_EQ(report(0)["summary"]["vms"], 30) << seen_as << ": no VM twice, none missing";
    expect_nothing_left_on_the_server(seen_as);
  }
}

TEST_F(FaultTest, SessionThatExpiresDuringGuestOperationsIsRenewed) {
  inject(
      {{{"method", "StartProgramInGuest"}, {"skip", 5}, {"count", 1}, {"kind", "drop_session"}}});
  const auto result = scan();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(report(0)["summary"]["guests_read"], 30);
  expect_nothing_left_on_the_server("a session lost");
}

// The first page arrives, the second is broken: what was collected is kept, and said to be partial.
TEST_F(FaultTest, PageThatBreaksLeavesAPartialScan) {
  const Fault cases[] = {
      {"truncated XML", {{"kind", "truncate"}}, "ended"},
      {"a page that never ends", {{"kind", "endless_body"}}, "not"},
      {"no answer at all", {{"kind", "stall"}}, "5"},
      {"a page that drips for an hour",
       {{"kind", "drip"}, {"drip_ms", kHour}},
       "its answer had not ended"},
      {"reset in mid-response", {{"kind", "reset"}}, "lab"},
      {"an HTML page", {{"kind", "garbage"}}, "lab"},
      {"503 between pages", {{"kind", "status"}, {"status", 503}}, "503"},
  };
  for (const auto& c : cases) {
    json fault = c.fault;
    fault["method"] = "ContinueRetrievePropertiesEx";
    inject(json::array({fault}));
    const auto result = scan();
    EXPECT_EQ(result.exit_code, 3) << c.what << ": " << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("lab: listing the virtual machines"),
                                  HasSubstr(c.words), HasSubstr("try:")))
        << c.what;
    EXPECT_THAT(result.out, HasSubstr("partial")) << c.what;
    const auto told = report(3);
    EXPECT_EQ(told["scans"][0]["usable"]["vms"], 10) << c.what << ": the page that came is kept";
    EXPECT_EQ(told["summary"]["vms"], 30) << c.what << ": of the others the last reading counts";
    expect_nothing_left_on_the_server(c.what);
  }
  lab.post("/faults", json::array());
  EXPECT_EQ(scan().exit_code, 0) << "and the next scan is whole again";
  EXPECT_EQ(report(0)["summary"]["vms"], 30);
}

TEST_F(FaultTest, DoctorNamesTheFailedStepAndWhatToDo) {
  write_config(workspace, lab, {.password = "not-the-password"});
  const auto result = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, AllOf(HasSubstr("failed"), HasSubstr("login"), HasSubstr("try:")));
}

TEST_F(FaultTest, DoctorIsContentWithAGoodSetup) {
  const json found = run_json(workspace, {"doctor"}, 0);
  for (const auto& check : found["checks"]) EXPECT_EQ(check["state"], "ok") << check;
  EXPECT_GE(found["checks"].size(), 7u);
  expect_nothing_left_on_the_server("doctor");
}

}  // namespace
}  // namespace ballast::e2e
