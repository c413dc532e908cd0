// What is remembered of guests and logins that fail, and of guests that were read.
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using std::chrono::hours;
using ::testing::HasSubstr;

model::Setback refused(int failures) {
  return {model::UnknownReason::kInvalidGuestLogin, failures, kStart + hours(failures),
          kStart + hours(10 * failures), "ballast"};
}

model::JudgedGuest failing(int number, int failures) {
  auto result = make_unread(number, model::UnknownReason::kInvalidGuestLogin, "refused");
  result.setback = refused(failures);
  return result;
}

model::JudgedGuest off(int number) {
  return make_unread(number, model::UnknownReason::kPoweredOff);
}

void expect_refused(const std::optional<model::Setback>& setback, int failures) {
  ASSERT_TRUE(setback);
  EXPECT_EQ(setback->reason, model::UnknownReason::kInvalidGuestLogin);
  EXPECT_EQ(setback->failures, failures);
  EXPECT_EQ(setback->last_try, kStart + hours(failures));
  EXPECT_EQ(setback->next_try, kStart + hours(10 * failures));
  EXPECT_EQ(setback->username, "ballast");
}

class SetbackTest : public ::testing::Test {
 protected:
  // By moref, as a scan that begins now would get them.
  std::map<std::string, model::GuestRecord> records(UtcTime since = {},
                                                    const std::string& vcenter = "lab") {
    const ScanId scan = begin(*store_, vcenter, make_about(vcenter), kStart + hours(1000));
    std::map<std::string, model::GuestRecord> by_moref;
    for (auto& record : must(store_->guest_records(scan, since))) {
      EXPECT_TRUE(by_moref.emplace(record.moref, record).second) << "twice: " << record.moref;
    }
    must(store_->finish_scan(scan, {ScanStatus::kFailed, kStart, "only looked"}));
    return by_moref;
  }
  ScanId scan(const std::vector<model::JudgedGuest>& results, UtcTime start = kStart,
              ScanStatus status = ScanStatus::kComplete, const std::string& vcenter = "lab") {
    return write_scan(*store_, results, status, vcenter, make_about(vcenter), start);
  }

  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));
};

TEST_F(SetbackTest, ASetbackIsRememberedUntilTheGuestIsRead) {
  scan({failing(1, 1), failing(2, 2), make_result(3)});
  auto known = records(kStart + hours(500));
  ASSERT_EQ(known.size(), 2U) << "a guest that was read has none";
  expect_refused(known["vm-1"].setback, 1);
  expect_refused(known["vm-2"].setback, 2);
  EXPECT_EQ(known["vm-1"].instance_uuid, make_vm(1).instance_uuid);
  EXPECT_EQ(known["vm-1"].reads, 0U);
  EXPECT_FALSE(known["vm-1"].last_read);

  scan({failing(1, 3), make_result(2), off(3)});
  known = records(kStart + hours(500));
  ASSERT_EQ(known.size(), 1U) << "vm-2 was read";
  expect_refused(known["vm-1"].setback, 3);
}

TEST_F(SetbackTest, AResultThatTellsNothingLeavesItAlone) {
  scan({failing(1, 2)});
  scan({off(1)});
  scan({make_unread(1, model::UnknownReason::kNotSelected)});
  scan({});
  expect_refused(records()["vm-1"].setback, 2);
}

TEST_F(SetbackTest, ItOutlivesTheScanThatFailsAndTheOneThatIsGivenUp) {
  scan({failing(1, 2)}, kStart, ScanStatus::kFailed);
  expect_refused(records()["vm-1"].setback, 2);
  must(store_->write_results(begin(*store_, "lab", make_about("lab")),
                             {failing(2, 4), make_result(1)}));
  store_.reset();
  store_ = must(Store::open(dir_.path()));
  const auto known = records();
  ASSERT_EQ(known.size(), 1U) << "vm-1 was read, though its scan was lost: it is well again";
  expect_refused(known.at("vm-2").setback, 4);
  EXPECT_TRUE(must(check_database(dir_.path())).ok);
}

