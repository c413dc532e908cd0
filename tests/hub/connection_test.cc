#include "hub/connection.h"

#include <signal.h>

#include <thread>

#include <gmock/gmock.h>

#include "tests/hub/cluster.h"

namespace ballast::hub {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public ::testing::Test {
 protected:
  Cluster cluster_;
  Connection hub_ = connect(cluster_);
};

TEST_F(ConnectionTest, GivesNumbersAndTextsAsTheyAre) {
  const auto rows = sure(hub_.query(
      "asking",
      "SELECT $1::bigint, $2::smallint, $3::text, $4::bigint, true, $5::bigint[], $6::text[]",
      std::int64_t{-5'000'000'000}, std::int64_t{-2}, "a'\"\\b", std::optional<std::int64_t>(),
      std::vector<std::int64_t>{1, 2}, std::vector<std::string>{"x\"y", "\\,"}));
  EXPECT_EQ(rows.integer(0, 0), -5'000'000'000);
  EXPECT_EQ(rows.integer(0, 1), -2);
  EXPECT_EQ(rows.text(0, 2), "a'\"\\b");
  EXPECT_TRUE(rows.is_null(0, 3));
  EXPECT_EQ(rows.integer(0, 4), 1);
  EXPECT_EQ(
      sure(hub_.query("asking", "SELECT ($1::text[])[1]", std::vector<std::string>{"x\"y\\", "z"}))
          .text(0, 0),
      "x\"y\\");
}

TEST_F(ConnectionTest, SaysWhatPostgresqlRefusedAndGoesOn) {
  const auto refused = hub_.query("counting sheep", "SELECT 1 / 0");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("counting sheep (hub "));
  EXPECT_THAT(refused.error().message, HasSubstr("division by zero (SQLSTATE 22012)"));
  EXPECT_EQ(refused.error().code, ErrorCode::kStorage);
  EXPECT_EQ(refused.error().fault, "22012");
  EXPECT_FALSE(is_worth_retrying(refused.error()));
  EXPECT_EQ(ask(hub_, "SELECT 7"), 7);
}

TEST_F(ConnectionTest, ALeftTransactionIsRolledBack) {
  tell(hub_, "CREATE TABLE t (a int)");
  {
    const auto transaction = sure(Transaction::begin(hub_, "trying", std::chrono::seconds(5)));
    tell(hub_, "INSERT INTO t VALUES (1)");
  }
  EXPECT_EQ(ask(hub_, "SELECT count(*) FROM t"), 0);
  auto transaction = sure(Transaction::begin(hub_, "trying", std::chrono::seconds(5)));
  tell(hub_, "INSERT INTO t VALUES (1)");
  sure(transaction.commit("trying"));
  EXPECT_EQ(ask(hub_, "SELECT count(*) FROM t"), 1);
}

TEST_F(ConnectionTest, ACommitThatRollsBackIsAnError) {
  auto transaction = sure(Transaction::begin(hub_, "trying", std::chrono::seconds(5)));
  EXPECT_FALSE(hub_.query("failing", "SELECT 1 / 0"));
  const auto committed = transaction.commit("committing");
  ASSERT_FALSE(committed);
  EXPECT_THAT(committed.error().message, HasSubstr("rolled back"));
}

TEST_F(ConnectionTest, ATransactionIsOnTheDiskWhenItIsCommitted) {
  tell(hub_,
       "ALTER ROLE boss SET synchronous_commit = off; ALTER ROLE boss SET "
       "default_transaction_isolation = 'repeatable read'");
  auto hub = connect(cluster_);
  EXPECT_EQ(ask_text(hub, "SHOW synchronous_commit"), "off");
  const auto transaction = sure(Transaction::begin(hub, "trying", std::chrono::seconds(5)));
  EXPECT_EQ(ask_text(hub, "SHOW synchronous_commit"), "on");
  EXPECT_EQ(ask_text(hub, "SHOW transaction_isolation"), "read committed");
}

TEST_F(ConnectionTest, AStatementThatTakesTooLongIsATimeoutOfTheServer) {
  const auto transaction = sure(Transaction::begin(hub_, "trying", std::chrono::milliseconds(50)));
  const auto late = hub_.query("sleeping", "SELECT pg_sleep(20)");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(late.error().fault, "57014");
}

TEST_F(ConnectionTest, AServerThatSaysNothingIsGivenUp) {
  Settings impatient = cluster_.settings();
  impatient.answer_timeout = std::chrono::milliseconds(150);
  auto hub = sure(Connection::open(impatient));
  const auto late = hub.query("sleeping", "SELECT pg_sleep(20)");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  EXPECT_THAT(late.error().message, HasSubstr("no answer in 150 ms"));
  const auto after = hub.query("asking", "SELECT 1");
  ASSERT_FALSE(after) << "the late answer would be taken for this one's";
  EXPECT_EQ(after.error().code, ErrorCode::kUnreachable);
}

TEST_F(ConnectionTest, AHubThatIsDownIsUnreachable) {
  cluster_.crash(SIGKILL);
  const auto broken = hub_.query("asking", "SELECT 1");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kUnreachable);
  const auto refused = Connection::open(cluster_.settings());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnreachable);
  EXPECT_TRUE(is_worth_retrying(refused.error()));
  EXPECT_THAT(refused.error().message, HasSubstr("connecting (hub " + cluster_.folder()));
}

