#include "collector/service.h"

#include <deque>
#include <map>
#include <set>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// Stands still until a test moves it.
class HandClock : public ServiceClock {
 public:
  [[nodiscard]] UtcTime now() const override { return now_; }
  void arm(boost::asio::steady_timer& timer, UtcTime /*time*/) const override {
    timer.expires_after(1ms);  // looks again and again
  }
  void set(UtcTime time) { now_ = time; }

 private:
  UtcTime now_ = parse_iso8601("2026-11-25T12:00:00Z").value();
};

// Scans end when the test says so.
class HandLauncher : public ScanLauncher {
 public:
  Awaitable<std::optional<UtcTime>> last_start(std::string vcenter) override {
    const auto known = starts.find(vcenter);
    co_return known == starts.end() ? std::nullopt : std::optional(known->second);
  }
  Awaitable<ScanSummary> scan(std::string vcenter) override {
    started.push_back(vcenter);
    EXPECT_TRUE(running.insert(vcenter).second) << "two scans of " << vcenter << " at once";
    while (holds.contains(vcenter) && !stopped) co_await sleep_for(1ms);
    running.erase(vcenter);
    if (throws.erase(vcenter) > 0) throw std::runtime_error("out of paper");
    ScanSummary summary;
    summary.vcenter = vcenter;
    summary.status = model::ScanStatus::kComplete;
    auto& outcomes = errors[vcenter];
    if (!outcomes.empty()) {
      summary.error = outcomes.front();
      if (summary.error) summary.status = with_error;
      outcomes.pop_front();
    }
    co_return summary;
  }
  void stop() override { stopped = true; }

  std::map<std::string, UtcTime> starts;
  std::map<std::string, std::deque<std::optional<Error>>> errors;  // of the scans to come
  model::ScanStatus with_error = model::ScanStatus::kFailed;       // what such a scan ends as
  std::set<std::string> holds;                                     // whose scans do not end
  std::set<std::string> throws;                                    // once
  std::set<std::string> running;
  std::vector<std::string> started;
  bool stopped = false;
};

class RecordingObserver : public ServiceObserver {
 public:
  std::map<std::string, std::optional<UtcTime>> due;
  void on_waiting(const std::string& vcenter, std::optional<UtcTime> at) override {
    due[vcenter] = at;
  }
  void on_scan_started(const std::string&) override {
    if (std::exchange(throws_at_start, false)) throw std::runtime_error("out of words");
  }
  void on_scan_ended(const ScanSummary& summary) override {
    ended[summary.vcenter] = summary;
    if (std::exchange(throws_at_end, false)) throw std::runtime_error("out of words");
  }
  bool throws_at_start = false;  // once
  bool throws_at_end = false;    // likewise
  std::map<std::string, ScanSummary> ended;
  void on_removed(const std::string& vcenter) override { due.erase(vcenter); }
};

class ServiceTest : public ::testing::Test {
 protected:
  ~ServiceTest() override {
    service.stop();
    launcher.holds.clear();
    io.run_for(5s);
    EXPECT_TRUE(ended) << "the service must end when it is told to";
  }

  void start(std::vector<Timetable> timetables) {
    boost::asio::co_spawn(io, service.run(std::move(timetables)),
                          [this](const std::exception_ptr& error) {
                            EXPECT_FALSE(error);
                            ended = true;
                          });
    settle();
  }
  // Lets everything happen that can happen without the clock.
  void settle() {
    io.restart();
    // By the number of steps, not by time: every wait here looks again after a millisecond.
    for (int step = 0; step < 200 && io.run_one_for(1s) > 0; ++step) {
    }
  }
  void set_clock(UtcTime time) {
    clock.set(time);
    settle();
  }

  static Timetable hourly(const std::string& vcenter) { return {vcenter, {When(3600s), 0s}, 60s}; }
  static Error unreachable() { return {ErrorCode::kUnreachable, "refused", {}, {}}; }

  boost::asio::io_context io;
  HandClock clock;
  HandLauncher launcher;
  RecordingObserver observer;
  Service service{io.get_executor(), launcher, observer, clock};
  bool ended = false;
};

