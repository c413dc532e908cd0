// Migrations: from nothing, from version 1, step by step, and what is refused.
#include "storage/sqlite/schema.h"

#include <iostream>

#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using ::testing::HasSubstr;

std::string text_of_v1() { return read_file(BALLAST_SOURCE_DIR "/tests/storage/v1_database.sql"); }
std::string text_of_v2() { return read_file(BALLAST_SOURCE_DIR "/tests/storage/v2_database.sql"); }

// A guest that fails gets a setback, whoever wrote its VM.
void expect_setbacks_work(Store& store, const std::string& path) {
  auto failing = make_unread(2, model::UnknownReason::kTimedOut, "no answer");
  failing.setback = {model::UnknownReason::kTimedOut, 3, kStart, kStart, "ballast"};
  const ScanId scan = write_scan(store, {make_result(1), failing});
  auto queries = must(Queries::open(path));
  const auto rows = rows_of(*queries, scan);
  EXPECT_FALSE(rows.at(0).setback);
  ASSERT_TRUE(rows.at(1).setback);
  EXPECT_EQ(rows[1].setback->failures, 3);
  EXPECT_EQ(rows[1].setback->username, "ballast");
}

Connection open_raw(const std::string& path) {
  return must(Connection::open_for_writing(path, kImpatient));
}

TEST(Schema, MigrationsCountFromOneWithoutAGap) {
  int expected = 0;
  for (const Migration& migration : migrations()) EXPECT_EQ(migration.version, ++expected);
  EXPECT_EQ(newest_schema_version(), expected);
}

TEST(Schema, AnEmptyFileBecomesOurs) {
  const TempDir dir;
  write_file(dir.path(), "");
  must(Store::open(dir.path()));
  EXPECT_EQ(ask_sql(dir.path(), "PRAGMA user_version"), newest_schema_version());
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

std::unique_ptr<Store> bring_up_to_date(const TempDir& dir, const std::string& text, int version) {
  run_sql(dir.path(), text);
  EXPECT_EQ(ask_sql(dir.path(), "PRAGMA user_version"), version);
  auto store = must(Store::open(dir.path()));
  EXPECT_EQ(ask_sql(dir.path(), "PRAGMA user_version"), newest_schema_version());
  EXPECT_TRUE(must(check_database(dir.path())).ok);
  return store;
}

// Guards every later migration: what version 1 wrote stays readable, and writable.
TEST(Schema, AVersion1FileIsBroughtUpToDateAndKeepsItsData) {
  const TempDir dir;
  auto store = bring_up_to_date(dir, text_of_v1(), 1);
  auto queries = must(Queries::open(dir.path()));
  const auto scans = must(queries->latest_scans());
  ASSERT_EQ(scans.size(), 2U);
  EXPECT_EQ(scans[0].error, "connection refused");
  EXPECT_EQ(scans[1].vms, 2);
  const auto rows = rows_of(*queries, scans[1].id);
  ASSERT_EQ(rows.size(), 2U);
  const model::JudgedGuest expected = make_result(1);
  EXPECT_EQ(rows[0].vm.name, expected.vm.name);
  EXPECT_EQ(rows[0].host, "esx01.example.org");
  EXPECT_EQ(rows[0].vm.stats.uptime_s, expected.vm.stats.uptime_s);
  EXPECT_EQ(rows[0].vm.polled_at, expected.vm.polled_at);
  EXPECT_EQ(rows[0].judgement.difference_kib, expected.judgement.difference_kib);
  ASSERT_TRUE(rows[0].guest);
  EXPECT_EQ(rows[0].guest->account.unaccounted_kib, expected.guest->account.unaccounted_kib);
  ASSERT_EQ(rows[0].guest->account.parts.size(), expected.guest->account.parts.size());
  EXPECT_EQ(rows[0].guest->account.parts[2].name, "anon_lru");
  EXPECT_EQ(rows[0].guest->account.parts[2].kib, 4'210'388);
  EXPECT_FALSE(rows[0].guest->pressure.known()) << "it was not stored then";
  EXPECT_TRUE(rows[0].guest->suspects.empty());
  EXPECT_EQ(rows[0].vm.pool_moref, "") << "likewise";
  EXPECT_FALSE(rows[0].guest->cpus);
  EXPECT_EQ(rows[1].detail, "guest login refused");
  EXPECT_EQ(must(store->rejudge({}, false)).judged, 0) << "version 1 kept too little for it";

  write_scan(*store, make_fleet(3));
  EXPECT_EQ(must(queries->history(rows[0].vm_id, {})).size(), 2U);
  expect_setbacks_work(*store, dir.path());
}

TEST(Schema, AVersion2FileIsBroughtUpToDateAndKeepsItsData) {
  const TempDir dir;
  auto store = bring_up_to_date(dir, text_of_v2(), 2);
  auto queries = must(Queries::open(dir.path()));
  const auto scans = must(queries->latest_scans());
  ASSERT_EQ(scans.size(), 2U);
  EXPECT_EQ(scans[0].error, "connection refused");
  EXPECT_EQ(scans[1].id, 2);
  const auto rows = rows_of(*queries, 2);
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[0].guest);
  EXPECT_EQ(rows[0].pool, "prod");
  EXPECT_EQ(rows[0].judgement.verdict, model::Verdict::kExcess);
  EXPECT_EQ(rows[0].guest->suspects.size(), 2U);
  EXPECT_EQ(rows[0].guest->pressure.oom_kills, 2);
  EXPECT_EQ(rows[1].detail, "guest login refused");
  EXPECT_FALSE(rows[1].setback) << "it was not stored then";
  EXPECT_EQ(must(queries->extent()).days, 1);
  EXPECT_TRUE(must(queries->login_setbacks()).empty());
  expect_setbacks_work(*store, dir.path());
}

