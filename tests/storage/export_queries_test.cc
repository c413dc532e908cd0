// What export reads: which rows, in which order, of one moment.
#include <gmock/gmock.h>

#include "tests/fixtures/rollup_fixtures.h"

namespace ballast::storage {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ExportTest : public ::testing::Test {
 protected:
  ExportTest() {
    auto store = must(Store::open(dir_.path()));
    // Interleaved in time, so that the numbers of VMs and scans are as well.
    for (int i = 0; i < 5; ++i) {
      scan_at(*store, kMidnight + i * minutes(30), varying_fleet(3, i), "lab");
      scan_at(*store, kMidnight + i * minutes(30) + minutes(1), varying_fleet(4, i), "Branch");
    }
    must(store->roll_up());
  }

  // "vcenter vm scan" of every sample, the first scan of the file being 1.
  [[nodiscard]] std::vector<std::string> samples(const ExportQuery& query) const {
    std::vector<std::string> found;
    must(must(ExportQueries::open(dir_.path()))->samples(query, [&](const model::JudgedGuest& row) {
      const std::int64_t place = ask_sql(
          dir_.path(), "SELECT count(*) FROM scan WHERE id <= " + std::to_string(row.scan_id));
      found.push_back(row.vcenter + " " + row.vm.name + " " + std::to_string(place));
      return true;
    }));
    return found;
  }
  [[nodiscard]] std::vector<std::string> hours(const ExportQuery& query) const {
    std::vector<std::string> found;
    must(must(ExportQueries::open(dir_.path()))->hourly(query, [&](const VmPeriodRow& row) {
      found.push_back(row.vm->vcenter + " " + row.vm->name + " " + row.host->name + " " +
                      format_iso8601(row.start).substr(11, 2));
      return true;
    }));
    return found;
  }

  TempDir dir_;
};

TEST_F(ExportTest, EverythingInTimeOrder) {
  const auto all = samples({});
  ASSERT_EQ(all.size(), 35U);
  EXPECT_EQ(all[0], "lab web-00001 1");
  EXPECT_EQ(all[2], "lab web-00003 1");
  EXPECT_EQ(all[3], "Branch web-00001 2");
  EXPECT_EQ(all[34], "Branch web-00004 10");
  const auto built = hours({});
  ASSERT_EQ(built.size(), 14U);
  EXPECT_EQ(built[0], "Branch web-00001 esx01.example.org 00") << "by vCenter within an hour";
  EXPECT_EQ(built[13], "lab web-00003 esx03.example.org 01");
}

TEST_F(ExportTest, TheBeginningIsInTheEndIsNot) {
  ExportQuery query;
  query.vcenter = "lab";
  query.name = "web-00001";
  query.since = kMidnight + minutes(30);
  query.until = kMidnight + minutes(90);
  EXPECT_THAT(samples(query), ElementsAre("lab web-00001 3", "lab web-00001 5"));
  query.since = kMidnight;
  query.until = kMidnight + kOneHour;
  EXPECT_EQ(hours(query).size(), 1U);
  query.since = kMidnight + std::chrono::milliseconds(1);
  query.until = kMidnight + kOneHour + std::chrono::milliseconds(1);
  EXPECT_THAT(hours(query), ElementsAre("lab web-00001 esx01.example.org 01"));
}

TEST_F(ExportTest, PatternsIgnoreCase) {
  ExportQuery query;
  query.vcenter = "b*";
  EXPECT_EQ(samples(query).size(), 20U);
  EXPECT_EQ(hours(query).size(), 8U);
  EXPECT_EQ(host_hours_in(dir_.path(), query).size(), 16U);
  query.host = "ESX03*";
  EXPECT_EQ(samples(query).size(), 5U);
  EXPECT_EQ(hours(query).size(), 2U);
  EXPECT_EQ(host_hours_in(dir_.path(), query).size(), 2U);
  query.host = "";
  query.cluster = "cluster-a";
  query.name = "*4";
  EXPECT_EQ(hours(query).size(), 2U);
  query.name = "*1";
  EXPECT_THAT(hours(query), IsEmpty()) << "it is in cluster-b";
}

TEST_F(ExportTest, AVcenterThatIsNotThereIsAnError) {
  ExportQuery query;
  query.vcenter = "nowhere";
  const auto read =
      must(ExportQueries::open(dir_.path()))->samples(query, [](const model::JudgedGuest&) {
        return true;
      });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read.error().hint, "one of Branch; lab");
}

TEST_F(ExportTest, AVisitEndsItEarly) {
  auto queries = must(ExportQueries::open(dir_.path()));
  int seen = 0;
  const auto three = [&](const auto&) { return ++seen % 3 != 0; };
  must(queries->samples({}, three));
  EXPECT_EQ(seen, 3);
  must(queries->hourly({}, three));
  EXPECT_EQ(seen, 6);
  must(queries->hosts({}, three));
  EXPECT_EQ(seen, 9);
}

// A prune in the middle must not leave a hole in what is being written.
TEST_F(ExportTest, ItIsOneMoment) {
  int seen = 0;
  must(must(ExportQueries::open(dir_.path()))->samples({}, [&](const model::JudgedGuest&) {
    if (++seen == 1) amend_sql(dir_.path(), "scan", "UPDATE scan SET status = 'failed'");
    return true;
  }));
  EXPECT_EQ(seen, 35);
  EXPECT_THAT(samples({}), IsEmpty());
}

TEST_F(ExportTest, NamesAreTheLatestAndTheVcenterToo) {
  amend_sql(dir_.path(), "vcenter", "UPDATE vcenter SET name = 'renamed' WHERE name = 'lab'");
  ExportQuery query;
  query.vcenter = "renamed";
  const auto found = samples(query);
  ASSERT_EQ(found.size(), 15U);
  EXPECT_EQ(found[0], "renamed web-00001 1");
  EXPECT_EQ(hours(query).size(), 6U);
}

TEST_F(ExportTest, DamageIsAnErrorThatNamesTheRow) {
  run_sql(dir_.path(), "UPDATE vm_hour SET balloon_max_kib = 4 WHERE vm_id = 2");
  auto queries = must(ExportQueries::open(dir_.path()));
  const auto read = queries->hourly({}, [](const VmPeriodRow&) { return true; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kStorage);
  EXPECT_THAT(read.error().message, ::testing::HasSubstr("hour of VM 2 at 2026-09-24T00:00:00Z"));
}

}  // namespace
}  // namespace ballast::storage