TEST_F(ServiceTest, ScansEachVcenterAtItsPace) {
  const auto now = clock.now();
  launcher.starts = {{"a", now - 50min}, {"b", now - 10min}};
  start({hourly("a"), hourly("b"), hourly("new")});
  EXPECT_THAT(launcher.started, ElementsAre("new")) << "only the one never scanned is due";
  EXPECT_EQ(observer.due["a"], now + 10min);
  set_clock(now + 9min);
  EXPECT_EQ(launcher.started.size(), 1u) << "not before its time";
  set_clock(now + 10min);
  EXPECT_THAT(launcher.started, ElementsAre("new", "a"));
  set_clock(now + 50min);
  EXPECT_THAT(launcher.started, ElementsAre("new", "a", "b"));
}

TEST_F(ServiceTest, AnExceptionBetweenTwoScansIsToldAndTheScheduleGoesOn) {
  for (bool* throws : {&observer.throws_at_start, &observer.throws_at_end}) {
    observer.ended.clear();
    *throws = true;
    auto timetable = hourly("a");
    timetable.retry = 0s;
    if (launcher.started.empty()) {
      start({timetable});
    } else {
      set_clock(clock.now() + 1h);
    }
    ASSERT_TRUE(observer.ended["a"].error);
    EXPECT_THAT(observer.ended["a"].error->message, HasSubstr("out of words"));
    set_clock(clock.now() + 1h);
    EXPECT_FALSE(observer.ended["a"].error) << "the next one is scanned as ever";
  }
}

TEST_F(ServiceTest, MakesUpForMissedSlotsOnceAndNeverOverlaps) {
  const auto now = clock.now();
  launcher.starts["a"] = now - 100h;
  launcher.holds.insert("a");
  start({hourly("a")});
  EXPECT_EQ(launcher.started.size(), 1u) << "a hundred missed slots are one scan";
  set_clock(now + 5h);
  EXPECT_EQ(launcher.started.size(), 1u) << "the scan under way is still the only one";
  launcher.holds.clear();
  settle();
  EXPECT_EQ(launcher.started.size(), 2u) << "five slots went by during it: one scan more";
  set_clock(now + 5h + 59min);
  EXPECT_EQ(launcher.started.size(), 2u);
  set_clock(now + 6h);
  EXPECT_EQ(launcher.started.size(), 3u) << "and then at its pace again";
}

TEST_F(ServiceTest, OneThatHangsDelaysNoOther) {
  launcher.holds.insert("dead");
  start({hourly("dead"), hourly("alive")});
  const auto now = clock.now();
  set_clock(now + 1h);
  set_clock(now + 2h);
  EXPECT_THAT(launcher.started, ElementsAre("dead", "alive", "alive", "alive"));
}

TEST_F(ServiceTest, TriesAFailedScanAgainSoonerEachTimeLessSo) {
  const auto now = clock.now();
  launcher.errors["a"] = {unreachable(), unreachable(), unreachable(), std::nullopt};
  start({hourly("a")});
  EXPECT_EQ(observer.due["a"], now + 1min);
  set_clock(now + 1min);
  EXPECT_EQ(observer.due["a"], now + 3min) << "the second pause is twice as long";
  set_clock(now + 3min);
  EXPECT_EQ(observer.due["a"], now + 7min);
  set_clock(now + 7min);
  EXPECT_EQ(launcher.started.size(), 4u);
  EXPECT_EQ(observer.due["a"], now + 7min + 1h) << "a good scan ends the retries";
}

// A limited scan with a VM whose place the user may not see is partial each time: tried again soon
// it would be scanned all day.
TEST_F(ServiceTest, WhatTheUserMayNotSeeIsNoReasonToScanAgainSoon) {
  const auto now = clock.now();
  const Error unseen{ErrorCode::kPermission, "it cannot be told where 1 VM is", {}, {}};
  launcher.errors["a"] = {unseen, unreachable()};
  launcher.with_error = model::ScanStatus::kPartial;
  start({hourly("a")});
  EXPECT_EQ(observer.due["a"], now + 1h);
  set_clock(now + 1h);
  EXPECT_EQ(observer.due["a"], now + 1h + 1min) << "one that was cut short is";
}

