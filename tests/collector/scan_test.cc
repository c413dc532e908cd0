#include "collector/scan.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/fakes.h"

namespace ballast::collector {
namespace {

using model::ScanStatus;
using model::UnknownReason;
using model::VmView;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

VmView vm_on(const std::string& host, int number) {
  VmView vm;
  vm.moref = "vm-" + std::to_string(number);
  vm.name = "web-" + std::to_string(number);
  vm.instance_uuid = "uuid-" + std::to_string(number);
  vm.host_moref = host;
  vm.power = model::PowerState::kPoweredOn;
  vm.guest_family = "linuxGuest";
  vm.stats.balloon_kib = 0;
  return vm;
}

class FakeVcenter : public Vcenter {
 public:
  std::chrono::milliseconds clock_ahead{0};
  bool hides_pools = false;
  bool hides_counters = false;
  bool hangs_at_counters = false;
  std::vector<std::size_t> counter_calls;  // how many VMs each asked for
  testing::FakeGuests inside;
  std::vector<std::vector<VmView>> pages;
  std::optional<Error> connect_error;
  std::optional<std::size_t> fails_at_page;
  std::optional<std::size_t> hangs_at_page;
  std::size_t pages_given = 0;
  int open_listings = 0;
  bool logged_in = false;

  Awaitable<Result<model::VcenterAbout>> connect() override {
    if (connect_error) co_return fail(*connect_error);
    logged_in = true;
    co_return model::VcenterAbout{"vc-uuid", "Fake vCenter", "8.0"};
  }
  Awaitable<void> disconnect() override {
    logged_in = false;
    co_return;
  }
  Awaitable<Result<std::vector<model::Host>>> hosts() override {
    co_return std::vector<model::Host>{{"host-1", "esx1", "c", "d", {}, {}, "AA", {}}};
  }
  Awaitable<Result<UtcTime>> current_time() override { co_return now_utc() + clock_ahead; }
  Awaitable<Result<std::map<std::string, std::int64_t>>> host_memory_states(
      std::vector<std::string> hosts_asked) override {
    std::map<std::string, std::int64_t> states;
    for (const auto& host : hosts_asked) states.emplace(host, 2);
    co_return states;
  }
  Awaitable<Result<std::vector<model::ResourcePool>>> resource_pools() override {
    if (hides_pools) co_return fail(ErrorCode::kPermission, "vc: NoPermission");
    co_return std::vector<model::ResourcePool>{{"resgroup-1", "Resources", "", {}, {}}};
  }
  Awaitable<Result<std::vector<model::BalloonCounters>>> balloon_counters(
      std::vector<std::string> vms, std::chrono::seconds) override {
    counter_calls.push_back(vms.size());
    if (hangs_at_counters) co_await sleep_for(1h);
    if (hides_counters) co_return fail(ErrorCode::kPermission, "vc: NoPermission");
    std::vector<model::BalloonCounters> answer;
    for (auto& vm : vms) {
      // It grew from 100 to 104 MiB around now, by vCenter's clock.
      const UtcTime now = now_utc() + clock_ahead;
      answer.push_back({std::move(vm), {}, {}});
      auto& samples = answer.back().balloon;
      for (auto ago = 3590s; ago > 0s; ago -= 20s) samples.push_back({now - ago, 102'400});
      samples.push_back({now + 10s, 106'496});
    }
    co_return answer;
  }
  Awaitable<Result<std::unique_ptr<VmPages>>> list_vms() override {
    ++open_listings;
    std::unique_ptr<VmPages> listing = std::make_unique<Pages>(*this);
    co_return Result<std::unique_ptr<VmPages>>(std::move(listing));
  }
  GuestOperations& guests() override { return inside; }

 private:
  class Pages : public VmPages {
   public:
    explicit Pages(FakeVcenter& owner) : owner_(owner) {}
    Awaitable<Result<std::vector<VmView>>> next() override {
      co_await sleep_for(1ms);
      if (owner_.hangs_at_page == owner_.pages_given) co_await sleep_for(1h);
      if (owner_.fails_at_page == owner_.pages_given) {
        co_return fail(ErrorCode::kProtocol, "vc: the answer ended early");
      }
      if (owner_.pages_given == owner_.pages.size()) co_return std::vector<VmView>();
      co_return owner_.pages[owner_.pages_given++];
    }
    Awaitable<void> close() override {
      --owner_.open_listings;
      co_return;
    }

   private:
    FakeVcenter& owner_;
  };
};

class FakeStore : public SampleStore {
 public:
  std::map<std::string, model::VmResult> results;  // by moref
  std::vector<std::size_t> batches;
  std::vector<model::Host> hosts;
  std::vector<model::ResourcePool> pools;
  std::map<std::string, std::vector<model::HistoryPoint>> history;  // by moref
  bool forgets = false;
  std::optional<ScanEnd> end;
  std::optional<std::size_t> fails_at_batch;
  bool refuses_to_begin = false;

  Awaitable<Result<ScanId>> begin_scan(ScanStart) override {
    if (refuses_to_begin) co_return fail(ErrorCode::kStorage, "disk full");
    co_return ScanId{7};
  }
  Awaitable<Result<void>> write_vcenter(ScanId, model::VcenterAbout) override {
    co_return Result<void>();
  }
  Awaitable<Result<void>> write_hosts(ScanId, std::vector<model::Host> written) override {
    hosts = std::move(written);
    co_return Result<void>();
  }
  Awaitable<Result<void>> write_pools(ScanId, std::vector<model::ResourcePool> written) override {
    pools = std::move(written);
    co_return Result<void>();
  }
  Awaitable<Result<std::vector<model::HistoryPoint>>> guest_history(ScanId, GuestKey guest,
                                                                    std::size_t) override {
    if (forgets) co_return fail(ErrorCode::kStorage, "disk full");
    co_return history[guest.moref];
  }
  Awaitable<Result<void>> write_results(ScanId, std::vector<model::VmResult> batch) override {
    co_await sleep_for(1ms);
    if (fails_at_batch == batches.size()) co_return fail(ErrorCode::kStorage, "disk full");
    batches.push_back(batch.size());
    for (auto& result : batch) results.insert_or_assign(result.vm.moref, std::move(result));
    co_return Result<void>();
  }
  Awaitable<Result<void>> finish_scan(ScanId, ScanEnd scan_end) override {
    end = std::move(scan_end);
    co_return Result<void>();
  }
};

class CountingObserver : public ScanObserver {
 public:
  std::size_t probes = 0;
  std::size_t ended = 0;
  std::size_t results = 0;
  void on_phase(const std::string&, const std::string&) override {}
  void on_vms_listed(const std::string&, std::size_t) override {}
  void on_probe_started(const std::string&) override { ++probes; }
  void on_probe_ended(const std::string&) override { ++ended; }
  void on_result(const std::string&, const model::VmResult&) override { ++results; }
};

// A scan of fakes: change what should go wrong, then run().
class ScanTest : public ::testing::Test {
 protected:
  ScanTest() {
    options.vcenter_name = "vc";
    options.selection.logins.push_back({"*", false, {"probe", Secret("pw")}});
    options.probe.first_poll = 1ms;
    options.probe.longest_poll = 1ms;
    options.batch = 4;
    vcenter.inside.output = "not what a probe prints";
  }

  void add_page(int first, int count) {
    std::vector<VmView> page;
    for (int i = first; i < first + count; ++i) page.push_back(vm_on("host-1", i));
    vcenter.pages.push_back(std::move(page));
  }

  ScanSummary run() {
    Scan scan(io.get_executor(), vcenter, store, observer, options);
    return testing::run(io, scan.run());
  }

  void expect_nothing_left() {
    EXPECT_FALSE(vcenter.logged_in) << "the session must be logged out";
    EXPECT_EQ(vcenter.open_listings, 0) << "the view must be destroyed";
    EXPECT_TRUE(vcenter.inside.files.empty()) << "no file may be left in a guest";
    EXPECT_TRUE(vcenter.inside.running.empty()) << "no program may be left in a guest";
  }

  boost::asio::io_context io;
  FakeVcenter vcenter;
  FakeStore store;
  CountingObserver observer;
  ScanOptions options;
};

TEST_F(ScanTest, StoresAResultForEveryVmListed) {
  for (int page = 0; page < 5; ++page) add_page(page * 10, 10);
  vcenter.pages[2][3].power = model::PowerState::kPoweredOff;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kComplete);
  EXPECT_EQ(store.results.size(), 50u);
  EXPECT_EQ(summary.listed, 50u);
  EXPECT_EQ(observer.probes, 49u);
  EXPECT_EQ(observer.ended, 49u);
  EXPECT_EQ(observer.results, 50u);
  EXPECT_EQ(store.results.at("vm-23").judgement.reason, UnknownReason::kPoweredOff);
  EXPECT_EQ(store.results.at("vm-24").judgement.reason, UnknownReason::kOutputUnreadable)
      << "what the guest printed was no probe output";
  EXPECT_EQ(store.end->status, ScanStatus::kComplete);
  EXPECT_TRUE(std::all_of(store.batches.begin(), store.batches.end() - 1, [](std::size_t size) {
    return size >= 4;
  })) << "results must be written in batches";
  expect_nothing_left();
}

// What the probe printed in a clean guest.
std::string clean_output() {
  std::ostringstream text;
  text << std::ifstream(BALLAST_TEST_DATA "/probe/idle_clean.txt").rdbuf();
  return text.str();
}

TEST_F(ScanTest, KeepsWhatSurroundsTheVms) {
  add_page(1, 1);
  run();
  ASSERT_EQ(store.hosts.size(), 1U);
  EXPECT_EQ(store.hosts[0].memory_state, 2);
  ASSERT_EQ(store.pools.size(), 1U);
  EXPECT_EQ(store.pools[0].moref, "resgroup-1");
}

TEST_F(ScanTest, DoesWithoutResourcePools) {
  add_page(1, 1);
  vcenter.hides_pools = true;
  EXPECT_EQ(run().status, ScanStatus::kComplete) << "pools serve causes only";
  EXPECT_TRUE(store.pools.empty());
}

TEST_F(ScanTest, AsksForTheCountersOfBalloonedGuestsTogether) {
  add_page(1, 150);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.polled_at = now_utc();
  for (std::size_t i = 0; i < 100; ++i) vcenter.pages[0][i].stats.balloon_kib = 102'400;
  for (std::size_t i = 100; i < 150; ++i) vcenter.pages[0][i].stats.balloon_kib = 0;
  const auto summary = run();
  EXPECT_EQ(summary.guests_read, 150U);
  EXPECT_EQ(store.results.size(), 150U) << "no guest may be lost on the way to its counters";
  EXPECT_EQ(vcenter.counter_calls, (std::vector<std::size_t>{64, 36}))
      << "guests without a balloon need none";
  const auto& judgement = store.results.at("vm-1").judgement;
  ASSERT_TRUE(judgement.bracket);
  EXPECT_EQ(judgement.bracket->high_kib, 106'496);
  EXPECT_FALSE(store.results.at("vm-150").judgement.bracket);
}

TEST_F(ScanTest, CountersAreLookedUpByVcentersClock) {
  add_page(1, 1);
  vcenter.inside.output = clean_output();
  vcenter.pages[0][0].stats.balloon_kib = 102'400;
  vcenter.pages[0][0].polled_at = now_utc();
  vcenter.clock_ahead = -48h;
  run();
  EXPECT_TRUE(store.results.at("vm-1").judgement.bracket)
      << "a clock that is two days late must not put the counters out of reach";
}

TEST_F(ScanTest, CountersTellOfAGuestThatWasReadHoursAfterThePoll) {
  add_page(1, 1);
  vcenter.inside.output = clean_output();
  vcenter.pages[0][0].stats.balloon_kib = 512'000;
  vcenter.pages[0][0].polled_at = now_utc() - 3h;
  run();
  const auto& judgement = store.results.at("vm-1").judgement;
  ASSERT_TRUE(judgement.bracket) << "they are kept for an hour, and the last hour is what matters";
  ASSERT_FALSE(judgement.tolerance.empty());
  EXPECT_EQ(judgement.tolerance.back().name, "skew");
  EXPECT_EQ(judgement.tolerance.back().kib, 512'000 - 102'400);
}

TEST_F(ScanTest, AsksForCountersBeforeTheyAreForgotten) {
  add_page(1, 20);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.stats.balloon_kib = 102'400;
  options.longest_gathering = 0ms;
  EXPECT_EQ(run().guests_read, 20U);
  EXPECT_EQ(vcenter.counter_calls.size(), 20U) << "few guests do not wait for many";
}

TEST_F(ScanTest, JudgesWithoutCountersWhereThereAreNone) {
  add_page(1, 70);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.stats.balloon_kib = 102'400;
  vcenter.hides_counters = true;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kComplete);
  EXPECT_EQ(summary.guests_read, 70U);
  EXPECT_EQ(store.results.at("vm-70").judgement.verdict, model::Verdict::kHidden);
}

TEST_F(ScanTest, LearnsTheBaselineFromTheGuestsHistory) {
  add_page(1, 1);
  vcenter.inside.output = clean_output();
  vcenter.pages[0][0].stats.balloon_kib = 0;
  run();
  const auto first = store.results.at("vm-1");
  ASSERT_EQ(first.judgement.baseline.samples, 0);
  const auto& reading = first.guest->reading;
  const auto& account = first.guest->account;
  for (int i = 5; i > 0; --i) {
    model::HistoryPoint point;
    point.read_at = first.guest->read_at - i * 1h;
    point.epoch = model::guest_epoch(reading.boot_id, reading.kernel_release, account.mem_total_kib,
                                     account.missing);
    point.balloon_kib = 0;
    point.unaccounted_kib = account.unaccounted_kib + i;
    store.history["vm-1"].push_back(point);
  }
  io.restart();
  vcenter.pages_given = 0;
  run();
  const auto& learned = store.results.at("vm-1").judgement.baseline;
  EXPECT_EQ(learned.samples, 5);
  EXPECT_EQ(learned.kib, account.unaccounted_kib + 3);
}

TEST_F(ScanTest, JudgesByThePriorWhereTheHistoryCannotBeRead) {
  add_page(1, 1);
  vcenter.inside.output = clean_output();
  vcenter.pages[0][0].stats.balloon_kib = 0;
  store.forgets = true;
  EXPECT_EQ(run().guests_read, 1U);
  EXPECT_EQ(store.results.at("vm-1").judgement.verdict, model::Verdict::kClean);
}

TEST_F(ScanTest, ReadsAndJudgesAGuest) {
  add_page(1, 1);
  vcenter.pages[0][0].stats.balloon_kib = 0;
  vcenter.inside.output = clean_output();
  const auto summary = run();
  EXPECT_EQ(summary.guests_read, 1u) << store.results.at("vm-1").detail;
  EXPECT_EQ(store.results.at("vm-1").judgement.verdict, model::Verdict::kClean);
  EXPECT_TRUE(store.results.at("vm-1").guest);
}

TEST_F(ScanTest, ProbesWhilePagesStillArriveWithinTheLimits) {
  options.concurrency = 3;
  add_page(0, 20);
  vcenter.hangs_at_page = 1;
  boost::asio::io_context::work guard(io);
  Scan scan(io.get_executor(), vcenter, store, observer, options);
  std::optional<ScanSummary> summary;
  boost::asio::co_spawn(io, scan.run(), [&](std::exception_ptr, ScanSummary s) { summary = s; });
  while (observer.results < 20) {
    ASSERT_TRUE(io.run_one_for(5s)) << "probes must not wait for the end of the listing";
    ASSERT_LE(vcenter.inside.running.size(), 3u);
  }
  scan.stop();
  while (!summary) ASSERT_TRUE(io.run_one_for(5s));
  EXPECT_EQ(summary->status, ScanStatus::kPartial) << "stopped before the end of the listing";
  expect_nothing_left();
}

TEST_F(ScanTest, ListingCutShortKeepsWhatCameBefore) {
  add_page(0, 10);
  add_page(10, 10);
  vcenter.fails_at_page = 1;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kPartial);
  EXPECT_THAT(summary.error->message, HasSubstr("ended early"));
  EXPECT_EQ(store.results.size(), 10u);
  EXPECT_THAT(store.end->error, HasSubstr("ended early"));
  expect_nothing_left();
}

TEST_F(ScanTest, UnreachableVcenterIsAFailedScan) {
  vcenter.connect_error = Error{ErrorCode::kUnreachable, "vc: connection refused", "", ""};
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kFailed);
  EXPECT_EQ(store.end->status, ScanStatus::kFailed);
  EXPECT_THAT(store.end->error, HasSubstr("connection refused"));
  expect_nothing_left();
}

TEST_F(ScanTest, StoreThatBreaksEndsTheScan) {
  for (int page = 0; page < 5; ++page) add_page(page * 10, 10);
  store.fails_at_batch = 1;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kFailed);
  EXPECT_EQ(summary.error->message, "disk full");
  expect_nothing_left();
}

TEST_F(ScanTest, StoreThatCannotBeginEndsItBeforeAnyLogin) {
  store.refuses_to_begin = true;
  add_page(0, 1);
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kFailed);
  EXPECT_FALSE(summary.scan);
  EXPECT_EQ(vcenter.pages_given, 0u);
}

TEST_F(ScanTest, EmptyVcenterIsComplete) { EXPECT_EQ(run().status, ScanStatus::kComplete); }

TEST_F(ScanTest, StopCleansUpAndTellsTheRestApart) {
  options.concurrency = 2;
  add_page(0, 10);
  vcenter.inside.polls_until_end = 1'000'000;
  Scan scan(io.get_executor(), vcenter, store, observer, options);
  std::optional<ScanSummary> summary;
  boost::asio::co_spawn(io, scan.run(), [&](std::exception_ptr, ScanSummary s) { summary = s; });
  while (vcenter.inside.running.size() < 2) ASSERT_TRUE(io.run_one_for(5s));
  scan.stop();
  while (!summary) ASSERT_TRUE(io.run_one_for(5s));
  EXPECT_EQ(summary->status, ScanStatus::kPartial);
  EXPECT_EQ(summary->reasons[UnknownReason::kCancelled], 10u);
  EXPECT_EQ(store.results.size(), 10u) << "the hypervisor's figures are kept all the same";
  expect_nothing_left();
}

TEST_F(ScanTest, StopWaitsForCountersUntilTheirDeadlineOnly) {
  options.concurrency = 1;
  add_page(1, 3);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.stats.balloon_kib = 102'400;
  vcenter.hangs_at_counters = true;
  options.counters_deadline = 50ms;
  Scan scan(io.get_executor(), vcenter, store, observer, options);
  std::optional<ScanSummary> summary;
  boost::asio::co_spawn(io, scan.run(), [&](std::exception_ptr, ScanSummary s) { summary = s; });
  while (vcenter.counter_calls.empty()) ASSERT_TRUE(io.run_one_for(5s));
  scan.stop();
  while (!summary) ASSERT_TRUE(io.run_one_for(5s)) << "who stops a scan does not wait an hour";
  EXPECT_EQ(store.results.size(), 3U) << "what was read is kept";
  EXPECT_EQ(summary->guests_read, 3U);
  expect_nothing_left();
}

}  // namespace
}  // namespace ballast::collector
