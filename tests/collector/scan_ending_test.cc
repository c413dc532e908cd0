// Scans that have to end: because somebody wants so, or because vCenter is gone.
#include <boost/asio/steady_timer.hpp>
#include <gmock/gmock.h>

#include "tests/collector/scan_fixture.h"

namespace ballast::collector {
namespace {

using model::ScanStatus;
using model::UnknownReason;
using testing::clean_output;
using testing::ScanTest;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ScanEndingTest : public ScanTest {
 protected:
  ScanEndingTest() { options.stop_patience = 40ms; }

  // Runs until `reached` is true, stops, and gives what came of it; nullopt if it does not end.
  template <class Predicate>
  std::optional<ScanSummary> stop_when(Predicate reached) {
    io.restart();
    const boost::asio::io_context::work guard(io);
    Scan scan(io.get_executor(), vcenter, store, observer, options);
    std::optional<ScanSummary> summary;
    boost::asio::co_spawn(io, scan.run(), [&](std::exception_ptr, ScanSummary s) { summary = s; });
    while (!reached()) {
      if (!io.run_one_for(5s)) return std::nullopt;
    }
    const auto stopped_at = std::chrono::steady_clock::now();
    scan.stop();
    while (!summary) {
      if (!io.run_one_for(5s)) return std::nullopt;
    }
    EXPECT_TRUE(vcenter.hurried) << "the client has to be told";
    EXPECT_GE(*vcenter.hurried, stopped_at + options.stop_patience);
    scan.stop();  // may come late
    return summary;
  }
  [[nodiscard]] bool is_under_way(const std::string& operation) const {
    const auto& log = vcenter.inside.log;
    return std::find(log.begin(), log.end(), operation) != log.end();
  }
};

TEST_F(ScanEndingTest, TakesNoLongerThanItMay) {
  add_page(0, 5);
  add_page(5, 5);
  vcenter.hangs_at_page = 1;
  options.longest = 300ms;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kPartial);
  ASSERT_TRUE(summary.error);
  EXPECT_THAT(summary.error->message, HasSubstr("the scan took longer than"));
  EXPECT_EQ(store.results.size(), 5U) << "what was listed is kept";
  expect_nothing_left();
}

TEST_F(ScanEndingTest, StartsNoProbeOnceItsTimeIsUp) {
  add_page(0, 60);
  options.concurrency = 4;
  options.longest = 100ms;
  vcenter.inside.delays["create"] = 1h;
  const auto summary = run();
  EXPECT_THAT(summary.error->message, HasSubstr("the scan took longer than"));
  EXPECT_LE(vcenter.inside.asked.size(), 4U) << "the others were asked in vain";
  EXPECT_EQ(store.results.size(), 60U);
}

TEST_F(ScanEndingTest, AScanWithoutProgressIsGivenUpAndSaysWhatItWaitsFor) {
  add_page(0, 5);
  were_read(0, 5);
  add_page(5, 5);
  vcenter.hangs_at_page = 1;
  vcenter.inside.delays["create"] = 1h;
  options.stall_timeout = 80ms;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kPartial);
  ASSERT_TRUE(summary.error);
  EXPECT_EQ(summary.error->code, ErrorCode::kTimeout);
  EXPECT_THAT(summary.error->message,
              AllOf(HasSubstr("no progress for 80 ms; the scan is at: listing VMs; 3 probes are "
                              "under way: web-0 (vm-0 on host-1) for "),
                    HasSubstr(", web-2 (vm-2 on host-1)")));
  EXPECT_EQ(store.end->error.substr(0, 15), "vc: no progress");
  EXPECT_EQ(store.results.size(), 5U) << "what was listed is kept";
  expect_nothing_left();
}

TEST_F(ScanEndingTest, ASlowScanThatGetsOnIsNotGivenUp) {
  for (int page = 0; page < 4; ++page) add_page(page, 1);
  options.concurrency = 1;
  options.stall_timeout = 400ms;
  for (const char* operation : {"create", "start", "read"}) {
    vcenter.inside.delays[operation] = 100ms;
  }
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kComplete) << "four guests, 300 ms and more each";
}

// As for a thousand tags, of which each is a call.
TEST_F(ScanEndingTest, AnswersOfVcenterAreProgress) {
  add_page(0, 1);
  vcenter.hangs_at_page = 1;
  options.stall_timeout = 80ms;
  options.longest = 400ms;
  boost::asio::steady_timer timer(io);
  std::function<void()> answer = [&] {
    ++vcenter.answered;
    timer.expires_after(5ms);
    timer.async_wait([&](boost::system::error_code) {
      if (!store.end) answer();
    });
  };
  answer();
  const auto summary = run();
  ASSERT_TRUE(summary.error);
  EXPECT_THAT(summary.error->message, HasSubstr("the scan took longer than"));
}

TEST_F(ScanEndingTest, GuestsWhoseReportsWereNotReadGetAResult) {
  add_page(0, 250);
  options.selection.logins = {{{}, false, {}, true}};
  vcenter.hangs_at_guestinfo = true;
  const auto summary = stop_when([&] { return !vcenter.guestinfo_calls.empty(); });
  ASSERT_TRUE(summary);
  EXPECT_EQ(store.results.size(), 250U);
  for (const auto& [vm, result] : store.results) {
    EXPECT_EQ(result.judgement.reason, UnknownReason::kCancelled) << vm;
  }
}

