#include "base/async.h"

#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thrown.h"
#include "tests/base/run.h"

namespace ballast {
namespace {

using ::testing::HasSubstr;
using testing::run;

namespace asio = boost::asio;
using namespace std::chrono_literals;

Awaitable<void> wait_long_then_clean_up(bool* cleaned) {
  std::exception_ptr error;
  try {
    co_await sleep_for(1h);
  } catch (...) {
    error = std::current_exception();
  }
  co_await shield_from_cancellation();
  co_await sleep_for(1ms);  // would throw again without the shield
  *cleaned = is_cancellation(error);
}

Awaitable<void> cancel_and_join(TaskGroup* group) {
  group->cancel();
  co_await group->join();
}

TEST(TaskGroup, CancelEndsWaitsAndLetsCleanUpFinish) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  bool first = false;
  bool second = false;
  group.spawn(wait_long_then_clean_up(&first));
  group.spawn(wait_long_then_clean_up(&second));
  io.poll();
  run(io, cancel_and_join(&group));
  EXPECT_TRUE(first && second) << "a cancelled task must be able to clean up before join returns";
  EXPECT_EQ(group.running(), 0u);
}

TEST(TaskGroup, TaskSpawnedAfterCancelIsCancelledToo) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  group.cancel();
  bool cleaned = false;
  group.spawn(wait_long_then_clean_up(&cleaned));
  run(io, cancel_and_join(&group));
  EXPECT_TRUE(cleaned);
}

Awaitable<void> throw_runtime_error() {
  co_await sleep_for(1ms);
  throw std::runtime_error("a bug");
}

Awaitable<void> join_only(TaskGroup* group) { co_await group->join(); }

TEST(TaskGroup, JoinRethrowsWhatATaskThrew) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  group.spawn(throw_runtime_error());
  EXPECT_THROW(run(io, join_only(&group)), std::runtime_error);
}

Awaitable<void> throw_after(std::chrono::milliseconds wait, std::string text) {
  co_await sleep_for(wait);
  throw std::runtime_error(text);
}

TEST(TaskGroup, JoinTellsWhatEachTaskThrew) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  group.spawn(throw_after(1ms, "out of paper"));
  group.spawn(throw_after(2ms, "out of ink"));
  for (int i = 0; i < 10; ++i) group.spawn(throw_after(3ms, "out of time"));
  try {
    run(io, join_only(&group));
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("out of paper; and: out of ink; and: out of time"));
    EXPECT_THAT(error.what(), HasSubstr("; and 4 more"));
  }
  EXPECT_NO_THROW(run(io, join_only(&group))) << "it is thrown once";
}

TEST(TaskGroup, AnExceptionThatATaskThrowsWhileItIsCancelledIsToldAsWell) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  bool cleaned = false;
  group.spawn(wait_long_then_clean_up(&cleaned));
  group.spawn(throw_after(0ms, "a bug"));
  io.run_one();
  EXPECT_THROW(run(io, cancel_and_join(&group)), std::runtime_error);
  EXPECT_TRUE(cleaned);
}

std::exception_ptr exception(const std::string& text) {
  return std::make_exception_ptr(std::runtime_error(text));
}

TEST(Thrown, ACancellationIsThrownWhereNothingElseWas) {
  const auto cancelled =
      std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
  Thrown thrown;
  EXPECT_NO_THROW(thrown.rethrow());
  thrown.add(nullptr);
  thrown.add(cancelled);
  EXPECT_THROW(thrown.rethrow(), boost::system::system_error);
  thrown.add(cancelled);
  thrown.add(exception("a bug"));
  EXPECT_THROW(thrown.rethrow(), std::runtime_error);
  EXPECT_NO_THROW(thrown.rethrow());
}

TEST(TaskGroup, JoinOfAnEmptyGroupReturns) {
  asio::io_context io;
  TaskGroup group(io.get_executor());
  run(io, join_only(&group));
  EXPECT_EQ(group.running(), 0u);
}

struct Gauge {
  int now = 0;
  int peak = 0;
  std::vector<int> order;
};

Awaitable<void> hold_permit(Semaphore* semaphore, Gauge* gauge, int id) {
  auto permit = co_await semaphore->acquire();
  gauge->order.push_back(id);
  gauge->peak = std::max(gauge->peak, ++gauge->now);
  co_await sleep_for(1ms);
  --gauge->now;
}

TEST(Semaphore, NeverMoreThanItsPermitsAndFirstComeFirstServed) {
  asio::io_context io;
  Semaphore semaphore(io.get_executor(), 3);
  TaskGroup group(io.get_executor());
  Gauge gauge;
  for (int id = 0; id < 20; ++id) group.spawn(hold_permit(&semaphore, &gauge, id));
  run(io, join_only(&group));
  EXPECT_EQ(gauge.peak, 3);
  EXPECT_TRUE(std::is_sorted(gauge.order.begin(), gauge.order.end()));
  EXPECT_EQ(semaphore.available(), 3u) << "every permit must come back";
}

Awaitable<void> hold_forever(Semaphore* semaphore) {
  auto permit = co_await semaphore->acquire();
  co_await sleep_for(1h);
}

TEST(Semaphore, CancelledHolderAndWaiterReturnTheirPermits) {
  asio::io_context io;
  Semaphore semaphore(io.get_executor(), 1);
  TaskGroup group(io.get_executor());
  group.spawn(hold_forever(&semaphore));
  group.spawn(hold_forever(&semaphore));
  io.poll();
  EXPECT_EQ(semaphore.available(), 0u);
  run(io, cancel_and_join(&group));
  EXPECT_EQ(semaphore.available(), 1u);
}

Awaitable<void> record_threads(asio::thread_pool* pool, std::vector<std::thread::id>* ids) {
  ids->push_back(std::this_thread::get_id());
  auto job = [] { return std::this_thread::get_id(); };
  ids->push_back(co_await run_on(*pool, job));
  ids->push_back(std::this_thread::get_id());
}

TEST(RunOn, JobRunsOnThePoolAndTheCallerResumesOnItsOwnThread) {
  asio::io_context io;
  asio::thread_pool pool(1);
  std::vector<std::thread::id> ids;
  run(io, record_threads(&pool, &ids));
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_EQ(ids[0], ids[2]);
}

Awaitable<void> work_on_pool(asio::thread_pool* pool, int* done) {
  auto job = [] { return 1; };
  for (int i = 0; i < 3; ++i) *done += co_await run_on(*pool, job);
}

Awaitable<void> cancel_in_the_middle(TaskGroup* group) {
  co_await asio::post(asio::use_awaitable);
  group->cancel();
  co_await group->join();
}

// What it shows it shows under the thread sanitizer: cancelling and the job's end meet on two
// threads.
TEST(RunOn, ATaskMayBeCancelledWhileItsJobRuns) {
  asio::thread_pool pool(2);
  int done = 0;
  for (int round = 0; round < 300; ++round) {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    for (int i = 0; i < 4; ++i) group.spawn(work_on_pool(&pool, &done));
    asio::co_spawn(io, cancel_in_the_middle(&group), asio::detached);
    io.run();
    EXPECT_EQ(group.running(), 0u);
  }
  pool.join();
  EXPECT_GT(done, 0);
}

}  // namespace
}  // namespace ballast
