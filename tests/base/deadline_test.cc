// Tasks here sleep for an hour: that a test ends is half of what it shows.
#include "base/deadline.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/base/run.h"

namespace ballast {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::run;

Awaitable<int> after(std::chrono::milliseconds pause, int value) {
  co_await sleep_for(pause);
  co_return value;
}

// Sleeps and then says how that ended, before and after some more work.
Awaitable<void> sleep_and_unwind(bool* cancelled, bool* unwound) {
  std::exception_ptr error;
  try {
    co_await sleep_for(1h);
  } catch (...) {
    error = std::current_exception();
  }
  *cancelled = is_cancellation(error);
  co_await shield_from_cancellation();
  co_await sleep_for(5ms);
  *unwound = true;
  std::rethrow_exception(error);
}

class DeadlineTest : public ::testing::Test {
 protected:
  Awaitable<void> by(TimePoint expiry, std::chrono::milliseconds pause) {
    Deadline deadline(set_, expiry);
    auto task = after(pause, 7);
    result_ = co_await finish_by(deadline, std::move(task));
    expired_ = deadline.expired();
  }

  Awaitable<void> unwinding_by(TimePoint expiry) {
    Deadline deadline(set_, expiry);
    auto task = sleep_and_unwind(&cancelled_, &unwound_);
    finished_ = co_await finish_by(deadline, std::move(task));
  }

  asio::io_context io_;
  Deadlines set_{io_.get_executor()};
  std::optional<int> result_;
  bool expired_ = false;
  bool cancelled_ = false;
  bool unwound_ = false;
  bool finished_ = true;
};

TEST_F(DeadlineTest, WhatEndsInTimeGivesItsValueAndLeavesNothingRunning) {
  run(io_, by(from_now(1h), 1ms));  // would run for an hour if the timer were left
  EXPECT_EQ(result_, 7);
  EXPECT_FALSE(expired_);
}

TEST_F(DeadlineTest, WhatTakesLongerIsCancelledAndWaitedFor) {
  run(io_, unwinding_by(from_now(5ms)));
  EXPECT_FALSE(finished_);
  EXPECT_TRUE(cancelled_);
  EXPECT_TRUE(unwound_) << "the task was left behind";
}

TEST_F(DeadlineTest, AShieldedTaskGoesOnAndItsValueCounts) {
  auto shielded = [this]() -> Awaitable<void> {
    Deadline deadline(set_, from_now(1ms));
    auto task = []() -> Awaitable<int> {
      co_await shield_from_cancellation();
      co_await sleep_for(20ms);
      co_return 7;
    };
    auto running = task();
    result_ = co_await finish_by(deadline, std::move(running));
    expired_ = deadline.expired();
  };
  run(io_, shielded());
  EXPECT_EQ(result_, 7);
  EXPECT_TRUE(expired_);
}

TEST_F(DeadlineTest, CancellationFromOutsideReachesTheTaskAndIsRethrown) {
  TaskGroup group(io_.get_executor());
  group.spawn(unwinding_by(from_now(1h)));
  io_.poll();
  auto stop = [&]() -> Awaitable<void> {
    group.cancel();
    co_await group.join();
  };
  run(io_, stop());
  EXPECT_TRUE(cancelled_);
  EXPECT_TRUE(unwound_);
  EXPECT_TRUE(finished_) << "taken for the deadline's doing";
}

TEST_F(DeadlineTest, WhatTheTaskThrowsIsThrownAtOnce) {
  auto failing = [this]() -> Awaitable<void> {
    Deadline deadline(set_, from_now(1h));
    auto task = []() -> Awaitable<void> {
      co_await sleep_for(1ms);
      throw std::runtime_error("broken");
    };
    auto running = task();
    co_await finish_by(deadline, std::move(running));
  };
  EXPECT_THROW(run(io_, failing()), std::runtime_error);
}

TEST_F(DeadlineTest, AnEarlierOneOfTheSetIsNotHeldUpByOthers) {
  auto beside_a_late_one = [this]() -> Awaitable<void> {
    const Deadline late(set_, from_now(1h));
    co_await by(from_now(5ms), 1h);
    finished_ = late.expired();
  };
  run(io_, beside_a_late_one());
  EXPECT_TRUE(expired_);
  EXPECT_FALSE(finished_);
}

TEST_F(DeadlineTest, HurryBringsForwardWhatThereIsAndWhatComesLater) {
  auto hurried = [this]() -> Awaitable<void> {
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(unwinding_by(TimePoint::max()));
    co_await sleep_for(1ms);
    set_.hurry(from_now(5ms));
    set_.hurry(from_now(1h));  // cannot put it off again
    co_await group.join();
  };
  run(io_, hurried());
  EXPECT_TRUE(unwound_);
  run(io_, by(from_now(1h), 1h));
  EXPECT_TRUE(expired_);
}

TEST_F(DeadlineTest, OneSetAfterTheHurryHasTheLeastTime) {
  Deadlines patient(io_.get_executor(), 1h);
  patient.hurry(TimePoint::clock::now());
  const Deadline later(patient, from_now(2h));
  EXPECT_GT(later.expiry(), from_now(59min));
  EXPECT_LT(later.expiry(), from_now(61min));
  const Deadline sooner(patient, from_now(1min));
  EXPECT_LT(sooner.expiry(), from_now(2min)) << "a hurry gives nobody more time than he asked for";
}

TEST_F(DeadlineTest, TheEndOfOneMayBeTheEndOfAnotherThatIsDueToo) {
  auto second = std::make_unique<Deadline>(set_, from_now(1ms));
  Deadline first(set_, from_now(1ms));
  auto third = std::make_unique<Deadline>(set_, from_now(1ms));
  int calls = 0;
  const Deadline::OnExpiry end_others(first, [&] {
    ++calls;
    second.reset();
    third.reset();
  });
  io_.run_for(50ms);
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(first.expired());
}

// What was waited for may come together with the deadline, and more work after it.
TEST_F(DeadlineTest, OneThatCameBeforeEndsWhatIsBegunAfterIt) {
  auto late = [this]() -> Awaitable<void> {
    Deadline deadline(set_, from_now(1ms));
    co_await sleep_for(5ms);
    expired_ = deadline.expired();
    auto task = after(1h, 7);
    result_ = co_await finish_by(deadline, std::move(task));
  };
  run(io_, late());
  EXPECT_TRUE(expired_);
  EXPECT_FALSE(result_);
}

TEST_F(DeadlineTest, NestedOnesKeepApart) {
  auto nested = [this]() -> Awaitable<void> {
    Deadline outer(set_, from_now(1h));
    auto inner = by(from_now(5ms), 1h);
    finished_ = co_await finish_by(outer, std::move(inner));
  };
  run(io_, nested());
  EXPECT_TRUE(finished_);
  EXPECT_TRUE(expired_);
  EXPECT_FALSE(result_);
}

}  // namespace
}  // namespace ballast
