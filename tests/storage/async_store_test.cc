// A store as scans of several vCenters share it: every call on its thread, in order.
#include "storage/async_store.h"

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;
using ::testing::SizeIs;

// What a task saw of the store.
struct Seen {
  ScanId scan = 0;
  std::vector<std::thread::id> threads;
};

Awaitable<void> scan_into(AsyncStore& store, std::string vcenter, int vm, Seen& seen) {
  ScanStart start{vcenter, "https://" + vcenter + ".example.org/sdk", kStart};
  const auto scan = co_await store.begin_scan(std::move(start));
  seen.threads.push_back(std::this_thread::get_id());
  seen.scan = must(scan);
  auto about = make_about(vcenter);
  must(co_await store.write_vcenter(seen.scan, std::move(about)));
  std::vector<model::Host> hosts(1, make_host(1));
  must(co_await store.write_hosts(seen.scan, std::move(hosts)));
  std::vector<model::JudgedGuest> results(1, make_result(vm));
  must(co_await store.write_results(seen.scan, std::move(results)));
  ScanEnd end{model::ScanStatus::kComplete, kStart, ""};
  must(co_await store.finish_scan(seen.scan, std::move(end)));
  seen.threads.push_back(std::this_thread::get_id());
}

class AsyncStoreTest : public ::testing::Test {
 protected:
  void spawn(Awaitable<void> task) {
    boost::asio::co_spawn(io_, std::move(task), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }

  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));
  AsyncStore async_{*store_};
  boost::asio::io_context io_;
};

TEST_F(AsyncStoreTest, ScansOfTwoVcentersShareIt) {
  Seen lab;
  Seen prod;
  spawn(scan_into(async_, "lab", 1, lab));
  spawn(scan_into(async_, "prod", 2, prod));
  io_.run();
  EXPECT_NE(lab.scan, prod.scan);
  EXPECT_THAT(names_in(dir_.path(), lab.scan), ElementsAre(make_vm(1).name));
  EXPECT_THAT(names_in(dir_.path(), prod.scan), ElementsAre(make_vm(2).name));
  const auto here = std::this_thread::get_id();
  EXPECT_THAT(lab.threads, ElementsAre(here, here)) << "the caller goes on where it was";
}

Awaitable<void> look_back(AsyncStore& store, std::optional<UtcTime>& last,
                          std::vector<model::HistoryPoint>& history) {
  last = must(co_await store.last_start("lab"));
  ScanStart start{"lab", "https://lab.example.org/sdk", kStart + std::chrono::hours(1)};
  const ScanId scan = must(co_await store.begin_scan(std::move(start)));
  auto about = make_about();
  must(co_await store.write_vcenter(scan, std::move(about)));
  GuestKey guest{make_vm(1).instance_uuid, make_vm(1).moref};
  history = must(co_await store.guest_history(scan, std::move(guest), 10));
}

TEST_F(AsyncStoreTest, GivesWhatEarlierScansFound) {
  write_scan(*store_, {make_result(1)});
  std::optional<UtcTime> last;
  std::vector<model::HistoryPoint> history;
  spawn(look_back(async_, last, history));
  io_.run();
  EXPECT_THAT(last, Optional(Eq(kStart)));
  EXPECT_THAT(history, SizeIs(1));
}

Awaitable<void> begin_twice(AsyncStore& store, std::optional<ErrorCode>& code) {
  ScanStart start{"lab", "https://lab.example.org/sdk", kStart};
  const auto first = co_await store.begin_scan(start);
  const auto second = co_await store.begin_scan(std::move(start));
  if (first && !second) code = second.error().code;
}

TEST_F(AsyncStoreTest, HandsErrorsOn) {
  std::optional<ErrorCode> code;
  spawn(begin_twice(async_, code));
  io_.run();
  EXPECT_THAT(code, Optional(ErrorCode::kBusy));
}

}  // namespace
}  // namespace ballast::storage
