// What counts as a change between two scans.
#include "fleet/changes.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.h"
#include "fleet/fleet_scans.h"
#include "tests/fixtures/samples.h"

namespace ballast::fleet {

using namespace fixtures;
namespace {

using model::JudgedGuest;
using model::Verdict;
using testing::ElementsAre;
using testing::IsEmpty;

using Rows = std::vector<JudgedGuest>;

struct Scans {
  Rows before;
  Rows now;
  ReportQuery query = {};
  bool before_is_whole = true;
  bool now_is_whole = true;
};

Changes changes_between(const Scans& scans) {
  ChangeFinder finder(scans.query, sample_now() - std::chrono::hours(24));
  finder.begin({"lab", lab_scan(), std::nullopt, false}, scans.before_is_whole, scans.now_is_whole);
  for (const auto& row : scans.before) finder.remember(row);
  for (const auto& row : scans.now) finder.compare(row);
  if (finder.has_gone()) {
    for (const auto& row : scans.before) finder.add_gone(row);
  }
  return finder.finish();
}

std::vector<std::string> found(const Scans& scans) {
  std::vector<std::string> all;
  for (const auto& change : changes_between(scans).rows) {
    all.push_back(std::string(to_string(change.kind)) + " " + change.name);
  }
  return all;
}

storage::ScanRow limited(const std::string& to) {
  auto scan = lab_scan();
  scan.status = model::ScanStatus::kComplete;
  scan.error.clear();
  scan.limited_to = to;
  return scan;
}

TEST(TellsOfAll, WhatIsLimitedOtherwiseDoesNot) {
  EXPECT_TRUE(tells_of_all(limited(""), limited("")));
  EXPECT_TRUE(tells_of_all(limited(""), limited("clusters \"a\"")));
  EXPECT_TRUE(tells_of_all(limited("clusters \"a\""), limited("clusters \"a\"")));
  EXPECT_FALSE(tells_of_all(limited("clusters \"a\""), limited("")));
  EXPECT_FALSE(tells_of_all(limited("clusters \"a\""), limited("clusters \"b\"")));
  auto cut = limited("");
  cut.status = model::ScanStatus::kPartial;
  cut.error = "stopped";
  EXPECT_FALSE(tells_of_all(cut, limited("")));
}

JudgedGuest vm(std::int64_t id, Verdict verdict, double balloon_mib, double unaccounted_mib) {
  auto row = judged_vm("vm-" + std::to_string(id), verdict, balloon_mib, unaccounted_mib);
  row.vm_id = id;
  return row;
}
JudgedGuest ballooned(std::int64_t id, double mib) {
  return vm(id, Verdict::kBalloon, mib, mib + 14);
}
JudgedGuest clean(std::int64_t id) { return vm(id, Verdict::kClean, 0, 14); }
JudgedGuest leaky(std::int64_t id, double mib) { return vm(id, Verdict::kExcess, 0, mib + 14); }
JudgedGuest off(std::int64_t id) {
  auto row = unread_vm("vm-" + std::to_string(id), model::UnknownReason::kPoweredOff);
  row.vm_id = id;
  return row;
}

TEST(Changes, Balloons) {
  const struct {
    const char* name;
    JudgedGuest before;
    JudgedGuest now;
    std::vector<std::string> expected;
  } rows[] = {
      {"none", clean(1), clean(1), {}},
      {"new", clean(1), ballooned(1, 5), {"new_balloon vm-1"}},
      {"released", ballooned(1, 5), clean(1), {"released_balloon vm-1"}},
      {"the same", ballooned(1, 500), ballooned(1, 500), {}},
      {"grown", ballooned(1, 500), ballooned(1, 564), {"grown_balloon vm-1"}},
      {"grown by less than 64 MiB", ballooned(1, 500), ballooned(1, 563), {}},
      {"shrunk", ballooned(1, 564), ballooned(1, 500), {"shrunk_balloon vm-1"}},
      {"less than a tenth", ballooned(1, 8000), ballooned(1, 7300), {}},
      {"a tenth", ballooned(1, 8000), ballooned(1, 7200), {"shrunk_balloon vm-1"}},
      {"switched off", ballooned(1, 500), off(1), {"released_balloon vm-1"}},
      {"switched on", off(1), ballooned(1, 500), {"new_balloon vm-1"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(found({{row.before}, {row.now}}), row.expected) << row.name;
  }
}

TEST(Changes, WhatNobodyToldIsNoChange) {
  auto unknown = unread_vm("vm-1", model::UnknownReason::kTimedOut);
  unknown.vm_id = 1;
  unknown.vm.stats.balloon_kib.reset();
  EXPECT_THAT(found({{ballooned(1, 500)}, {unknown}}), IsEmpty());
  EXPECT_THAT(found({{unknown}, {ballooned(1, 500)}}), IsEmpty());
  EXPECT_THAT(found({{leaky(1, 500)}, {unknown}}), IsEmpty()) << "an unread guest may still leak";
}

TEST(Changes, Excess) {
  EXPECT_THAT(found({{clean(1)}, {leaky(1, 300)}}), ElementsAre("new_excess vm-1"));
  EXPECT_THAT(found({{leaky(1, 300)}, {clean(1)}}), ElementsAre("gone_excess vm-1"));
  EXPECT_THAT(found({{leaky(1, 300)}, {leaky(1, 900)}}), IsEmpty());
  EXPECT_THAT(found({{off(1)}, {leaky(1, 300)}}), ElementsAre("new_excess vm-1"));
  const auto changes = changes_between({{clean(1)}, {leaky(1, 300)}});
  EXPECT_EQ(changes.rows[0].size_before(), 0);
  EXPECT_EQ(changes.rows[0].size_now(), 300 * kKibPerMib) << "the difference, not the balloon";
}

// An excess for its leak alone: nothing to speak of is missing beside the balloon.
JudgedGuest only_leaking(std::int64_t id, std::int64_t mib_per_day) {
  auto row = vm(id, Verdict::kExcess, 512, 519);
  row.judgement.leak = model::Leak{mib_per_day * kKibPerMib, 1, 2 * mib_per_day * kKibPerMib, {}};
  return row;
}

TEST(Changes, ALeakIsItsRateNotItsDifference) {
  const auto come = changes_between({{ballooned(1, 512)}, {only_leaking(1, 40)}});
  ASSERT_EQ(come.rows.size(), 1u);
  EXPECT_EQ(come.rows[0].kind, ChangeKind::kNewExcess);
  EXPECT_EQ(come.rows[0].title(), "new leak");
  EXPECT_EQ(come.rows[0].size_before(), std::nullopt) << "not -7 MiB";
  EXPECT_EQ(come.rows[0].size_now(), std::nullopt);
  EXPECT_EQ(come.rows[0].now->leak_kib_per_day, 40 * kKibPerMib);
  EXPECT_EQ(come.new_leaks, 1);
  const auto gone = changes_between({{only_leaking(1, 40)}, {ballooned(1, 512)}});
  ASSERT_EQ(gone.rows.size(), 1u);
  EXPECT_EQ(gone.rows[0].title(), "gone leak");
  EXPECT_EQ(gone.gone_leaks, 1);
}

TEST(Changes, TheFastestLeakComesFirstAndOfLeaksTheRateIsTheSize) {
  const Rows before = {ballooned(1, 512), ballooned(2, 512)};
  const Rows now = {only_leaking(1, 20), only_leaking(2, 90)};
  EXPECT_THAT(found({before, now}), ElementsAre("new_excess vm-2", "new_excess vm-1"));
  ReportQuery query;
  query.min_size_kib = 64 * kKibPerMib;
  EXPECT_THAT(found({before, now, query}), ElementsAre("new_excess vm-2"));
}

TEST(Changes, NewAndGoneVms) {
  EXPECT_THAT(found({{clean(1), clean(2)}, {clean(2), clean(3)}}),
              ElementsAre("new_vm vm-3", "gone_vm vm-1"));
  EXPECT_THAT(found({{}, {ballooned(4, 100)}}), ElementsAre("new_balloon vm-4", "new_vm vm-4"))
      << "its balloon is new as well";
  EXPECT_THAT(found({{}, {leaky(5, 100)}}), ElementsAre("new_excess vm-5", "new_vm vm-5"));
}

TEST(Changes, AScanThatWasCutShortSaysNothingOfMissingVms) {
  EXPECT_THAT(found({{clean(1)}, {clean(2)}, {}, false, true}), ElementsAre("gone_vm vm-1"));
  EXPECT_THAT(found({{clean(1)}, {clean(2)}, {}, true, false}), ElementsAre("new_vm vm-2"));
}

TEST(Changes, AVmIsJudgedByWhereItIsNow) {
  auto here = ballooned(1, 100);
  auto elsewhere = clean(1);
  elsewhere.host = "esx-99";
  ReportQuery query;
  query.host = "esx-03*";
  EXPECT_THAT(found({{elsewhere}, {here}, query}), ElementsAre("new_balloon vm-1"))
      << "it moved here: not a new VM";
  EXPECT_THAT(found({{here}, {elsewhere}, query}), IsEmpty()) << "it moved away: not gone";
  EXPECT_THAT(found({{here}, {}, query}), ElementsAre("gone_vm vm-1"));
  EXPECT_THAT(found({{elsewhere}, {}, query}), IsEmpty()) << "it was not here when it went";
}

TEST(Changes, LeastSizeAndLimit) {
  Scans scans = {{clean(1), clean(2), clean(3)},
                 {ballooned(1, 10), ballooned(2, 300), ballooned(3, 200)}};
  EXPECT_THAT(found(scans),
              ElementsAre("new_balloon vm-2", "new_balloon vm-3", "new_balloon vm-1"));
  scans.query.min_size_kib = 200 * kKibPerMib;
  EXPECT_THAT(found(scans), ElementsAre("new_balloon vm-2", "new_balloon vm-3"));
  scans.query.limit = 1;
  const auto changes = changes_between(scans);
  EXPECT_EQ(changes.rows.size(), 1u);
  EXPECT_EQ(changes.count(ChangeKind::kNewBalloon), 2) << "counted before the limit";
}

TEST(Changes, OrderOfTheRowsDoesNotMatter) {
  Rows before;
  Rows now;
  for (std::int64_t id = 0; id < 500; ++id) {
    before.push_back(clean(id * 7 % 500));
    now.push_back(id % 5 == 0 ? ballooned(id, 100) : clean(id));
  }
  EXPECT_EQ(changes_between({before, now}).count(ChangeKind::kNewBalloon), 100);
  EXPECT_EQ(changes_between({before, now}).rows.size(), 100u);
}

TEST(Changes, HostileFiguresDoNotOverflow) {
  auto low = leaky(1, 1);
  auto high = leaky(1, 1);
  low.guest->account.unaccounted_kib = low.judgement.difference_kib = 0;
  low.judgement.baseline.kib = 0;
  low.vm.stats.balloon_kib = std::numeric_limits<std::int64_t>::min();
  high.judgement.difference_kib = std::numeric_limits<std::int64_t>::max();
  high.guest->account.unaccounted_kib = std::numeric_limits<std::int64_t>::max();
  high.judgement.baseline.kib = 0;
  EXPECT_THAT(found({{low}, {high}}), IsEmpty());
  EXPECT_THAT(found({{high}, {low}}), IsEmpty());
}

}  // namespace
}  // namespace ballast::fleet
