#include "hub/lease.h"

#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/hub/sending.h"

namespace ballast::hub {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class LeaseTest : public SendingTest {
 protected:
  using Keys = std::vector<std::string>;

  // One turn, over a connection of the collector's own; returns the keys it has.
  Keys turn(const std::string& holder, const Keys& keys, const Keys& busy = {}) {
    auto hub = connections_.find(holder);
    if (hub == connections_.end()) {
      hub = connections_.emplace(holder, connect(cluster_, "writer")).first;
    }
    Keys has;
    for (const Lease& lease : sure(take_turn(hub->second, holder, keys, busy))) {
      has.push_back(lease.vcenter_key);
      epochs_[{holder, lease.vcenter_key}] = lease.epoch;
    }
    return has;
  }
  std::int64_t epoch(const std::string& holder, const std::string& key) {
    return epochs_.at({holder, key});
  }
  // As if the time of all that this collector has, and its own, were over.
  void let_die(const std::string& holder) {
    tell(boss_, fmt::format("UPDATE ballast.lease SET expires_at = now() - interval '1 s' "
                            "WHERE holder = '{0}'; UPDATE ballast.wish SET expires_at = now() - "
                            "interval '1 s' WHERE holder = '{0}'",
                            holder));
  }

  std::map<std::string, Connection> connections_;
  std::map<std::pair<std::string, std::string>, std::int64_t> epochs_;
};

TEST_F(LeaseTest, OneCollectorHasEverything) {
  EXPECT_THAT(turn("a", {"v1", "v2", "v3"}), ElementsAre("v1", "v2", "v3"));
  EXPECT_EQ(epoch("a", "v1"), 1);
  EXPECT_THAT(turn("a", {"v1", "v2", "v3"}), ElementsAre("v1", "v2", "v3"));
  EXPECT_EQ(epoch("a", "v1"), 1) << "a renewal is no new holder";
}

TEST_F(LeaseTest, NobodyHasWhatAnotherHas) {
  turn("a", {"v1", "v2", "v3", "v4"});
  EXPECT_THAT(turn("b", {"v1", "v2", "v3", "v4"}), IsEmpty()) << "nothing is free yet";
  EXPECT_THAT(turn("a", {"v1", "v2", "v3", "v4"}), SizeIs(2)) << "somebody waits for the rest";
  EXPECT_THAT(turn("b", {"v1", "v2", "v3", "v4"}), SizeIs(2));
  std::set<std::string> all;
  for (const auto& key : turn("a", {"v1", "v2", "v3", "v4"})) all.insert(key);
  for (const auto& key : turn("b", {"v1", "v2", "v3", "v4"})) all.insert(key);
  EXPECT_THAT(all, SizeIs(4));
}

TEST_F(LeaseTest, SharesAreRoundedUp) {
  const Keys keys = {"v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10"};
  for (int round = 0; round < 3; ++round) {
    for (const char* holder : {"a", "b", "c"}) turn(holder, keys);
  }
  const auto a = turn("a", keys);
  const auto b = turn("b", keys);
  const auto c = turn("c", keys);
  EXPECT_EQ(a.size() + b.size() + c.size(), 10);
  EXPECT_THAT((std::vector{a.size(), b.size(), c.size()}), UnorderedElementsAre(4, 4, 2));
  for (const char* holder : {"a", "b", "c"}) turn(holder, keys);
  EXPECT_EQ(turn("a", keys), a) << "and nothing moves any more";
}

TEST_F(LeaseTest, WhatIsBeingScannedIsNotGivenBack) {
  const Keys keys = {"v1", "v2"};
  turn("a", keys);
  turn("b", keys);
  EXPECT_THAT(turn("a", keys, keys), SizeIs(2));
  EXPECT_THAT(turn("b", keys), IsEmpty());
  EXPECT_THAT(turn("a", keys, {"v1"}), ElementsAre("v1"));
  EXPECT_THAT(turn("b", keys), ElementsAre("v2"));
}

TEST_F(LeaseTest, ACollectorThatDiedIsReplacedUnderALaterEpoch) {
  const Keys keys = {"v1", "v2"};
  turn("a", keys);
  turn("b", keys);
  let_die("a");
  EXPECT_THAT(turn("b", keys), ElementsAre("v1", "v2"));
  EXPECT_EQ(epoch("b", "v1"), 2);
  EXPECT_THAT(turn("a", keys), IsEmpty()) << "it is not its any more";
  turn("b", keys);
  EXPECT_THAT(turn("a", keys), SizeIs(1));
  EXPECT_EQ(epochs_.at({"a", turn("a", keys).front()}), 3);
}

TEST_F(LeaseTest, ALeaseThatRanOutAndNobodyTookIsKept) {
  turn("a", {"v1"});
  let_die("a");
  EXPECT_THAT(turn("a", {"v1"}), ElementsAre("v1"));
  EXPECT_EQ(epoch("a", "v1"), 1);
}

TEST_F(LeaseTest, WhatOnlyOneCanScanItScansBeyondItsShare) {
  EXPECT_THAT(turn("small", {"v1"}), ElementsAre("v1"));
  const Keys keys = {"v1", "v2", "v3", "v4", "v5"};
  EXPECT_THAT(turn("large", keys), ElementsAre("v2", "v3", "v4", "v5"));
  EXPECT_THAT(turn("small", {"v1"}), ElementsAre("v1"));
  EXPECT_THAT(turn("large", keys), ElementsAre("v2", "v3", "v4", "v5"));
  EXPECT_EQ(epoch("large", "v5"), 1) << "nothing went back and forth";
}

TEST_F(LeaseTest, WhatIsGivenBackOrNoLongerConfiguredIsFreeAtOnce) {
  turn("a", {"v1", "v2"});
  EXPECT_THAT(turn("a", {"v2"}), ElementsAre("v2"));
  EXPECT_THAT(turn("b", {"v1"}), ElementsAre("v1"));
  sure(give_back(writer_, "a"));
  EXPECT_THAT(turn("c", {"v2"}), ElementsAre("v2"));
}

TEST_F(LeaseTest, AnybodyCanSeeWhoScansWhat) {
  turn("a", {"v1", "v2"});
  turn("a", {"v2"});
  auto reader = connect(cluster_, "reader");
  auto holders = sure(lease_holders(reader));
  ASSERT_THAT(holders, SizeIs(2));
  EXPECT_EQ(holders[0].holder, "");
  EXPECT_EQ(holders[1].holder, "a");
  EXPECT_EQ(holders[1].epoch, 1);
  EXPECT_GT(holders[1].left, kLeaseTime / 2);
  let_die("a");
  EXPECT_LT(sure(lease_holders(reader))[1].left.count(), 0);
}

TEST_F(LeaseTest, ManyAtOnceNeverHaveTheSame) {
  Keys keys;
  for (int i = 0; i < 30; ++i) keys.push_back(fmt::format("https://v{}.example.org/sdk", i));
  std::vector<std::thread> collectors;
  std::array<Keys, 4> has;
  for (std::size_t i = 0; i < has.size(); ++i) {
    collectors.emplace_back([&, i] {
      auto hub = connect(cluster_, "writer");
      for (int round = 0; round < 20; ++round) {
        has[i].clear();
        for (const Lease& lease : sure(take_turn(hub, fmt::format("c{}", i), keys, {}))) {
          has[i].push_back(lease.vcenter_key);
        }
      }
    });
  }
  for (auto& collector : collectors) collector.join();
  EXPECT_EQ(ask(boss_, "SELECT count(*) FROM ballast.lease WHERE expires_at > now()"), 30);
  EXPECT_EQ(ask(boss_,
                "SELECT count(*) FROM (SELECT 1 FROM ballast.lease_epoch GROUP BY "
                "vcenter_key, epoch HAVING count(*) > 1) AS twice"),
            0);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < has.size(); ++i) has[i] = turn(fmt::format("c{}", i), keys);
  }
  std::set<std::string> all;
  for (const Keys& some : has) {
    EXPECT_LE(some.size(), 8);
    for (const auto& key : some) EXPECT_TRUE(all.insert(key).second) << key;
  }
  EXPECT_THAT(all, SizeIs(30));
}

