#include "hub/upload.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "hub/content_id.h"
#include "tests/hub/sending.h"

namespace ballast::hub {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;

using UploadTest = SendingTest;

TEST(ContentIdTest, NeverChanges) {
  // In every hub there is: other values would be other things.
  EXPECT_EQ(vcenter_id("", "https://esx.example.org/sdk"), 6745756885016332804);
  EXPECT_EQ(host_id(7, "host-1"), 8431425883031750664);
  ContentId id("outcome");
  id.add(std::int64_t{-1});
  id.add("words");
  id.add_null();
  EXPECT_EQ(id.value(), 5983802994434262816);
}

TEST(ContentIdTest, TellsTextsNumbersAndNothingApart) {
  const auto of = [](auto... values) {
    ContentId id("t");
    (id.add(values), ...);
    return id.value();
  };
  EXPECT_NE(of("ab", "c"), of("a", "bc"));
  EXPECT_NE(of("", "a"), of("a", ""));
  EXPECT_NE(of(std::int64_t{1}), of("1"));
  ContentId nothing("t");
  nothing.add_null();
  EXPECT_NE(nothing.value(), of(std::int64_t{0}));
  EXPECT_NE(host_id(1, "group-1"), pool_id(1, "group-1"));
  EXPECT_NE(host_id(1, "host-1"), host_id(2, "host-1"));
}

TEST_F(UploadTest, EveryRowArrives) {
  const auto first = write_fleet(*store_, {1, hours_ago(30)});
  const auto second = write_fleet(*store_, {2, hours_ago(30) + minutes(20), 50, 5});
  const auto third = write_fleet(*store_, {3, hours_ago(4), 60, 0, model::ScanStatus::kPartial});
  sure(store_->roll_up());
  auto sending = sender();
  for (const auto scan : {first, second, third}) {
    const auto sent = sure(sending.send_scan(scan));
    EXPECT_EQ(sent.sent, Sent::kNow);
    EXPECT_EQ(sent.scan_id, scan);
    EXPECT_GT(sent.rows, 40);
  }
  const auto periods = sure(sending.send_periods(third));
  EXPECT_GE(periods.sent, 1);
  EXPECT_EQ(periods.waiting + periods.built, 0);
  EXPECT_EQ(sure(sending.send_periods(third)).sent, 0) << "they are there";
  for (const char* table : {"sample", "guest_sample", "suspect", "trend", "host_sample",
                            "pool_sample", "vm_hour", "host_hour", "rollup"}) {
    EXPECT_GT(count(table), 0) << table;
  }
  expect_same_rows(path_);
}

TEST_F(UploadTest, ThingsHaveTheOrderInWhichTheyBecameKnown) {
  sure(sender().send_scan(write_fleet(*store_, {1, hours_ago(4)})));
  const auto rows = sure(
      boss_.query("asking",
                  "SELECT string_agg(moref, ' ' ORDER BY seq), string_agg(moref, ' ' ORDER BY id) "
                  "FROM ballast.vm"));
  std::string in_file;
  for (int vm = 0; vm < 40; ++vm) in_file += fmt::format("{}vm-{}", vm > 0 ? " " : "", 1000 + vm);
  EXPECT_EQ(rows.text(0, 0), in_file);
  EXPECT_NE(rows.text(0, 1), in_file);
}

TEST_F(UploadTest, SentTwiceIsOnce) {
  const auto scan = write_fleet(*store_, {1, hours_ago(4)});
  auto sending = sender();
  sure(sending.send_scan(scan));
  const auto again = sure(sending.send_scan(scan));
  EXPECT_EQ(again.sent, Sent::kBefore);
  EXPECT_EQ(again.scan_id, scan);
  EXPECT_EQ(sure(sender("another").send_scan(scan)).sent, Sent::kBefore);
  expect_same_rows(path_);
}

TEST_F(UploadTest, WhatDidNotChangeIsNotSentAgain) {
  auto sending = sender();
  sure(sending.send_scan(write_fleet(*store_, {1, hours_ago(4)})));
  const auto states = count("vm_state");
  const auto change = ask_text(boss_, "SELECT string_agg(xmin::text, '') FROM ballast.vm");
  sure(sending.send_scan(write_fleet(*store_, {2, hours_ago(3)})));
  sure(sender("afresh").send_scan(write_fleet(*store_, {3, hours_ago(2)})));
  EXPECT_LE(count("vm_state"), states + 4) << "a few VMs move";
  EXPECT_EQ(ask_text(boss_, "SELECT string_agg(xmin::text, '') FROM ballast.vm"), change);
  expect_same_rows(path_);
}

TEST_F(UploadTest, TwoCollectorsOfOneVcenterMeetInTheHub) {
  const std::string other_path = folder_.path("other.db");
  auto other = sure(storage::Store::open(other_path));
  // Begun in the same second; the other file knows the VMs by other numbers, and some that this one
  // does not.
  const auto mine = write_fleet(*store_, {1, hours_ago(4), 40});
  write_fleet(*other, {7, hours_ago(5), 10, 25});
  const auto theirs = write_fleet(*other, {1, hours_ago(4), 40, 10});
  ASSERT_EQ(mine, theirs);
  auto my_sender = sender();
  auto their_sender = sender_of(other_path, "two");
  sure(my_sender.send_scan(mine));
  const auto sent = sure(their_sender.send_scan(theirs));
  EXPECT_EQ(sent.scan_id, mine + 1) << "the number is taken";
  const auto later = write_fleet(*store_, {2, hours_ago(3), 45});
  sure(my_sender.send_scan(later));
  EXPECT_EQ(count("vcenter"), 1);
  EXPECT_EQ(count("vm"), 50);
  EXPECT_EQ(count("sample"), 125);
  EXPECT_EQ(ask(boss_, "SELECT count(DISTINCT moref) FROM ballast.vm"), 50);
  // What both saw of a VM is the same state.
  EXPECT_EQ(
      ask(boss_, fmt::format("SELECT count(*) FROM ballast.sample AS a JOIN ballast.sample AS b "
                             "USING (vcenter_id, vm_id, vm_state_id, outcome_id, balloon_kib) "
                             "WHERE a.scan_id = {} AND b.scan_id = {}",
                             mine, mine + 1)),
      30);
  EXPECT_EQ(ask_text(boss_, "SELECT string_agg(collector, ' ' ORDER BY id) FROM ballast.scan"),
            "one two one");
}

TEST_F(UploadTest, AVmKeepsItsIdWhenItsInstanceUuidIsTold) {
  const auto without = [](model::JudgedGuest& result) { result.vm.instance_uuid.clear(); };
  auto sending = sender();
  sure(sending.send_scan(write_fleet(
      *store_,
      {1, hours_ago(4), 3, 0, model::ScanStatus::kComplete, {}, "https://esx/sdk", without})));
  const auto ids = ask_text(boss_, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM ballast.vm");
  sure(sending.send_scan(write_fleet(
      *store_, {2, hours_ago(3), 3, 0, model::ScanStatus::kComplete, {}, "https://esx/sdk"})));
  EXPECT_EQ(ask_text(boss_, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM ballast.vm"), ids);
  EXPECT_EQ(ask(boss_, "SELECT count(*) FROM ballast.vm WHERE instance_uuid <> ''"), 3);
  // Another collector, whose file never saw them without, means the same VMs; and so does one whose
  // file never saw them with.
  const std::string named = folder_.path("named.db");
  auto store = sure(storage::Store::open(named));
  const auto scan = write_fleet(
      *store, {3, hours_ago(2), 3, 0, model::ScanStatus::kComplete, {}, "https://esx/sdk"});
  sure(sender_of(named, "two").send_scan(scan));
  const std::string unnamed = folder_.path("unnamed.db");
  store = sure(storage::Store::open(unnamed));
  const auto last = write_fleet(
      *store,
      {4, hours_ago(1), 3, 0, model::ScanStatus::kComplete, {}, "https://esx/sdk", without});
  sure(sender_of(unnamed, "three").send_scan(last));
  EXPECT_EQ(ask_text(boss_, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM ballast.vm"), ids);
  EXPECT_EQ(ask(boss_, "SELECT count(*) FROM ballast.vm WHERE instance_uuid <> ''"), 3);
  EXPECT_EQ(count("sample"), 12);
}

TEST_F(UploadTest, NamesAreThoseOfTheNewestScan) {
  const auto called = [](const std::string& name) {
    return [name](model::JudgedGuest& result) { result.vm.name = name; };
  };
  const auto complete = model::ScanStatus::kComplete;
  const auto about = bench::Fleet::about();
  const std::string url = "https://vcenter.example.org/sdk";
  const std::string old_path = folder_.path("old.db");
  auto old = sure(storage::Store::open(old_path));
  const auto older =
      write_fleet(*old, {1, hours_ago(9), 2, 0, complete, about, url, called("old")});
  auto sending = sender();
  sure(sending.send_scan(
      write_fleet(*store_, {1, hours_ago(4), 1, 0, complete, about, url, called("first")})));
  sure(sending.send_scan(
      write_fleet(*store_, {2, hours_ago(3), 1, 0, complete, about, url, called("now")})));
  sure(sender_of(old_path, "two").send_scan(older));
  EXPECT_EQ(ask_text(boss_, "SELECT string_agg(name, ' ' ORDER BY seq) FROM ballast.vm"),
            "now old");
  sure(sending.send_scan(
      write_fleet(*store_, {3, hours_ago(2), 2, 0, complete, about, url, called("newest")})));
  EXPECT_EQ(ask_text(boss_, "SELECT string_agg(name, ' ' ORDER BY seq) FROM ballast.vm"),
            "newest newest");
}

TEST_F(UploadTest, AVmThatIsNotInTheScanKeepsTheNameThatOthersTold) {
  const auto called = [](const std::string& name) {
    return [name](model::JudgedGuest& result) { result.vm.name = name + result.vm.moref; };
  };
  FleetScan scan{1, hours_ago(6), 2};
  scan.change = called("old-");
  auto sending = sender();
  sure(sending.send_scan(write_fleet(*store_, scan)));
  const std::string other_path = folder_.path("other.db");
  auto other = sure(storage::Store::open(other_path));
  scan = {2, hours_ago(5), 2};
  scan.change = called("new-");
  sure(sender_of(other_path, "two").send_scan(write_fleet(*other, scan)));
  scan = {3, hours_ago(4), 1};
  scan.change = called("newest-");
  sure(sending.send_scan(write_fleet(*store_, scan)));
  EXPECT_EQ(ask_text(boss_, "SELECT string_agg(name, ' ' ORDER BY seq) FROM ballast.vm"),
            "newest-vm-1000 new-vm-1001");
}

TEST_F(UploadTest, AFailedScanIsItsRowAloneAndBelongsToTheVcenterOnceThatIsKnown) {
  const auto fail_scan = [&](int ago) {
    const auto scan =
        sure(store_->begin_scan({"prod", "https://vcenter.example.org/sdk", hours_ago(ago)}));
    sure(store_->finish_scan(
        scan, {model::ScanStatus::kFailed, hours_ago(ago) + minutes(1), "no route"}));
    return scan;
  };
  auto sending = sender();
  sure(sending.send_scan(fail_scan(6)));
  sure(sending.send_scan(fail_scan(5)));
  EXPECT_EQ(count("vcenter"), 0);
  EXPECT_EQ(ask(boss_, "SELECT count(*) FROM ballast.scan WHERE error = 'no route'"), 2);
  const auto scan = write_fleet(*store_, {1, hours_ago(4)});
  sure(sending.send_scan(scan));
  EXPECT_EQ(ask(boss_,
                "SELECT count(*) FROM ballast.scan JOIN ballast.vcenter ON vcenter.id = "
                "vcenter_id"),
            3);
  sure(sending.send_scan(fail_scan(3)));
  expect_same_rows(path_);
}

TEST_F(UploadTest, TextsThatPostgresqlDoesNotTakeAreMended) {
  const auto odd = [](model::JudgedGuest& result) {
    result.vm.name = std::string("a\0b\xff", 4);
    result.detail = std::string("\0", 1);
  };
  sure(sender().send_scan(write_fleet(*store_, {1, hours_ago(4), 2, 0, model::ScanStatus::kComplete,
                                                bench::Fleet::about(), "https://v/sdk", odd})));
  EXPECT_EQ(ask_text(boss_, "SELECT min(name) FROM ballast.vm"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
}

TEST_F(UploadTest, AScanOfTheFutureIsRefused) {
  const auto scan = write_fleet(*store_, {1, now_utc() + minutes(9)});
  const auto refused = sender().send_scan(scan);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("min in the future of the hub's clock"));
  EXPECT_FALSE(is_worth_retrying(refused.error()));
}

TEST_F(UploadTest, AScanThatIsOlderThanTheHubKeepsIsLeftOut) {
  tell(boss_, "UPDATE ballast.hub SET raw_days = 3");
  const auto sent = sure(sender().send_scan(write_fleet(*store_, {1, hours_ago(73)})));
  EXPECT_EQ(sent.sent, Sent::kExpired);
  EXPECT_EQ(count("scan"), 0);
}

TEST_F(UploadTest, WhatIsDamagedInTheFileIsNotSent) {
  const auto scan = write_fleet(*store_, {1, hours_ago(4)});
  storage::run_sql(path_, "PRAGMA wal_checkpoint(TRUNCATE)");
  const auto expect_refused = [&](const std::string& sql, const std::string& words) {
    storage::run_sql(path_, sql);
    const auto refused = sender().send_scan(scan);
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().code, ErrorCode::kStorage);
    EXPECT_THAT(refused.error().message, HasSubstr(words));
    EXPECT_EQ(count("scan"), 0);
    EXPECT_EQ(count("sample"), 0);
    EXPECT_EQ(count("vm"), 0);
  };
  EXPECT_FALSE(sender().send_scan(scan + 1));
  expect_refused("UPDATE sample SET balloon_kib = balloon_kib + 1 WHERE vm_id = 7",
                 "row of sample");
  storage::run_sql(path_, "UPDATE sample SET balloon_kib = balloon_kib - 1 WHERE vm_id = 7");
  expect_refused("UPDATE guest_state SET cpus = 9 WHERE id = 3", "row of guest_state");
  storage::run_sql(path_, "UPDATE guest_state SET cpus = 4 WHERE id = 3");
  // Each row that is missing is missed.
  storage::write_file(path_ + ".whole", storage::read_file(path_));
  for (const char* table :
       {"sample", "guest_sample", "suspect", "trend", "host_sample", "pool_sample"}) {
    SCOPED_TRACE(table);
    store_.reset();
    storage::write_file(path_, storage::read_file(path_ + ".whole"));
    const std::string key = std::string_view(table) == "host_sample"   ? "host_id"
                            : std::string_view(table) == "pool_sample" ? "pool_id"
                                                                       : "vm_id";
    expect_refused(
        fmt::format("DELETE FROM {0} WHERE {1} = (SELECT max({1}) FROM {0})", table, key),
        "damaged (scan ");
  }
}

TEST_F(UploadTest, ARowOfTheHubThatWasChangedIsSeen) {
  sure(sender().send_scan(write_fleet(*store_, {1, hours_ago(4)})));
  tell(boss_, "UPDATE ballast.outcome SET detail = detail || '!'");
  const auto refused = sender().send_scan(write_fleet(*store_, {2, hours_ago(3)}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("of outcome has another content"));
  EXPECT_EQ(count("scan"), 1);
}

TEST_F(UploadTest, AHubWithoutRoomTakesNothingAndAllOfItLater) {
  const auto scan = write_fleet(*store_, {1, hours_ago(4)});
  tell(boss_,
       "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
       "'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;"
       "CREATE TRIGGER no_room AFTER INSERT ON ballast.trend EXECUTE FUNCTION no_room()");
  auto sending = sender();
  const auto refused = sending.send_scan(scan);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(is_worth_retrying(refused.error()));
  EXPECT_THAT(refused.error().sentence(), HasSubstr("make room on the hub's disk"));
  EXPECT_EQ(count("sample"), 0);
  tell(boss_, "DROP TRIGGER no_room ON ballast.trend");
  EXPECT_EQ(sure(sending.send_scan(scan)).sent, Sent::kNow) << "over the same connection";
  expect_same_rows(path_);
}

TEST_F(UploadTest, APeriodIsSentAgainWhenAScanOfItCameLate) {
  const auto first = write_fleet(*store_, {1, hours_ago(5)});
  const auto late = write_fleet(*store_, {2, hours_ago(5) + minutes(30)});
  const auto last = write_fleet(*store_, {3, hours_ago(3)});
  auto sending = sender();
  sure(sending.send_scan(first));
  sure(sending.send_scan(last));
  sure(store_->roll_up());
  const auto early = sure(sending.send_periods(last));
  EXPECT_GE(early.waiting, 1) << "one scan of it waits";
  EXPECT_EQ(count("vm_hour"), 0);
  sure(sending.send_scan(late));
  const auto sent = sure(sending.send_periods(last));
  EXPECT_GE(sent.sent, 1);
  EXPECT_EQ(sent.built, 0);
  EXPECT_EQ(ask(boss_, "SELECT max(samples) FROM ballast.vm_hour"), 2);
  expect_same_rows(path_);
  // Another collector's scan of that hour takes the hour back; then the hub builds it.
  const std::string other = folder_.path("other.db");
  auto store = sure(storage::Store::open(other));
  const auto theirs = write_fleet(*store, {4, hours_ago(5) + minutes(45)});
  sure(sender_of(other, "two").send_scan(theirs));
  const std::string hour = fmt::format(
      "SELECT coalesce(max(samples), 0) FROM ballast.vm_hour "
      "WHERE start_ms = {}",
      hours_ago(5).time_since_epoch().count());
  EXPECT_EQ(ask(boss_, hour), 0);
  EXPECT_GE(sure(sending.send_periods(last)).built, 1);
  EXPECT_EQ(ask(boss_, hour), 3);
}

TEST_F(UploadTest, TheHubBuildsHoursAndDaysAsCollectorsDo) {
  // Figures that are told by some, by none, below zero, and means that end in a half.
  const auto vary = [](model::JudgedGuest& result) {
    const std::int64_t number = std::stoll(result.vm.moref.substr(3));
    if (number % 4 == 1) result.vm.stats.balloon_kib.reset();
    if (number % 4 == 2) result.vm.stats.swapped_kib = number;
    if (result.guest && number % 3 == 0) {
      result.judgement.difference_kib = -number;
      result.judgement.verdict = model::Verdict::kExcess;
      result.judgement.leak = model::Leak{number, 1, 2, UtcTime{}};
    }
    if (number % 11 == 0) result.vm.configured_kib.reset();
    if (number % 13 == 0) result.vm.host_moref.clear();
    if (number >= 1032) result.vm.stats.consumed_kib.reset();  // all of a host's
  };
  std::int64_t last = 0;
  auto sending = sender();
  for (int scan = 0; scan < 27; ++scan) {
    FleetScan fleet{scan, hours_ago(60) + minutes(scan * 7), 48, scan % 3};
    fleet.change = vary;
    sure(sending.send_scan(write_fleet(*store_, fleet)));
  }
  last = write_fleet(*store_, {99, hours_ago(3)});
  sure(sending.send_scan(last));
  // In its file nothing is rolled up, so all is left to the hub.
  const auto built = sure(sending.send_periods(last));
  EXPECT_GE(built.built, 5);
  EXPECT_EQ(built.sent, 0);
  sure(store_->roll_up());
  expect_same_rows(path_);
}

}  // namespace
}  // namespace ballast::hub
