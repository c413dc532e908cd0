#include "hub/schema.h"

#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "storage/schema/schema.h"
#include "tests/hub/cluster.h"

namespace ballast::hub {
namespace {

using ::testing::HasSubstr;

TEST(HubColumnsTest, AreThoseOfSqliteInTheirOrderAndThenTheHubsOwn) {
  for (const auto& table : storage::tables()) {
    SCOPED_TRACE(table.name);
    const Table& here = table_of(table.name);
    ASSERT_GE(here.columns.size(), table.columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      EXPECT_EQ(here.columns[i].name, table.columns[i]);
    }
  }
}

TEST(HubSchemaTest, IsMadeOnceAndAgainWithoutHarm) {
  const Cluster cluster;
  auto hub = connect(cluster);
  const auto none = require_schema(hub);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().sentence(), HasSubstr("`ballast hub init`"));
  sure(init(hub, Keep{7, 30, 400}));
  sure(require_schema(hub));
  tell(hub, "INSERT INTO ballast.vcenter VALUES (1, '', 'lab', 'https://lab', '', '', 1, 0, 0)");
  sure(init(hub));
  EXPECT_EQ(ask(hub, "SELECT count(*) FROM ballast.vcenter"), 1);
  EXPECT_EQ(ask(hub, "SELECT raw_days FROM ballast.hub"), 7);
  tell(hub, "UPDATE ballast.hub SET schema_version = 9");
  EXPECT_THAT(require_schema(hub).error().sentence(), HasSubstr("use the newer ballast"));
  EXPECT_THAT(init(hub).error().sentence(), HasSubstr("use the newer ballast"));
}

TEST(HubSchemaTest, WantsUtf8) {
  const Cluster cluster;
  auto hub = connect(cluster);
  tell(hub, "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  auto latin = sure(Connection::open(cluster.settings("boss", "latin")));
  const auto refused = init(latin);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("encoding is LATIN1"));
}

using HubRolesTest = HubTest;

// Statements that a role must not be able to do, each the beginning of a disaster.
constexpr std::array kForbiddenToWriters = {
    "DELETE FROM ballast.sample",
    "UPDATE ballast.sample SET balloon_kib = 0",
    "UPDATE ballast.guest_sample SET unaccounted_kib = 0",
    "DELETE FROM ballast.scan",
    "UPDATE ballast.scan SET status = 'failed'",
    "TRUNCATE ballast.vm_day",
    "UPDATE ballast.vm_day SET samples = 0",
    "DELETE FROM ballast.rollup",
    "UPDATE ballast.rollup SET final = 1",
    "UPDATE ballast.vm_state SET host_id = NULL",
    "UPDATE ballast.outcome SET verdict = ''",
    "UPDATE ballast.vm SET id = 1",
    "DELETE FROM ballast.vm",
    "UPDATE ballast.lease SET epoch = 0",
    "INSERT INTO ballast.lease_epoch VALUES ('', 1, '', now())",
    "UPDATE ballast.hub SET raw_days = 0",
    "CREATE TABLE ballast.mine (a int)",
    "CREATE TABLE public.mine (a int)",
    "DROP TABLE ballast.sample",
    "DROP SCHEMA ballast CASCADE",
    "SELECT ballast.drop_old_samples(9223372036854775807)",
    "SELECT ballast.drop_old_periods('day', 9223372036854775807)",
    "SELECT ballast.make_partition('sample', 'x', 0, 1)",
    "CREATE ROLE mine",
    "GRANT ballast_writer TO reader",
};

TEST_F(HubRolesTest, AWriterCannotTakeAnythingBack) {
  auto writer = connect(cluster_, "writer");
  for (const char* sql : kForbiddenToWriters) {
    const auto refused = writer.query("trying", sql);
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().fault, "42501") << sql << ": " << refused.error().message;
  }
}

TEST_F(HubRolesTest, AReaderCannotEvenAdd) {
  auto reader = connect(cluster_, "reader");
  EXPECT_EQ(ask(reader, "SELECT count(*) FROM ballast.sample"), 0);
  for (const char* sql : kForbiddenToWriters) {
    EXPECT_EQ(reader.query("trying", sql).error().fault, "42501") << sql;
  }
  for (const char* sql :
       {"INSERT INTO ballast.vcenter VALUES (1, '', '', '', '', '', 1, 0, 0)",
        "INSERT INTO ballast.login_setback VALUES (1, '', 0, 0, 0)",
        "SELECT ballast.make_scan_partitions(1)", "SELECT ballast.drop_expired()",
        "SELECT ballast.forget_period(1, 'day', 0)", "SELECT ballast.adopt_failed_scans(1, 2)",
        "SELECT ballast.take_turn('a', '{}', '{}', '1 s')", "SELECT ballast.give_back('a')"}) {
    EXPECT_EQ(reader.query("trying", sql).error().fault, "42501") << sql;
  }
}

