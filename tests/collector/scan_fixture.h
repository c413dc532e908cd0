// A scan of fakes: change what should go wrong, then run().
#pragma once

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "collector/scan.h"
#include "tests/collector/fakes.h"

namespace ballast::collector::testing {

using model::ScanStatus;
using model::UnknownReason;
using model::VmView;
using namespace std::chrono_literals;

inline VmView vm_on(const std::string& host, int number) {
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

// Tags by category; ids are the names.
class FakeTagging : public Tagging {
 public:
  std::map<std::string, std::map<std::string, std::vector<std::string>>> known;
  std::vector<std::string> log;
  std::optional<Error> error;

  Awaitable<Result<std::vector<TagName>>> categories() override {
    log.emplace_back("categories");
    if (error) co_return fail(*error);
    std::vector<TagName> out;
    for (const auto& [category, tags] : known) out.push_back({category, category});
    co_return out;
  }
  Awaitable<Result<std::vector<TagName>>> tags(std::string category) override {
    log.push_back("tags of " + category);
    std::vector<TagName> out;
    for (const auto& [tag, vms] : known[category]) out.push_back({category + "/" + tag, tag});
    co_return out;
  }
  Awaitable<Result<std::vector<std::string>>> vms(std::string tag) override {
    log.push_back("VMs of " + tag);
    const auto slash = tag.find('/');
    co_return known[tag.substr(0, slash)][tag.substr(slash + 1)];
  }
  Awaitable<void> close() override {
    log.emplace_back("close");
    co_return;
  }
};

class FakeVcenter : public Vcenter {
 public:
  std::chrono::milliseconds clock_ahead{0};
  bool hides_pools = false;
  bool hides_guestinfo = false;
  bool hangs_at_guestinfo = false;
  std::optional<std::size_t> throws_at_page;  // counted from 0
  bool throws_at_close = false;
  bool throws_at_disconnect = false;
  bool hides_counters = false;
  bool hangs_at_counters = false;
  bool hangs_at_connect = false;
  bool hangs_at_close = false;
  bool hangs_at_disconnect = false;
  bool hangs_at_time = false;
  std::vector<model::Folder> known_folders;
  std::vector<model::Folder> known_vapps;
  FakeTagging tags;
  std::optional<Error> folders_error;
  int folder_calls = 0;
  int time_calls = 0;
  std::optional<std::chrono::steady_clock::time_point> hurried;
  std::vector<std::size_t> counter_calls;  // how many VMs each asked for
  FakeGuests inside;
  std::vector<std::vector<VmView>> pages;
  std::optional<Error> connect_error;
  std::optional<std::size_t> fails_at_page;
  std::optional<std::size_t> hangs_at_page;
  std::size_t pages_given = 0;
  int open_listings = 0;
  bool logged_in = false;
  bool is_esxi = false;

  Awaitable<Result<model::VcenterAbout>> connect() override {
    if (hangs_at_connect) co_await sleep_for(1h);
    if (connect_error) co_return fail(*connect_error);
    logged_in = true;
    co_return model::VcenterAbout{is_esxi ? "" : "vc-uuid", "Fake vCenter", "8.0"};
  }
  Awaitable<void> disconnect() override {
    if (hangs_at_disconnect) co_await sleep_for(1h);
    if (throws_at_disconnect) throw std::runtime_error("out of goodbyes");
    logged_in = false;
  }
  Awaitable<Result<std::vector<model::Host>>> hosts() override {
    co_return std::vector<model::Host>{{"host-1", "esx1", "c", "d", {}, {}, "AA", {}}};
  }
  Awaitable<Result<UtcTime>> current_time() override {
    if (++time_calls > 1 && hangs_at_time) co_await sleep_for(1h);
    co_return now_utc() + clock_ahead;
  }
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
  Awaitable<Result<std::map<std::string, std::string>>> guestinfo(std::vector<std::string> vms,
                                                                  std::string key) override {
    guestinfo_calls.push_back(vms.size());
    if (hangs_at_guestinfo) co_await sleep_for(1h);
    if (hides_guestinfo) co_return fail(ErrorCode::kTimeout, "vc: no answer in time");
    std::map<std::string, std::string> texts;
    for (const auto& vm : vms) {
      if (told.contains(vm + " " + key)) texts.emplace(vm, told.at(vm + " " + key));
    }
    co_return texts;
  }
  std::map<std::string, std::string> told;  // by "moref key"
  std::vector<std::size_t> guestinfo_calls;
  Awaitable<Result<std::unique_ptr<VmPages>>> list_vms() override {
    ++open_listings;
    std::unique_ptr<VmPages> listing = std::make_unique<Pages>(*this);
    co_return Result<std::unique_ptr<VmPages>>(std::move(listing));
  }
  std::uint64_t answered = 0;
  [[nodiscard]] std::uint64_t answers() const override { return answered; }
  void hurry(std::chrono::steady_clock::time_point deadline) override { hurried = deadline; }
  Awaitable<Result<std::vector<model::Folder>>> folders() override {
    ++folder_calls;
    if (folders_error) co_return fail(*folders_error);
    co_return known_folders;
  }
  GuestOperations& guests() override { return inside; }
  Awaitable<Result<std::vector<model::Folder>>> vapps() override { co_return known_vapps; }
  Tagging& tagging() override { return tags; }

 private:
  class Pages : public VmPages {
   public:
    explicit Pages(FakeVcenter& owner) : owner_(owner) {}
    Awaitable<Result<std::vector<VmView>>> next() override {
      co_await sleep_for(1ms);
      if (owner_.hangs_at_page == owner_.pages_given) co_await sleep_for(1h);
      if (owner_.throws_at_page == owner_.pages_given) throw std::runtime_error("out of paper");
      if (owner_.fails_at_page == owner_.pages_given) {
        co_return fail(ErrorCode::kProtocol, "vc: the answer ended early");
      }
      if (owner_.pages_given == owner_.pages.size()) co_return std::vector<VmView>();
      co_return owner_.pages[owner_.pages_given++];
    }
    Awaitable<void> close() override {
      if (owner_.hangs_at_close) co_await sleep_for(1h);
      if (owner_.throws_at_close) throw std::runtime_error("out of order");
      --owner_.open_listings;
      co_return;
    }

   private:
    FakeVcenter& owner_;
  };
};

class FakeStore : public SampleStore {
 public:
  std::map<std::string, model::JudgedGuest> results;  // by moref
  std::vector<std::size_t> batches;
  std::vector<model::Host> hosts;
  std::vector<model::ResourcePool> pools;
  std::map<std::string, std::vector<model::HistoryPoint>> history;  // by moref
  bool forgets = false;
  std::optional<ScanEnd> end;
  std::optional<std::size_t> fails_at_batch;
  bool refuses_to_begin = false;
  bool throws_at_begin = false;
  bool throws_at_results = false;
  bool throws_at_finish = false;
  bool fails_at_records = false;
  std::vector<model::GuestRecord> records;
  std::optional<UtcTime> records_since;
  std::vector<model::LoginSetback> setbacks;
  std::vector<model::LoginSetback> setbacks_written;
  bool overlapped = false;  // two writes at once

  std::optional<ScanStart> start;
  Awaitable<Result<ScanId>> begin_scan(ScanStart given) override {
    start = std::move(given);
    if (throws_at_begin) throw std::runtime_error("no pen");
    if (refuses_to_begin) co_return fail(ErrorCode::kStorage, "disk full");
    co_return ScanId{7};
  }
  Awaitable<Status> write_vcenter(ScanId, model::VcenterAbout) override { co_return Status(); }
  Awaitable<Status> write_hosts(ScanId, std::vector<model::Host> written) override {
    hosts = std::move(written);
    co_return Status();
  }
  Awaitable<Status> write_pools(ScanId, std::vector<model::ResourcePool> written) override {
    pools = std::move(written);
    co_return Status();
  }
  Awaitable<Result<std::vector<model::HistoryPoint>>> guest_history(ScanId, GuestKey guest,
                                                                    std::size_t) override {
    if (forgets) co_return fail(ErrorCode::kStorage, "disk full");
    co_return history[guest.moref];
  }
  Awaitable<Result<std::vector<model::GuestRecord>>> guest_records(ScanId, UtcTime since) override {
    records_since = since;
    if (fails_at_records) co_return fail(ErrorCode::kStorage, "disk full");
    co_return records;
  }
  Awaitable<Result<std::vector<model::LoginSetback>>> login_setbacks(ScanId) override {
    co_return setbacks;
  }
  Awaitable<Status> write_login_setback(ScanId, model::LoginSetback setback) override {
    const Busy busy(*this);
    co_await sleep_for(1ms);
    setbacks_written.push_back(setback);
    co_return Status();
  }
  Awaitable<Status> write_results(ScanId, std::vector<model::JudgedGuest> batch) override {
    const Busy busy(*this);
    co_await sleep_for(1ms);
    if (fails_at_batch == batches.size()) co_return fail(ErrorCode::kStorage, "disk full");
    if (throws_at_results) throw std::runtime_error("no ink");
    batches.push_back(batch.size());
    for (auto& result : batch) results.insert_or_assign(result.vm.moref, std::move(result));
    co_return Status();
  }
  Awaitable<Status> finish_scan(ScanId, ScanEnd scan_end) override {
    if (throws_at_finish) throw std::runtime_error("no stamp");
    end = std::move(scan_end);
    co_return Status();
  }

 private:
  class Busy {
   public:
    explicit Busy(FakeStore& store) : store_(store) {
      if (store_.writing_++ > 0) store_.overlapped = true;
    }
    ~Busy() { --store_.writing_; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    FakeStore& store_;
  };
  int writing_ = 0;
};

class CountingObserver : public ScanObserver {
 public:
  std::size_t probes = 0;
  std::size_t ended = 0;
  std::size_t results = 0;
  void on_phase(const std::string&, const std::string&) override {}
  void on_vms_listed(const std::string&, std::size_t) override {}
  std::size_t most_at_once = 0;
  void on_probe_started(const std::string&) override {
    ++probes;
    most_at_once = std::max(most_at_once, probes - ended);
  }
  void on_probe_ended(const std::string&) override { ++ended; }
  void on_result(const std::string&, const model::JudgedGuest&) override { ++results; }
};

// A scan of fakes: change what should go wrong, then run().
class ScanTest : public ::testing::Test {
 protected:
  ScanTest() {
    options.vcenter_name = "vc";
    options.selection.logins.push_back({{"*"}, false, {"probe", Secret("pw")}});
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

  // These guests were read by an earlier scan, so that they need not wait for others.
  void were_read(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      store.records.push_back({"uuid-" + std::to_string(i), "vm-" + std::to_string(i), 1,
                               now_utc() - 1h, std::nullopt, 1});
    }
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

// What the probe printed in a clean guest.
inline std::string clean_output() {
  std::ostringstream text;
  text << std::ifstream(BALLAST_TEST_DATA "/probe/idle_clean.txt").rdbuf();
  return text.str();
}

}  // namespace ballast::collector::testing
