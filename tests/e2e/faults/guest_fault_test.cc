// Guests that go wrong in the middle of a probe: each is reported with what happened to it, none
// costs another guest, and nothing stays behind.
#include <filesystem>

#include "tests/e2e/harness/guest_fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;

TEST_F(GuestFault, AVmThatIsDeletedMeanwhileIsReportedAsGone) {
  json guests = json::array();
  for (int operation = 0; operation < 5; ++operation) {
    guests.push_back(changing("gone-" + std::to_string(operation), operation, {{"deleted", true}}));
  }
  const lab::Lab lab(fleet(guests));
  scan(lab, 3);
  for (int operation = 0; operation < 5; ++operation) {
    const std::string name = "gone-" + std::to_string(operation);
    if (operation == 4 && guest(name).value("verdict", "") == "balloon") continue;  // read before
    expect_unread(name, "vm_unavailable", "vCenter does not know this object");
  }
  expect_nothing_left(lab);
  run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_EQ(run_json(workspace, {"report", "--all"}, 0)["summary"]["vms"], kGood)
      << "the next scan does not list them";
}

TEST_F(GuestFault, ToolsThatDieInMidProbeAreNamed) {
  json guests = json::array();
  for (int operation = 0; operation < 4; ++operation) {
    guests.push_back(
        changing("dying-" + std::to_string(operation), operation, {{"tools", "not_running"}}));
  }
  const lab::Lab lab(fleet(guests));
  scan(lab, 3);
  for (int operation = 0; operation < 4; ++operation) {
    expect_unread("dying-" + std::to_string(operation), "guest_operations_unavailable",
                  "VMware Tools in the guest do not answer");
  }
  EXPECT_EQ(lab.get("/stats")["sessions"], 0);
  EXPECT_EQ(lab.get("/stats")["open_views"], 0);
  run_ballast(workspace, with_config(workspace, {"scan"}));
  report = run_json(workspace, {"report", "--all"}, 0);
  EXPECT_EQ(guest("dying-1").value("reason", ""), "tools_not_running")
      << "the next scan sees it before it asks: " << guest("dying-1");

  // What the dead tools did not let be deleted goes at the first visit after their return.
  EXPECT_FALSE(lab.get("/stats")["leftover_files"].empty());
  age_left_overs(lab);
  for (int operation = 0; operation < 4; ++operation) {
    lab.post("/guest?name=dying-" + std::to_string(operation), {{"tools", "running"}});
  }
  scan(lab, 0);
  expect_nothing_left(lab);
}

TEST_F(GuestFault, AProbeThatNeverEndsIsEnded) {
  const lab::Lab lab(fleet({group("endless-%d", {{"count", 2}, {"behaviour", "endless"}})}));
  scan(lab, 3, {.guest_keys = "deadline = \"5s\""});
  expect_unread("endless-1", "timed_out", "did not finish within 5.0 s");
  expect_unread("endless-2", "timed_out", "did not finish within 5.0 s");
  EXPECT_GE(lab.get("/stats")["methods"]["TerminateProcessInGuest"], 2);
  expect_nothing_left(lab);
}

// Whether or not the size is announced, no more is taken than a probe writes.
TEST_F(GuestFault, OutputOfAGibibyteIsNotTakenIn) {
  const auto harmless = [this] {
    const lab::Lab lab(fleet(json::array()));
    scan(lab, 0);
    return result.peak_rss_kib;
  }();
  std::filesystem::remove(workspace.path("ballast.db"));
  const lab::Lab lab(fleet(
      {group("announced-%d", {{"count", 4}, {"behaviour", "huge_output"}, {"output_mib", 1024}}),
       group("streamed-%d",
             {{"count", 4}, {"behaviour", "unannounced_output"}, {"output_mib", 1024}})}));
  scan(lab, 3);
  expect_unread("announced-1", "output_too_large", "1073741824 bytes");
  expect_unread("streamed-1", "output_too_large", "larger than the limit");
  constexpr long kSomeMoreKib = 64 * 1024;
  EXPECT_LT(result.peak_rss_kib, harmless + kSomeMoreKib) << "the output was held in memory";
  expect_nothing_left(lab);
}

// The lab's URLs are good once, as vCenter's are: who asked twice would not read a single guest.
TEST_F(GuestFault, EachFileIsFetchedOnce) {
  const lab::Lab lab(fleet(json::array()));
  scan(lab, 0);
  const json stats = lab.get("/stats");
  EXPECT_EQ(stats["downloads"], kGood);
  EXPECT_EQ(stats["methods"]["InitiateFileTransferFromGuest"], kGood);
}

TEST_F(GuestFault, ARefusedLoginIsNeverRepeated) {
  const lab::Lab lab(fleet(
      {group("locked", {{"behaviour", "wrong_password"}}),
       group("other", {{"login", {{"username", "probe"}, {"password", "unknown to ballast"}}}})}));
  scan(lab, 3);
  expect_unread("locked", "invalid_guest_login", "the guest refused the user name or the password");
  const json once = {{lab.ready().guest_username, 1}};
  const json expected = {{"locked", once}, {"other", once}};
  EXPECT_EQ(lab.get("/stats")["guest_logins_refused"], expected)
      << "one try for each, whatever the probe's clean-up does";
  expect_nothing_left(lab);
}

}  // namespace
}  // namespace ballast::e2e
