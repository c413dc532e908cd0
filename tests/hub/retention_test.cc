#include <fmt/format.h>
#include <gmock/gmock.h>

#include "hub/schema.h"
#include "tests/hub/sending.h"

namespace ballast::hub {
namespace {

class RetentionTest : public SendingTest {
 protected:
  // Sends a scan of that many days ago.
  std::int64_t send(int days, const model::VcenterAbout& about = bench::Fleet::about(),
                    const std::string& url = "https://vcenter.example.org/sdk") {
    const auto scan = write_fleet(*store_, {1,
                                            std::chrono::floor<std::chrono::days>(now_utc()) -
                                                std::chrono::days(days) + std::chrono::hours(5),
                                            30, 0, model::ScanStatus::kComplete, about, url});
    sure(sender().send_scan(scan));
    return scan;
  }
  void send_periods(std::int64_t scan) {
    sure(store_->roll_up());
    sure(sender().send_periods(scan));
  }
  std::int64_t samples_of(std::int64_t scan) {
    return ask(boss_, fmt::format("SELECT count(*) FROM ballast.sample WHERE scan_id = {}", scan));
  }
  std::int64_t parts_of(const std::string& table) {
    return ask(boss_, fmt::format("SELECT count(*) FROM pg_inherits WHERE inhparent = "
                                  "'ballast.{}'::regclass",
                                  table));
  }
};

TEST_F(RetentionTest, DropsThePartsOfDaysThatAreOverAndKeepsTheirHours) {
  const auto old = send(9);
  const auto newer = send(1);
  send_periods(newer);
  ASSERT_EQ(parts_of("sample"), 2);
  EXPECT_EQ(sure(drop_expired(writer_)), 0) << "30 days are kept";
  tell(boss_, "UPDATE ballast.hub SET raw_days = 5");
  EXPECT_EQ(sure(drop_expired(writer_)), 6) << "six tables";
  EXPECT_EQ(parts_of("sample"), 1);
  EXPECT_EQ(parts_of("guest_sample"), 1);
  EXPECT_EQ(samples_of(old), 0);
  EXPECT_EQ(samples_of(newer), 30);
  EXPECT_EQ(count("scan"), 1);
  EXPECT_GT(count("vm_hour"), 0);
  EXPECT_EQ(ask(boss_, "SELECT min(final) FROM ballast.rollup"), 1) << "it cannot be built again";
  EXPECT_EQ(sure(drop_expired(writer_)), 0);
  // The file has that scan still: it is not sent a second time.
  EXPECT_EQ(sure(sender().send_scan(old)).sent, Sent::kExpired);
  EXPECT_EQ(sure(sender().send_periods(newer)).sent, 0);
}

TEST_F(RetentionTest, AnOwnerWithoutFurtherRightsIsEnough) {
  tell(boss_, "CREATE USER owner CREATEROLE");
  tell(boss_, "CREATE DATABASE theirs OWNER owner");
  auto owner = sure(Connection::open(cluster_.settings("owner", "theirs")));
  sure(init(owner, Keep{5, 180, 1825}));
  auto writer = sure(Connection::open(cluster_.settings("writer", "theirs")));
  auto sending = sure(Sender::open(writer, path_, "one"));
  sure(sending.send_scan(write_fleet(*store_, {1, hours_ago(70)})));
  const auto last = write_fleet(*store_, {2, hours_ago(2)});
  sure(sending.send_scan(last));
  EXPECT_GE(sure(sending.send_periods(last)).built, 2);
  tell(owner, "UPDATE ballast.hub SET raw_days = 1");
  EXPECT_EQ(sure(drop_expired(writer)), 6);
}

TEST_F(RetentionTest, KeepsWhatIsNotBuiltYetAndTheNewestOfEachVcenter) {
  const model::VcenterAbout gone{"gone-uuid", "VMware vCenter Server", "8"};
  send(9, gone, "https://gone/sdk");
  const auto last_of_gone = send(9, gone, "https://gone/sdk");
  const auto old = send(9);
  const auto newer = send(1);
  tell(boss_, "UPDATE ballast.hub SET raw_days = 5");
  EXPECT_EQ(sure(drop_expired(writer_)), 0) << "no hour is built yet";
  send_periods(newer);
  // As if a clock that was ahead had ended the last hour of the vCenter that is gone.
  tell(boss_,
       fmt::format("INSERT INTO ballast.rollup SELECT vcenter_id, word, started_ms / ms * ms, "
                   "30, 0 FROM ballast.scan, (VALUES ('hour', 3600000), ('day', 86400000)) "
                   "AS length (word, ms) WHERE id = {} ON CONFLICT DO NOTHING",
                   last_of_gone));
  EXPECT_EQ(sure(drop_expired(writer_)), 6);
  EXPECT_EQ(samples_of(old), 0);
  EXPECT_EQ(samples_of(last_of_gone), 30);
  EXPECT_EQ(parts_of("sample"), 2) << "written anew, with what is kept";
  EXPECT_EQ(sure(drop_expired(writer_)), 0) << "and left alone from then on";
}

TEST_F(RetentionTest, HoursAndDaysGoInTheirTurn) {
  send(100);
  const auto newer = send(20);
  send(18);
  send_periods(newer);
  EXPECT_EQ(parts_of("vm_hour"), 2);
  tell(boss_, "UPDATE ballast.hub SET raw_days = 30, hourly_days = 60, daily_days = 3650");
  sure(drop_expired(writer_));
  EXPECT_EQ(parts_of("vm_hour"), 1);
  EXPECT_EQ(parts_of("host_hour"), 1);
  EXPECT_EQ(parts_of("vm_day"), 2);
  tell(boss_, "UPDATE ballast.hub SET daily_days = 60");
  sure(drop_expired(writer_));
  EXPECT_EQ(parts_of("vm_day"), 1);
}

TEST_F(RetentionTest, WhatSomebodyReadsIsLeftForTheNextTime) {
  send(9);
  send_periods(send(1));
  tell(boss_, "UPDATE ballast.hub SET raw_days = 5");
  auto reader = connect(cluster_, "reader");
  tell(reader, "BEGIN; SELECT count(*) FROM ballast.sample");
  EXPECT_EQ(sure(drop_expired(writer_)), 0);
  tell(reader, "COMMIT");
  EXPECT_EQ(sure(drop_expired(writer_)), 6);
}

}  // namespace
}  // namespace ballast::hub
