#include "vsphere/http/name_lookup.h"

#include <future>
#include <memory>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/deadline.h"

namespace ballast::vsphere {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A name server that says nothing until it is told to, or nobody needs it any more.
class SilentServer {
 public:
  ~SilentServer() { answer(); }
  auto function() {
    return [gate = gate_, ended = ended_](const std::string&, std::uint16_t port) {
      gate.wait();
      ++*ended;
      Lookup found;
      found.second.emplace_back(asio::ip::address_v4::loopback(), port);
      return found;
    };
  }
  void answer() {
    if (!std::exchange(answered_, true)) open_.set_value();
  }
  void wait_for_ends(int count) const {
    while (*ended_ < count) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(20ms);  // what they still do with nobody waiting
  }

 private:
  std::promise<void> open_;
  std::shared_future<void> gate_{open_.get_future()};
  std::shared_ptr<std::atomic<int>> ended_ = std::make_shared<std::atomic<int>>(0);
  bool answered_ = false;
};

Lookup quick(const std::string&, std::uint16_t port) {
  Lookup found;
  found.second.emplace_back(asio::ip::address_v4::loopback(), port);
  return found;
}

Awaitable<void> keep(Awaitable<Lookup> lookup, std::optional<Lookup>& outcome) {
  outcome = co_await std::move(lookup);
}

TEST(NameLookup, OneThatHangsDelaysNoOther) {
  SilentServer silent;
  asio::io_context io;
  std::optional<Lookup> slow;
  std::optional<Lookup> fast;
  asio::co_spawn(io, keep(look_up("slow.example", 443, silent.function()), slow), asio::detached);
  asio::co_spawn(io, keep(look_up("fast.example", 443, quick), fast), asio::detached);
  while (!fast && io.run_one_for(10s) > 0) {
  }
  ASSERT_TRUE(fast);
  EXPECT_EQ(fast->second.size(), 1u);
  EXPECT_FALSE(slow);
  silent.answer();
  io.run();
  ASSERT_TRUE(slow) << "and it still gets its answer";
  EXPECT_EQ(slow->second.size(), 1u);
}

Awaitable<void> give_up_soon(Awaitable<Lookup> lookup, bool& expired) {
  const auto deadline = std::chrono::steady_clock::now() + 20ms;
  expired = !(co_await finish_by(deadline, std::move(lookup))).has_value();
}

TEST(NameLookup, OneThatIsLeftBehindHoldsNothingUp) {
  SilentServer silent;
  bool expired = false;
  {
    asio::io_context io;
    asio::co_spawn(io, give_up_soon(look_up("vc.example", 443, silent.function()), expired),
                   asio::detached);
    io.run();
    EXPECT_TRUE(expired) << "run() returns while the lookup still hangs";
  }
  silent.answer();  // finds nobody, and touches nothing that is gone
  silent.wait_for_ends(1);
}

TEST(NameLookup, MayOutliveAnIoContextThatIsDestroyedWhileItWaits) {
  SilentServer silent;
  {
    asio::io_context io;
    std::optional<Lookup> never;
    asio::co_spawn(io, keep(look_up("vc.example", 443, silent.function()), never), asio::detached);
    io.poll();
  }
  silent.answer();
  silent.wait_for_ends(1);
}

TEST(NameLookup, TooManyAtOnceAreRefusedAndNotQueued) {
  constexpr int kTooMany = 40;
  SilentServer silent;
  asio::io_context io;
  std::vector<std::optional<Lookup>> outcomes(kTooMany);
  for (auto& outcome : outcomes) {
    asio::co_spawn(io, keep(look_up("vc.example", 443, silent.function()), outcome),
                   asio::detached);
  }
  io.poll();
  const auto refused = std::count_if(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
    return outcome && outcome->first == boost::system::errc::resource_unavailable_try_again;
  });
  EXPECT_EQ(refused, kTooMany - 32) << "threads must not grow without bound";
  silent.answer();
  io.run();
  silent.wait_for_ends(32);
  std::optional<Lookup> later;
  io.restart();
  asio::co_spawn(io, keep(look_up("vc.example", 443, quick), later), asio::detached);
  io.run();
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->first) << "there is room again";
}

TEST(NameLookup, KnowsLocalhostAndSaysWhatIsUnknown) {
  EXPECT_FALSE(look_up_blocking("localhost", 443).second.empty());
  const auto unknown = look_up_blocking("no-such-host.invalid", 443);
  EXPECT_TRUE(unknown.first);
  EXPECT_TRUE(unknown.second.empty());
}

}  // namespace
}  // namespace ballast::vsphere
