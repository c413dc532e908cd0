// The schema: how it comes to be, and what is refused in its place.
#include "storage/schema/schema.h"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "storage/schema/sample_columns.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using ::testing::HasSubstr;

TEST(Schema, AnEmptyFileBecomesOurs) {
  const TempDir dir;
  write_file(dir.path(), "");
  must(Store::open(dir.path()));
  EXPECT_EQ(ask_sql(dir.path(), "PRAGMA user_version"), kSchemaVersion);
  EXPECT_EQ(ask_sql(dir.path(), "PRAGMA application_id"), kApplicationId);
}

TEST(Schema, EveryTableIsStrict) {
  const TempDir dir;
  must(Store::open(dir.path()));
  EXPECT_EQ(ask_sql(dir.path(),
                    "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = "
                    "'table' AND name NOT LIKE 'sqlite%' AND NOT strict"),
            0);
}

// The columns are taken from the text of the schema, by which rows are written and checked.
TEST(Schema, TheColumnsOfEveryTableAreThoseThatSqliteSees) {
  const TempDir dir;
  must(Store::open(dir.path()));
  ASSERT_EQ(ask_sql(dir.path(),
                    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                    "'sqlite%'"),
            static_cast<std::int64_t>(tables().size()));
  for (const TableColumns& table : tables()) {
    const std::string seen =
        fmt::format("SELECT group_concat(name, ' ') = '{} checksum' FROM pragma_table_info('{}')",
                    fmt::join(table.columns, " "), table.name);
    EXPECT_EQ(ask_sql(dir.path(), seen), 1) << table.name;
  }
}

// A part or a term that has no column would be lost without a word.
TEST(Schema, EveryPartAndTermHasItsColumn) {
  const auto& all = tables();
  const auto guest = std::find_if(all.begin(), all.end(),
                                  [](const auto& one) { return one.name == "guest_sample"; });
  const std::string columns = fmt::format(" {} ", fmt::join(guest->columns, " "));
  std::string expected;
  for (const auto part : kPartColumns) expected += fmt::format(" {}_kib", part);
  EXPECT_THAT(columns, HasSubstr(expected + " "));
  expected.clear();
  for (const auto term : kTermColumns) expected += fmt::format(" tolerance_{}_kib", term);
  EXPECT_THAT(columns, HasSubstr(expected + " "));
  EXPECT_EQ(kStatColumns.size(), model::kQuickStats.size()) << "a figure of vCenter is not stored";
}

// What a trial version packed cannot be read any more: it is said, and the file is left alone.
TEST(Schema, AFileOfATrialVersionIsRefusedWithWhatToDo) {
  const TempDir dir;
  run_sql(dir.path(),
          "CREATE TABLE sample (id INTEGER PRIMARY KEY, figures BLOB); PRAGMA user_version = 5; "
          "PRAGMA application_id = 1651274612; PRAGMA journal_mode = DELETE");
  const std::string before = read_file(dir.path());
  for (const auto& refused : {Store::open(dir.path()).error(), Queries::open(dir.path()).error()}) {
    EXPECT_THAT(refused.message, HasSubstr("trial version"));
    EXPECT_THAT(refused.hint, HasSubstr("move it away"));
  }
  EXPECT_EQ(read_file(dir.path()), before);
}

// Whoever can write the file could put a view without an end in a table's place, a trigger, or an
// index that answers wrongly.
TEST(Schema, AChangedSchemaIsRefusedByName) {
  const std::pair<const char*, const char*> kChanges[] = {
      {"CREATE TRIGGER greedy AFTER INSERT ON scan BEGIN DELETE FROM scan; END", "trigger greedy"},
      {"CREATE TABLE mine (x)", "table mine"},
      {"CREATE INDEX fast ON sample (balloon_kib)", "index fast"},
      {"DROP VIEW usable_scan", "view usable_scan is missing"},
      {"DROP VIEW usable_scan; CREATE VIEW usable_scan AS WITH RECURSIVE n (i) AS (SELECT 1 UNION "
       "ALL SELECT i + 1 FROM n) SELECT scan.* FROM scan, n",
       "view usable_scan is not as"},
      {"ALTER TABLE vm ADD COLUMN extra INTEGER", "table vm is not as"},
  };
  for (const auto& [change, named] : kChanges) {
    const TempDir dir;
    must(Store::open(dir.path()));
    run_sql(dir.path(), change);
    for (const auto& refused :
         {Store::open(dir.path()).error(), Queries::open(dir.path()).error()}) {
      EXPECT_EQ(refused.code, ErrorCode::kStorage);
      EXPECT_THAT(refused.message, HasSubstr(named));
    }
    const auto health = must(check_database(dir.path()));
    ASSERT_FALSE(health.ok) << change;
    EXPECT_THAT(health.problems.front(), HasSubstr(named));
  }
}

// ANALYZE is for whoever asks the file in SQL; its tables change no answer.
TEST(Schema, StatisticsAreNoChange) {
  const TempDir dir;
  write_scan(*must(Store::open(dir.path())), make_fleet(3));
  run_sql(dir.path(), "ANALYZE");
  EXPECT_TRUE(must(check_database(dir.path())).ok);
  must(Store::open(dir.path()));
}

TEST(Schema, ANewerSchemaIsRefusedAndLeftAlone) {
  const TempDir dir;
  must(Store::open(dir.path()));
  run_sql(dir.path(), "PRAGMA user_version = 4711");
  const auto store = Store::open(dir.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kStorage);
  EXPECT_THAT(store.error().message, HasSubstr("newer ballast"));
  EXPECT_THAT(store.error().message, HasSubstr("4711"));
  EXPECT_THAT(store.error().message, HasSubstr(dir.path()));
  EXPECT_NE(store.error().hint, "");
  EXPECT_FALSE(Queries::open(dir.path()));
  const HealthReport health = must(check_database(dir.path()));
  EXPECT_FALSE(health.ok);
  EXPECT_EQ(ask_sql(dir.path(), "PRAGMA user_version"), 4711);
}

TEST(Schema, AnotherProgramsDatabaseIsRefusedAndLeftAlone) {
  const TempDir dir;
  run_sql(dir.path(), "CREATE TABLE passwords (x); PRAGMA journal_mode = DELETE");
  const std::string before = read_file(dir.path());
  const auto store = Store::open(dir.path());
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr("another program"));
  EXPECT_FALSE(Queries::open(dir.path()));
  EXPECT_EQ(read_file(dir.path()), before);
}

TEST(Schema, TwoProcessesMayCreateTheSameFile) {
  const TempDir dir;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(start_child([&] {
      const auto store = Store::open(dir.path());
      if (!store) std::cerr << store.error().sentence() << "\n";
      return store ? 0 : 1;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  EXPECT_TRUE(must(check_database(dir.path())).ok);
}

}  // namespace
}  // namespace ballast::storage
