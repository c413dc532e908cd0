// Whom a scan probes: folders, guests and logins that keep failing, the adaptive policy.
#include <gmock/gmock.h>

#include "model/history/judge_history.h"
#include "tests/collector/scan_fixture.h"

namespace ballast::collector {
namespace {

using model::ScanStatus;
using model::UnknownReason;
using testing::clean_output;
using testing::ScanTest;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

model::GuestRecord record_of(int number) {
  return {"uuid-" + std::to_string(number), "vm-" + std::to_string(number), 0, {}, {}};
}

TEST_F(ScanTest, AsksForFoldersOnlyWhereARuleNeedsThem) {
  add_page(1, 1);
  run();
  EXPECT_EQ(vcenter.folder_calls, 0) << "listing thousands of folders for nothing";
}

TEST_F(ScanTest, ChoosesLoginsByFolder) {
  add_page(1, 3);
  vcenter.known_folders = {{"group-v1", "Paris", ""}, {"group-v2", "Rome", ""}};
  vcenter.pages[0][0].folder_moref = "group-v1";
  vcenter.pages[0][1].folder_moref = "group-v2";
  options.selection.logins.insert(options.selection.logins.begin(), {{"", "Paris"}, true});
  run();
  EXPECT_THAT(vcenter.inside.asked, ElementsAre("vm-2"));
  EXPECT_EQ(store.results.at("vm-1").judgement.reason, UnknownReason::kNotSelected);
  EXPECT_EQ(store.results.at("vm-3").judgement.reason, UnknownReason::kNoCredentials)
      << "a VM whose folder nobody knows may be one of those to be skipped";
  EXPECT_THAT(store.results.at("vm-3").detail, HasSubstr("folder is not known"));
}

TEST_F(ScanTest, WithoutFoldersNoGuestGetsALoginOfOthers) {
  add_page(1, 3);
  vcenter.folders_error = Error{ErrorCode::kTimeout, "vc: no answer", "", ""};
  options.selection.logins.insert(options.selection.logins.begin(), {{"", "Paris"}, true});
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kComplete) << "the balloons are there all the same";
  EXPECT_THAT(vcenter.inside.asked, IsEmpty());
  EXPECT_EQ(summary.guests_failed, 3U);
  EXPECT_THAT(store.results.at("vm-1").detail,
              HasSubstr("which login is for it cannot be told: vc: no answer"));
  expect_nothing_left();
}

TEST_F(ScanTest, ChoosesLoginsByTagAndHostWhateverANameSays) {
  add_page(1, 3);
  for (auto& vm : vcenter.pages[0]) vm.name = "db-1";
  vcenter.pages[0][2].host_moref = "host-2";  // which nobody knows
  vcenter.tags.known["Env"]["Prod"] = {"vm-1"};
  vcenter.tags.known["Team"]["A"] = {"vm-2"};
  GuestPattern by_tag;
  by_tag.tags = {"Env/Prod"};
  by_tag.host = "esx1";
  options.selection.logins.insert(options.selection.logins.begin(), {by_tag, true});
  run();
  EXPECT_THAT(vcenter.inside.asked, ElementsAre("vm-2", "vm-3"));
  EXPECT_EQ(store.results.at("vm-1").judgement.reason, UnknownReason::kNotSelected);
  EXPECT_THAT(vcenter.tags.log,
              ElementsAre("categories", "tags of Env", "VMs of Env/Prod", "close"))
      << "no more is asked for than counts";
  vcenter.tags.known["Env"]["Prod"] = {"vm-1", "vm-3"};
  vcenter.pages_given = 0;
  run();
  EXPECT_EQ(store.results.at("vm-3").detail,
            "which login is for it cannot be told: its host is not known. Try: an override with "
            "instance_uuid, above the others");
}

TEST_F(ScanTest, AsksForTagsOnlyWhereARuleNeedsThem) {
  add_page(1, 1);
  run();
  EXPECT_THAT(vcenter.tags.log, IsEmpty()) << "that takes another login";
}

TEST_F(ScanTest, WithoutTagsNoGuestGetsALoginOfOthers) {
  add_page(1, 2);
  GuestPattern by_tag;
  by_tag.tags = {"Env/Prod"};
  by_tag.vm = "web-1";
  options.selection.logins.insert(options.selection.logins.begin(), {by_tag, true});
  vcenter.tags.error = Error{ErrorCode::kPermission, "vc: reading tags: no", {}, {}};
  EXPECT_EQ(run().status, ScanStatus::kComplete);
  EXPECT_THAT(vcenter.inside.asked, ElementsAre("vm-2")) << "whose name rules it out";
  EXPECT_THAT(store.results.at("vm-1").detail,
              HasSubstr("which login is for it cannot be told: vc: reading tags: no"));
  EXPECT_EQ(vcenter.tags.log.back(), "close");
}

TEST_F(ScanTest, GuestThatKeepsFailingIsLeftAlone) {
  add_page(1, 2);
  auto record = record_of(1);
  record.setback = {UnknownReason::kTimedOut, 4, now_utc() - 5min, now_utc() + 25min, "probe"};
  store.records = {record};
  run();
  EXPECT_THAT(vcenter.inside.asked, ElementsAre("vm-2"));
  const auto& result = store.results.at("vm-1");
  EXPECT_EQ(result.judgement.reason, UnknownReason::kTimedOut) << "it keeps its last reason";
  EXPECT_THAT(result.detail, HasSubstr("not tried again before"));
  ASSERT_TRUE(result.setback);
  EXPECT_EQ(result.setback->failures, 4) << "leaving it alone is no try";
  EXPECT_EQ(result.setback->next_try, record.setback->next_try);
}

TEST_F(ScanTest, RetryIgnoresWhatIsLeftAlone) {
  add_page(1, 1);
  auto record = record_of(1);
  record.setback = {UnknownReason::kTimedOut, 4, now_utc() - 5min, now_utc() + 25min, "probe"};
  store.records = {record};
  store.setbacks = {{"lab", "probe", 1, now_utc(), now_utc() + 1h}};
  options.retry_all = true;
  run();
  EXPECT_THAT(vcenter.inside.asked, ElementsAre("vm-1"));
}

TEST_F(ScanTest, FailureAddsToTheGuestsSetback) {
  add_page(1, 1);
  auto record = record_of(1);
  record.setback = {UnknownReason::kTimedOut, 2, now_utc() - 1h, now_utc() - 1h, "probe"};
  store.records = {record};
  run();  // what it prints is no probe output
  const auto& result = store.results.at("vm-1");
  EXPECT_EQ(result.judgement.reason, UnknownReason::kOutputUnreadable);
  ASSERT_TRUE(result.setback);
  EXPECT_EQ(result.setback->failures, 3);
  EXPECT_EQ(result.setback->next_try - result.setback->last_try, 15min);
}

TEST_F(ScanTest, StoreThatCannotTellOfSetbacksEndsTheScan) {
  add_page(1, 1);
  store.fails_at_records = true;
  EXPECT_EQ(run().status, ScanStatus::kFailed);
  EXPECT_THAT(vcenter.inside.asked, IsEmpty()) << "a login could be given once too often";
}

TEST_F(ScanTest, SharedAccountIsNotLockedByAWrongPassword) {
  add_page(1, 500);
  add_page(501, 500);
  vcenter.inside.refused_users = {"probe"};
  vcenter.inside.delays["create"] = 2ms;
  const auto summary = run();
  EXPECT_EQ(vcenter.inside.asked.size(), 3U) << "each further guest brings the account closer to "
                                                "being locked";
  EXPECT_EQ(summary.status, ScanStatus::kComplete);
  EXPECT_EQ(store.results.size(), 1000U) << "guests that wait for a login must not be lost";
  EXPECT_EQ(summary.reasons.at(UnknownReason::kLoginSuspended), 997U);
  EXPECT_EQ(summary.reasons.at(UnknownReason::kInvalidGuestLogin), 3U);
  ASSERT_EQ(store.setbacks_written.size(), 1U);
  EXPECT_EQ(store.setbacks_written[0].username, "probe");
  EXPECT_EQ(store.setbacks_written[0].failures, 1);
  EXPECT_FALSE(store.overlapped) << "the store takes one write of a scan at a time";
}

TEST_F(ScanTest, LoginThatNobodyHasTakenDoesNotBlockOthers) {
  for (int page = 0; page < 2; ++page) add_page(1 + page * 100, 100);
  for (int i = 0; i < 100; ++i) vcenter.pages[1][static_cast<std::size_t>(i)].name = "db";
  options.selection.logins.insert(options.selection.logins.begin(),
                                  {{"db"}, false, {"dba", Secret("pw")}});
  vcenter.inside.refused_users = {"probe"};
  vcenter.inside.output = clean_output();
  options.concurrency = 4;
  options.concurrency_per_host = 4;
  const auto summary = run();
  EXPECT_EQ(summary.guests_read, 100U) << "all of those with the other login";
  EXPECT_EQ(summary.reasons.at(UnknownReason::kLoginSuspended), 97U);
}

TEST_F(ScanTest, LoginThatIsTakenIsForAll) {
  add_page(1, 100);
  vcenter.inside.output = clean_output();
  vcenter.inside.refusing_vms = {"vm-1", "vm-2", "vm-50", "vm-99"};
  vcenter.inside.delays["create"] = 1ms;
  const auto summary = run();
  EXPECT_EQ(summary.guests_read, 96U);
  EXPECT_EQ(summary.reasons.at(UnknownReason::kInvalidGuestLogin), 4U);
  EXPECT_THAT(store.setbacks_written, IsEmpty());
}

TEST_F(ScanTest, LoginIsGoodOnceAGuestHasLetItIn) {
  add_page(1, 10);
  options.probe.deadline = 300ms;
  vcenter.inside.polls_until_end = 1'000'000;  // the probes never end by themselves
  run();
  EXPECT_EQ(observer.most_at_once, 8u)
      << "guests whose probes hang must not hold up the others of their login";
}

TEST_F(ScanTest, SuspendedLoginIsNotTriedBeforeItsTimeAndThenByOneGuestFirst) {
  add_page(1, 50);
  store.setbacks = {{"lab", "probe", 1, now_utc() - 10min, now_utc() + 50min}};
  auto summary = run();
  EXPECT_THAT(vcenter.inside.asked, IsEmpty());
  EXPECT_EQ(summary.reasons.at(UnknownReason::kLoginSuspended), 50U);
  EXPECT_THAT(store.results.at("vm-7").detail, HasSubstr("not tried again before"));
  EXPECT_FALSE(store.results.at("vm-7").setback) << "this guest did nothing";

  vcenter.pages_given = 0;
  store.setbacks[0].next_try = now_utc();
  vcenter.inside.refused_users = {"probe"};
  summary = run();
  EXPECT_EQ(vcenter.inside.asked.size(), 1U);
  ASSERT_EQ(store.setbacks_written.size(), 1U);
  EXPECT_EQ(store.setbacks_written[0].failures, 2);

  vcenter.pages_given = 0;
  vcenter.inside.refused_users.clear();
  vcenter.inside.output = clean_output();
  vcenter.inside.delays["create"] = 1ms;
  summary = run();
  EXPECT_EQ(summary.guests_read, 50U);
  ASSERT_EQ(store.setbacks_written.size(), 2U);
  EXPECT_EQ(store.setbacks_written[1].failures, 0) << "what was known of the login is forgotten";
}

TEST_F(ScanTest, RefusedLoginIsOnTheDiskBeforeTheScanEnds) {
  add_page(1, 3);
  were_read(1, 3);
  vcenter.hangs_at_page = 1;
  vcenter.inside.refused_users = {"probe"};
  options.batch = 100;
  boost::asio::io_context::work guard(io);
  Scan scan(io.get_executor(), vcenter, store, observer, options);
  std::optional<ScanSummary> summary;
  boost::asio::co_spawn(io, scan.run(), [&](std::exception_ptr, ScanSummary s) { summary = s; });
  while (store.results.size() < 3 || store.setbacks_written.empty()) {
    ASSERT_TRUE(io.run_one_for(5s)) << "a crash would forget that the login was refused";
  }
  EXPECT_TRUE(store.results.at("vm-1").setback);
  scan.stop();
  while (!summary) ASSERT_TRUE(io.run_one_for(5s));
}

// They never took a login, and so decide nothing about it for the others.
TEST_F(ScanTest, GuestsThatOnlyReportedAreNotKnownToTheLogin) {
  add_page(1, 3);
  add_page(4, 10);
  were_read(1, 13);
  for (int i = 0; i < 3; ++i) store.records[static_cast<std::size_t>(i)].probes = 0;
  for (const char* vm : {"vm-1", "vm-2", "vm-3"}) vcenter.inside.refusing_vms.insert(vm);
  vcenter.inside.output = clean_output();
  EXPECT_EQ(run().guests_read, 10U);
}

TEST_F(ScanTest, AdaptivePolicyReadsSomeOfTheGuestsWithoutABalloon) {
  add_page(1, 100);
  vcenter.pages[0][0].stats.balloon_kib = 1024;
  options.selection.probe_interval = 24h;
  for (int i = 1; i <= 100; ++i) {
    auto record = record_of(i);
    record.reads = 10;
    record.last_read = now_utc() - 1h;
    store.records.push_back(record);
  }
  const auto summary = run();
  ASSERT_TRUE(store.records_since);
  EXPECT_LE(*store.records_since, now_utc() - model::kHistoryWindow);
  const auto left_out = summary.reasons.at(UnknownReason::kNotSelected);
  EXPECT_GT(left_out, 80U);
  EXPECT_LT(left_out, 100U);
  EXPECT_EQ(store.results.at("vm-1").judgement.reason, UnknownReason::kOutputUnreadable)
      << "a guest with a balloon is read at every scan";
}

}  // namespace
}  // namespace ballast::collector