TEST_F(LeaseTest, AScanThatEndedAfterATakeoverIsRefused) {
  const std::string url = "https://vcenter.example.org/sdk";
  turn("a", {url});
  const Lease lease{url, epoch("a", url)};
  const auto before = write_fleet(*store_, {1, now_utc() - minutes(20)});
  let_die("a");
  turn("b", {url});
  // It ends four minutes after its start.
  const auto after = write_fleet(*store_, {2, now_utc() - minutes(2)});
  auto sending = sender("a");
  const auto refused = sending.send_scan(after, lease);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  EXPECT_FALSE(is_worth_retrying(refused.error()));
  EXPECT_THAT(refused.error().message, HasSubstr("ended after collector b had taken over"));
  EXPECT_EQ(sure(sending.send_scan(before, lease)).sent, Sent::kNow)
      << "it was complete before, however late it comes";
  EXPECT_EQ(sure(sender("b").send_scan(after, Lease{url, epoch("b", url)})).sent, Sent::kNow);
}

TEST_F(LeaseTest, AReleasedLeaseThatNobodyTookRefusesNothing) {
  const std::string url = "https://vcenter.example.org/sdk";
  turn("a", {url});
  const Lease lease{url, epoch("a", url)};
  sure(give_back(writer_, "a"));
  EXPECT_EQ(
      sure(sender("a").send_scan(write_fleet(*store_, {1, now_utc() - minutes(2)}), lease)).sent,
      Sent::kNow);
}

}  // namespace
}  // namespace ballast::hub