TEST_F(SetbackTest, ItOutlivesPruning) {
  scan({failing(1, 2)});
  for (int day = 1; day < 5; ++day) scan({}, kStart + hours(24 * day));
  must(store_->maintain({hours(24), hours(24), hours(24)}, kStart + hours(24 * 5)));
  ASSERT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM scan WHERE id = 1790000000"), 0);
  expect_refused(records()["vm-1"].setback, 2);
}

TEST_F(SetbackTest, AfterAFailedWriteItIsAsBefore) {
  scan({failing(1, 2)});
  const ScanId now = begin(*store_, "lab", make_about("lab"));
  run_sql(dir_.path(),
          "CREATE TRIGGER stop BEFORE INSERT ON sample WHEN (SELECT count(*) FROM sample) > 1 "
          "BEGIN SELECT raise(ABORT, 'no'); END");
  EXPECT_FALSE(store_->write_results(now, {make_result(1), make_result(2)}));
  run_sql(dir_.path(), "DROP TRIGGER stop");
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM guest_setback"), 1);
  must(store_->write_results(now, {make_result(1), make_result(2)}));
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM guest_setback"), 0)
      << "a store that believes the failed write would not delete it again";
}

TEST_F(SetbackTest, WhatAnotherProcessRememberedIsForgottenAsWell) {
  scan({make_result(1)});  // the store has asked which guests have one
  EXPECT_EQ(in_child([&] {
              write_scan(*must(Store::open(dir_.path())), {failing(1, 1)}, ScanStatus::kComplete,
                         "lab", make_about("lab"));
              return 0;
            }),
            0);
  ASSERT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM guest_setback"), 1);
  scan({make_result(1)});
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM guest_setback"), 0);
}

TEST_F(SetbackTest, ReadersSeeItAsItIsNow) {
  const ScanId before = scan({make_result(1), failing(2, 1)});
  const ScanId after = scan({failing(1, 2), make_result(2)});
  auto queries = must(Queries::open(dir_.path()));
  for (const ScanId of : {before, after}) {
    const auto rows = rows_of(*queries, of);
    expect_refused(rows.at(0).setback, 2);
    EXPECT_FALSE(rows.at(1).setback);
  }
  expect_refused(must(queries->find_vm("web-00001")).at(0).setback, 2);
}

TEST_F(SetbackTest, AReasonThatBallastNeverWritesIsDamage) {
  const ScanId damaged = scan({failing(1, 1)});
  run_sql(dir_.path(), "UPDATE guest_setback SET reason = 'bad mood'");
  auto queries = must(Queries::open(dir_.path()));
  EXPECT_FALSE(queries->for_each_vm(damaged, [](const model::JudgedGuest&) {}));
  const auto records = store_->guest_records(begin(*store_, "lab", make_about("lab")), kStart);
  ASSERT_FALSE(records);
  EXPECT_THAT(records.error().message, HasSubstr("damaged"));
}

TEST_F(SetbackTest, ReadsAreCountedOverTheUsableScansOfThisVcenterSince) {
  scan({make_result(1), make_result(2), off(3)}, kStart);
  scan({make_result(1), off(2), off(3)}, kStart + hours(1));
  scan({make_result(1), make_result(2)}, kStart + hours(2), ScanStatus::kPartial);
  scan({make_result(1)}, kStart + hours(3), ScanStatus::kFailed);
  scan({make_result(1), make_result(3)}, kStart + hours(4), ScanStatus::kComplete, "other");

  auto known = records(kStart + hours(1));
  ASSERT_EQ(known.size(), 2U) << "vm-3 was never read here";
  EXPECT_EQ(known["vm-1"].reads, 2U);
  EXPECT_EQ(known["vm-1"].last_read, kStart + hours(2));
  EXPECT_EQ(known["vm-2"].reads, 1U);
  EXPECT_EQ(records(kStart)["vm-2"].reads, 2U) << "a scan that started right then counts";
  EXPECT_TRUE(records(kStart + hours(5)).empty());
  EXPECT_EQ(records({}, "other").size(), 2U);
}