TEST_F(ConnectionTest, AHubThatCannotWriteSaysSo) {
  tell(hub_, "CREATE TABLE t (a int)");
  cluster_.write_settings("default_transaction_read_only = on");
  Result<Rows> refused = hub_.query("asking", "SELECT 1");
  for (int i = 0; i < 100 && refused; ++i) {
    auto fresh = connect(cluster_);
    refused = fresh.query("writing", "INSERT INTO t VALUES (1)");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(is_worth_retrying(refused.error()));
  EXPECT_THAT(refused.error().sentence(), HasSubstr("name the primary"));
}

TEST_F(ConnectionTest, AFullHubSaysSo) {
  tell(hub_, "ALTER ROLE boss CONNECTION LIMIT 40; CREATE USER few CONNECTION LIMIT 1");
  auto first = connect(cluster_, "few");
  const auto second = Connection::open(cluster_.settings("few"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable) << second.error().message;
}

TEST_F(ConnectionTest, AnUnknownDatabaseAndUserAreToldApart) {
  const auto database = Connection::open(cluster_.settings("boss", "nowhere"));
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kNotFound);
  const auto user = Connection::open(cluster_.settings("nobody"));
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().code, ErrorCode::kLogin);
}

TEST_F(ConnectionTest, PasswordsAreInNoError) {
  Settings settings = cluster_.settings("boss", "nowhere");
  settings.url = "postgresql://boss:hunter2@/nowhere?host=" + cluster_.folder();
  const auto refused = Connection::open(settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound) << refused.error().message;
  EXPECT_THAT(refused.error().sentence(), Not(HasSubstr("hunter2")));
  settings.url = "postgresql://boss:hunter2%zz@/nowhere";
  const auto wrong = Connection::open(settings);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kConfig);
  EXPECT_THAT(wrong.error().sentence(), Not(HasSubstr("hunter2")));
}

TEST_F(ConnectionTest, ACopyCanBeAbandoned) {
  tell(hub_, "CREATE TABLE t (a text)");
  sure(hub_.begin_copy("copying", "COPY t FROM STDIN"));
  sure(hub_.send_copy("copying", "one\n"));
  hub_.abandon_copy();
  EXPECT_EQ(ask(hub_, "SELECT count(*) FROM t"), 0);
  sure(hub_.begin_copy("copying", "COPY t FROM STDIN"));
  sure(hub_.send_copy("copying", "one\ntwo\n"));
  sure(hub_.end_copy("copying"));
  EXPECT_EQ(ask(hub_, "SELECT count(*) FROM t"), 2);
}

TEST_F(ConnectionTest, ACopyThatIsRefusedSaysWhy) {
  tell(hub_, "CREATE TABLE t (a int)");
  sure(hub_.begin_copy("copying", "COPY t FROM STDIN"));
  sure(hub_.send_copy("copying", "one\n"));
  const auto refused = hub_.end_copy("copying");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, "22P02");
  EXPECT_EQ(ask(hub_, "SELECT 7"), 7);
}

}  // namespace
}  // namespace ballast::hub