TEST_F(HubRolesTest, AWriterCannotTakeBackAnHourWhoseSamplesAreGone) {
  auto writer = connect(cluster_, "writer");
  tell(writer, "SELECT ballast.make_period_partitions('hour', 1790000000000)");
  tell(boss_,
       "INSERT INTO ballast.vcenter VALUES (1, '', 'lab', 'https://lab', '', '', 1, 0, 0); "
       "INSERT INTO ballast.rollup VALUES (1, 'hour', 1789999200000, 1, 1); "
       "INSERT INTO ballast.vm_hour (vcenter_id, start_ms, vm_id, vm_state_id, samples, "
       "guests_read, excess_samples, leak_only_samples) VALUES (1, 1789999200000, 1, 1, 1, 1, 0, "
       "0)");
  tell(writer, "SELECT ballast.forget_period(1, 'hour', 1789999200000)");
  tell(writer, "SELECT ballast.build_period(1, 'hour', 1789999200000)");
  for (const char* sql : {"SELECT ballast.forget_period(1, 'week', 1789999200000)",
                          "SELECT ballast.build_period(1, 'state', 1789999200000)",
                          "SELECT ballast.make_period_partitions('week', 1789999200000)"}) {
    EXPECT_EQ(writer.query("trying", sql).error().fault, "22023") << sql;
  }
  EXPECT_EQ(ask(boss_, "SELECT count(*) FROM ballast.vm_hour"), 1);
  tell(boss_, "UPDATE ballast.rollup SET final = 0");
  tell(writer, "SELECT ballast.forget_period(1, 'hour', 1789999200000)");
  EXPECT_EQ(ask(boss_, "SELECT count(*) FROM ballast.vm_hour"), 0) << "one that is not final";
}

TEST_F(HubRolesTest, NobodyElseSeesAnything) {
  tell(boss_, "CREATE USER stranger");
  auto stranger = connect(cluster_, "stranger");
  EXPECT_EQ(stranger.query("trying", "SELECT * FROM ballast.hub").error().fault, "42501");
  EXPECT_EQ(stranger.query("trying", "SELECT ballast.drop_expired()").error().fault, "42501");
}

TEST_F(HubRolesTest, PartsAreMadeByWritersButNotOfTheFuture) {
  auto writer = connect(cluster_, "writer");
  tell(writer, "SELECT ballast.make_scan_partitions(1790000000)");
  tell(writer, "SELECT ballast.make_scan_partitions(1790000000)");
  EXPECT_EQ(ask(boss_, "SELECT count(*) FROM pg_class WHERE relname = 'guest_sample_20260921'"), 1);
  tell(writer, "SELECT ballast.make_period_partitions('day', 1790000000000)");
  EXPECT_EQ(ask(boss_, "SELECT count(*) FROM pg_class WHERE relname = 'vm_day_202609'"), 1);
  EXPECT_EQ(writer
                .query("trying",
                       "SELECT ballast.make_scan_partitions(extract(epoch FROM now())::bigint + "
                       "100000)")
                .error()
                .fault,
            "22023");
}

// What Citus needs to spread the tables by vCenter, read from the catalogue.
constexpr const char* kKeysWithoutVcenter = R"sql(
SELECT coalesce(string_agg(rel.relname || '.' || con.relname, ', '), '')
FROM pg_index JOIN pg_class rel ON rel.oid = indrelid JOIN pg_class con ON con.oid = indexrelid
JOIN pg_namespace ns ON ns.oid = rel.relnamespace
WHERE nspname = 'ballast' AND (indisunique OR indisprimary)
  AND rel.relname NOT IN ('hub', 'lease', 'lease_epoch', 'wish')
  AND (SELECT attname FROM pg_attribute WHERE attrelid = rel.oid AND attnum = indkey[0])
      <> CASE rel.relname WHEN 'vcenter' THEN 'id' ELSE 'vcenter_id' END
)sql";
constexpr const char* kReferencesWithoutVcenter = R"sql(
SELECT coalesce(string_agg(conname, ', '), '') FROM pg_constraint
JOIN pg_namespace ns ON ns.oid = connamespace
WHERE nspname = 'ballast' AND contype = 'f' AND NOT (
  (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) = 'vcenter_id'
  AND (SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1])
    = CASE confrelid::regclass::text WHEN 'ballast.vcenter' THEN 'id' ELSE 'vcenter_id' END)
)sql";
constexpr const char* kTablesWithoutKey = R"sql(
SELECT coalesce(string_agg(relname, ', '), '') FROM pg_class
JOIN pg_namespace ns ON ns.oid = relnamespace
WHERE nspname = 'ballast' AND relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT 1 FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)
)sql";

using HubCitusTest = HubTest;

TEST_F(HubCitusTest, EveryKeyBeginsWithTheVcenter) {
  tell(boss_, "SELECT ballast.make_scan_partitions(1790000000)");
  EXPECT_EQ(ask_text(boss_, kKeysWithoutVcenter), "");
  EXPECT_EQ(ask_text(boss_, kReferencesWithoutVcenter), "");
  EXPECT_EQ(ask_text(boss_, kTablesWithoutKey), "");
  // The rules see what breaks them.
  tell(boss_,
       "CREATE UNIQUE INDEX wrong ON ballast.scan (uuid); CREATE TABLE ballast.keyless (a int); "
       "ALTER TABLE ballast.pool ADD FOREIGN KEY (id) REFERENCES ballast.vcenter (id)");
  EXPECT_EQ(ask_text(boss_, kKeysWithoutVcenter), "scan.wrong");
  EXPECT_EQ(ask_text(boss_, kTablesWithoutKey), "keyless");
  EXPECT_EQ(ask_text(boss_, kReferencesWithoutVcenter), "pool_id_fkey");
}

TEST_F(HubCitusTest, TheScriptNamesEveryTableOnce) {
  std::ifstream file(std::string(BALLAST_SOURCE_DIR) + "/packaging/sql/citus.sql");
  const std::string script((std::istreambuf_iterator<char>(file)), {});
  for (const Table& table : tables()) {
    const bool is_local = table.name == "hub" || table.name == "lease" ||
                          table.name == "lease_epoch" || table.name == "wish";
    const std::string call = fmt::format("create_distributed_table('ballast.{}', '{}'", table.name,
                                         table.name == "vcenter" ? "id" : "vcenter_id");
    EXPECT_EQ(script.find(call) != std::string::npos, !is_local) << table.name;
  }
}

}  // namespace
}  // namespace ballast::hub