TEST_F(ServiceTest, AScanThatThrowsIsAFailedOneAndTheScheduleGoesOn) {
  const auto now = clock.now();
  launcher.throws.insert("a");
  start({hourly("a"), hourly("b")});
  EXPECT_THAT(launcher.started, ElementsAre("a", "b"));
  ASSERT_TRUE(observer.ended.contains("a")) << "nobody heard of it";
  ASSERT_TRUE(observer.ended["a"].error);
  EXPECT_THAT(observer.ended["a"].error->message, HasSubstr("out of paper"));
  EXPECT_EQ(observer.due["a"], now + 1min);
  set_clock(now + 1min);
  EXPECT_THAT(launcher.started, ElementsAre("a", "b", "a"));
}

TEST_F(ServiceTest, LeavesAServerAloneThatAsksForIt) {
  const auto now = clock.now();
  Error busy = unreachable();
  busy.retry_after = 600s;
  launcher.errors["a"] = {busy};
  start({hourly("a")});
  EXPECT_EQ(observer.due["a"], now + 10min);
}

TEST_F(ServiceTest, DoesNotLockAnAccountByTryingAWrongPassword) {
  const auto now = clock.now();
  const Error refused{ErrorCode::kLogin, "wrong password", {}, {}};
  launcher.errors["a"] = {refused, refused, std::nullopt};
  start({{"a", {When(60s), 0s}, 1s}});
  EXPECT_EQ(observer.due["a"], now + 15min) << "whatever the schedule says";
  set_clock(now + 15min);
  EXPECT_EQ(observer.due["a"], now + 45min);
  service.reload({{"a", {When(60s), 0s}, 1s}});
  settle();
  EXPECT_EQ(launcher.started.size(), 3u) << "a reload is a person's word that it may work now";
}

TEST_F(ServiceTest, AnotherProcessAtItIsNoFailure) {
  const auto now = clock.now();
  launcher.errors["a"] = {Error{ErrorCode::kBusy, "under way already", {}, {}}};
  start({hourly("a")});
  EXPECT_EQ(observer.due["a"], now + 1h) << "the slot was served by the other process";
}

TEST_F(ServiceTest, ReloadAddsChangesAndRemoves) {
  const auto now = clock.now();
  launcher.starts = {{"stays", now}, {"goes", now}};
  launcher.holds.insert("busy");
  start({hourly("stays"), hourly("goes"), hourly("busy")});
  service.reload({{"stays", {When(600s), 0s}, 60s}, hourly("comes")});
  settle();
  EXPECT_EQ(observer.due["stays"], now + 10min) << "the new schedule counts at once";
  EXPECT_THAT(launcher.started, ElementsAre("busy", "comes"));
  launcher.holds.clear();
  set_clock(now + 2h);
  EXPECT_THAT(launcher.started, UnorderedElementsAre("busy", "comes", "stays", "comes"))
      << "what was removed is not scanned again, even if a scan of it was under way";
}

TEST_F(ServiceTest, SurvivesAClockThatJumps) {
  const auto now = clock.now();
  start({hourly("a")});
  set_clock(now + 24h * 365);
  EXPECT_EQ(launcher.started.size(), 2u) << "a jump ahead is one missed slot";
  set_clock(now + 10min);
  EXPECT_EQ(observer.due["a"], now + 70min) << "set back by a year, it must not wait for a year";
}

TEST_F(ServiceTest, JitterDelaysButNeverAdvances) {
  const auto now = clock.now();
  std::set<std::optional<UtcTime>> times;
  std::vector<Timetable> many;
  for (int i = 0; i < 20; ++i) {
    launcher.starts["v" + std::to_string(i)] = now;
    many.push_back({"v" + std::to_string(i), {When(3600s), 300s}, 60s});
  }
  start(std::move(many));
  for (const auto& [vcenter, due] : observer.due) {
    EXPECT_GE(due, now + 1h);
    EXPECT_LE(due, now + 1h + 5min);
    times.insert(due);
  }
  EXPECT_GT(times.size(), 10u) << "twenty vCenters must not start together";
}

}  // namespace
}  // namespace ballast::collector