TEST_F(SetbackTest, RecordsNeedAScanThatKnowsItsVcenter) {
  EXPECT_FALSE(store_->guest_records(7, kStart));
  const ScanId early = must(store_->begin_scan({"lab", "https://lab/sdk", kStart}));
  EXPECT_FALSE(store_->guest_records(early, kStart));
  EXPECT_FALSE(store_->login_setbacks(early));
  EXPECT_FALSE(store_->write_login_setback(early, {"", "ballast", 1, kStart, kStart}));
}

TEST_F(SetbackTest, ALoginIsRememberedUntilItWorks) {
  const ScanId scan = begin(*store_, "lab", make_about("lab"));
  EXPECT_TRUE(must(store_->login_setbacks(scan)).empty());
  must(store_->write_login_setback(scan, {"", "ballast", 1, kStart, kStart + hours(1)}));
  must(store_->write_login_setback(scan, {"", "admin\x1b[2J", 2, kStart, kStart + hours(2)}));
  must(store_->write_login_setback(scan, {"", "ballast", 3, kStart + hours(3), kStart + hours(9)}));
  const auto logins = must(store_->login_setbacks(scan));
  ASSERT_EQ(logins.size(), 2U);
  EXPECT_EQ(logins[0].username, "admin\x1b[2J") << "stored as it came";
  EXPECT_EQ(logins[0].vcenter, "lab");
  EXPECT_EQ(logins[1].username, "ballast");
  EXPECT_EQ(logins[1].failures, 3);
  EXPECT_EQ(logins[1].last_try, kStart + hours(3));
  EXPECT_EQ(logins[1].next_try, kStart + hours(9));
  EXPECT_EQ(must(must(Queries::open(dir_.path()))->login_setbacks()).size(), 2U);

  must(store_->write_login_setback(scan, {"", "ballast", 0, {}, {}}));
  must(store_->write_login_setback(scan, {"", "never seen", 0, {}, {}}));
  EXPECT_EQ(must(store_->login_setbacks(scan)).size(), 1U);
}

TEST_F(SetbackTest, ALoginIsHeldBackInOneVcenterOnly) {
  const ScanId hostile = begin(*store_, "hostile", make_about("hostile"));
  const ScanId good = begin(*store_, "good", make_about("good"));
  must(store_->write_login_setback(hostile, {"", "ballast", 1, kStart, kStart + hours(1)}));
  EXPECT_TRUE(must(store_->login_setbacks(good)).empty());
  must(store_->write_login_setback(good, {"", "ballast", 2, kStart, kStart + hours(2)}));
  must(store_->write_login_setback(hostile, {"", "ballast", 0, {}, {}}));
  EXPECT_EQ(must(store_->login_setbacks(good)).size(), 1U) << "nor is it freed for others";
}

TEST_F(SetbackTest, ALoginIsRememberedWhenItsScanIsNot) {
  const ScanId failed = begin(*store_, "lab", make_about("lab"));
  must(store_->write_login_setback(failed, {"", "ballast", 1, kStart, kStart + hours(1)}));
  must(store_->finish_scan(failed, {ScanStatus::kFailed, kStart, "no"}));
  const ScanId next = begin(*store_, "lab", make_about("lab"));
  EXPECT_EQ(must(store_->login_setbacks(next)).size(), 1U);
}

TEST_F(SetbackTest, TheLastStartIsOfTheScanThatWasBegunLast) {
  EXPECT_FALSE(must(store_->last_start("lab")));
  scan({}, kStart + hours(5), ScanStatus::kComplete, "other");
  EXPECT_FALSE(must(store_->last_start("lab"))) << "of this vCenter";
  scan({}, kStart + hours(2));
  scan({}, kStart + hours(3), ScanStatus::kFailed);
  EXPECT_EQ(must(store_->last_start("lab")), kStart + hours(3)) << "however it ended";
  begin(*store_, "lab", make_about("lab"), kStart + hours(4));
  EXPECT_EQ(must(store_->last_start("lab")), kStart + hours(4)) << "or still runs";
}

}  // namespace
}  // namespace ballast::storage