TEST_F(ScanEndingTest, ReportsThatCannotBeReadAreAskedForOnceAPage) {
  add_page(0, 250);
  options.selection.logins = {{{}, false, {}, true}};
  vcenter.hides_guestinfo = true;
  run();
  EXPECT_EQ(vcenter.guestinfo_calls.size(), 1U) << "each one would wait as long in vain";
  EXPECT_EQ(store.results.size(), 250U);
  for (const auto& [vm, result] : store.results) {
    EXPECT_EQ(result.judgement.reason, UnknownReason::kTimedOut) << vm;
  }
}

TEST_F(ScanEndingTest, HangingGuestOperationIsGivenUp) {
  for (const char* operation : {"create", "start", "process", "terminate", "read", "delete"}) {
    vcenter.pages.clear();
    vcenter.pages_given = 0;
    add_page(1, 3);
    vcenter.inside = {};
    vcenter.inside.delays[operation] = 1h;
    if (std::string(operation) == "terminate") vcenter.inside.polls_until_end = 1'000'000;
    const std::string begun = operation == std::string("terminate") ? "process" : operation;
    const auto summary = stop_when([&] { return is_under_way(begun); });
    ASSERT_TRUE(summary) << operation << ": whoever stops a scan does not wait for a guest";
    EXPECT_EQ(summary->status, ScanStatus::kPartial) << operation;
    EXPECT_EQ(store.results.size(), 3U) << operation;
    EXPECT_FALSE(vcenter.logged_in) << operation;
    EXPECT_EQ(vcenter.open_listings, 0) << operation;
  }
}

TEST_F(ScanEndingTest, HangingVcenterIsGivenUp) {
  add_page(1, 3);
  were_read(1, 3);
  vcenter.hangs_at_close = true;
  vcenter.hangs_at_disconnect = true;
  vcenter.hangs_at_page = 1;
  const auto summary = stop_when([&] { return observer.results == 3; });
  ASSERT_TRUE(summary) << "a view that is not destroyed and a session that is not logged out time "
                          "out on the server";
  EXPECT_EQ(summary->status, ScanStatus::kPartial);
}

TEST_F(ScanEndingTest, NothingListedIsAFailedScan) {
  vcenter.hangs_at_connect = true;
  int looks = 0;
  const auto summary = stop_when([&] { return ++looks > 1; });
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->status, ScanStatus::kFailed);
  EXPECT_EQ(summary->error->code, ErrorCode::kCancelled);
}

TEST_F(ScanEndingTest, CountersThatHangAreGivenUpAndWhatWasReadIsKept) {
  add_page(1, 3);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.stats.balloon_kib = 102'400;
  vcenter.hangs_at_counters = true;
  const auto summary = stop_when([&] { return !vcenter.counter_calls.empty(); });
  ASSERT_TRUE(summary) << "counters make verdicts stronger, no more";
  EXPECT_EQ(summary->guests_read, 3U);
}

TEST_F(ScanEndingTest, VcenterThatStopsAnsweringEndsTheProbes) {
  options.concurrency = 4;
  add_page(1, 100);
  vcenter.hangs_at_time = true;
  options.answer_deadline = 20ms;
  vcenter.inside.faults["create"] = {{ErrorCode::kUnreachable, "vc: connection refused", "", ""}};
  const auto summary = run();
  EXPECT_LT(vcenter.inside.asked.size(), 20U) << "each of thousands of guests would wait in vain";
  EXPECT_EQ(summary.status, ScanStatus::kPartial);
  ASSERT_TRUE(summary.error);
  EXPECT_THAT(summary.error->message, HasSubstr("vCenter stopped answering"));
  EXPECT_EQ(summary.reasons.at(UnknownReason::kVcenterFailed), 100U);
  EXPECT_EQ(store.results.size(), 100U);
  EXPECT_FALSE(store.results.at("vm-99").setback) << "the guest did nothing wrong";
  expect_nothing_left();
}

TEST_F(ScanEndingTest, VcenterThatAnswersIsNotTakenForGone) {
  options.concurrency = 4;
  add_page(1, 60);
  vcenter.inside.faults["create"] = {{ErrorCode::kTimeout, "the guest hangs", "", ""}, 50};
  vcenter.inside.output = clean_output();
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kComplete) << "fifty hanging guests are no hanging vCenter";
  EXPECT_EQ(summary.guests_read, 10U);
  EXPECT_GE(vcenter.time_calls, 2) << "it has to be asked";
}

TEST_F(ScanEndingTest, ProbesThatFailNowAndThenAskNobody) {
  options.concurrency = 1;
  add_page(1, 40);
  vcenter.inside.output = clean_output();
  for (int i = 8; i <= 40; i += 8) vcenter.inside.refusing_vms.insert("vm-" + std::to_string(i));
  const auto summary = run();
  EXPECT_EQ(vcenter.time_calls, 1) << "the clock, at the scan's start";
  EXPECT_EQ(summary.guests_read, 35U);
}

}  // namespace
}  // namespace ballast::collector