TEST(Schema, ALoginThatVersion4HeldBackIsHeldBackInEveryVcenter) {
  const TempDir dir;
  {
    Connection connection = open_raw(dir.path());
    must(migrate(connection, migrations().first(4)));
  }
  run_sql(dir.path(),
          "INSERT INTO vcenter VALUES (1, 'a', 'a', 'https://a', '', ''), "
          "(2, 'b', 'b', 'https://b', '', ''); INSERT INTO login_setback VALUES ('x', 2, 3, 4)");
  must(Store::open(dir.path()));
  const auto logins = must(must(Queries::open(dir.path()))->login_setbacks());
  ASSERT_EQ(logins.size(), 2U);
  EXPECT_EQ(logins[1].vcenter, "b");
  EXPECT_EQ(logins[1].username, "x");
  EXPECT_EQ(logins[1].failures, 2);
  EXPECT_EQ(logins[1].next_try.time_since_epoch().count(), 4);
}

TEST(Schema, MigrationsRunInOrderAndOnlyOnce) {
  const TempDir dir;
  Connection connection = open_raw(dir.path());
  const Migration first[] = {{1, "CREATE TABLE a (x)"}};
  const Migration both[] = {{1, "CREATE TABLE a (x)"}, {2, "INSERT INTO a VALUES (2)"}};
  must(migrate(connection, first));
  must(migrate(connection, both));
  must(migrate(connection, both));
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM a"), 1);
  EXPECT_EQ(ask_sql(dir.path(), "PRAGMA user_version"), 2);
}

TEST(Schema, AMigrationThatFailsLeavesTheVersionBeforeIt) {
  const TempDir dir;
  Connection connection = open_raw(dir.path());
  const Migration steps[] = {{1, "CREATE TABLE a (x)"},
                             {2, "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)"}};
  const auto migrated = migrate(connection, steps);
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().code, ErrorCode::kStorage);
  EXPECT_THAT(migrated.error().message, HasSubstr("schema version 2"));
  EXPECT_EQ(ask_sql(dir.path(), "PRAGMA user_version"), 1);
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
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

TEST(Schema, ReadersSayThatAnOlderSchemaNeedsAScan) {
  const TempDir dir;
  run_sql(dir.path(), text_of_v1());
  Connection connection = must(Connection::open_for_reading(dir.path(), kImpatient));
  const auto current = require_current_schema(connection, 2);
  ASSERT_FALSE(current);
  EXPECT_EQ(current.error().code, ErrorCode::kStorage);
  EXPECT_THAT(current.error().message, HasSubstr("version 1"));
  EXPECT_THAT(current.error().hint, HasSubstr("ballast scan"));
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
