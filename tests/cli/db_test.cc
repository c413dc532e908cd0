// `ballast db`: what it says of a database, and what it does to it.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/db_command.h"
#include "storage/database_file.h"
#include "storage/store.h"
#include "tests/fixtures/golden.h"
#include "tests/fixtures/rollup_fixtures.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

class DbTest : public testing::Test {
 protected:
  // Six scans an hour apart; the verdicts of the fixture are not what the rules say.
  void write_scans() {
    auto store = must(storage::Store::open(path()));
    for (int hour = 0; hour < 6; ++hour) {
      storage::write_scan(*store, storage::make_fleet(3), model::ScanStatus::kComplete, "lab",
                          storage::make_about(), storage::kStart + hours(hour));
    }
  }

  int run(std::vector<std::string> arguments) {
    terminal_ = std::make_unique<CapturedTerminal>();
    arguments.insert(arguments.begin(), "db");
    arguments.insert(arguments.end(), {"--db", path()});
    return run_app({add_db_command}, arguments, terminal_->terminal, sample_now());
  }
  [[nodiscard]] std::string out() const { return terminal_->out(); }
  [[nodiscard]] std::string err() const { return terminal_->err(); }
  [[nodiscard]] std::string path(const std::string& name = "ballast.db") const {
    return dir_.path(name);
  }

  storage::TempDir dir_;
  std::unique_ptr<CapturedTerminal> terminal_;
};

TEST_F(DbTest, StatusSaysWhatIsThere) {
  write_scans();
  ASSERT_EQ(run({"status"}), kExitDone) << err();
  EXPECT_THAT(out(), HasSubstr("2026-09-21T14:13:20Z to 2026-09-21T19:13:20Z"));
  ASSERT_EQ(run({"status", "--format", "json"}), kExitDone);
  const auto json = nlohmann::json::parse(out());
  EXPECT_EQ(json["schema"], "ballast.db.status/1");
  EXPECT_EQ(json["scans"], 6);
  EXPECT_EQ(json["vms"], 3);
  EXPECT_EQ(json["vcenters"], 1);
  EXPECT_EQ(json["oldest_scan"], "2026-09-21T14:13:20Z");
  EXPECT_EQ(json["hours_rolled_up"], 0) << "nobody built them yet";
}

TEST_F(DbTest, RollupBuildsTheHoursThatAreComplete) {
  write_scans();
  ASSERT_EQ(run({"rollup"}), kExitDone) << err();
  ASSERT_EQ(run({"status", "--format", "json"}), kExitDone);
  EXPECT_EQ(nlohmann::json::parse(out())["hours_rolled_up"], 5) << "the sixth is not over";
  EXPECT_EQ(run({"rollup", "--rebuild"}), kExitDone) << err();
}

TEST_F(DbTest, ADatabaseThatIsNotThereIsNotMade) {
  for (const char* action : {"status", "check", "rollup", "rejudge"}) {
    EXPECT_EQ(run({action}), kExitFailed) << action;
    EXPECT_THAT(err(), HasSubstr("there is no database")) << action;
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(DbTest, CheckFindsDamage) {
  write_scans();
  ASSERT_EQ(run({"check"}), kExitDone) << err();
  EXPECT_THAT(out(), HasSubstr("is sound"));
  storage::run_sql(path(), "DELETE FROM vm WHERE id = 2");
  EXPECT_EQ(run({"check"}), kExitFailed);
  EXPECT_THAT(out(), HasSubstr("refer to rows that are not there"));
}

// Whatever is wrong: an administrator reads which file it is, and what to try.
TEST_F(DbTest, CheckNamesTheFileAndWhatToTryWhateverTheDamage) {
  write_scans();
  const std::string whole = storage::read_file(path());
  const auto overwrite = [&](std::size_t at, std::size_t size) {
    return whole.substr(0, at) + std::string(size, '\xa5') + whole.substr(at + size);
  };
  const std::map<std::string, std::string> damages = {
      {"another header", overwrite(0, 100)},
      {"no schema", overwrite(100, 3996)},
      {"an overwritten page", overwrite(4096 * 9, 4096)},
      {"cut off", whole.substr(0, whole.size() / 2)},
      {"cut off in the first page", whole.substr(0, 1000)},
      {"text", std::string(5000, '#')}};
  for (const auto& [what, bytes] : damages) {
    storage::write_file(path(), bytes);
    EXPECT_EQ(run({"check"}), kExitFailed) << what;
    std::string said = out() + err();
    std::replace(said.begin(), said.end(), '\n', ' ');
    EXPECT_THAT(said, HasSubstr(path())) << what;
    EXPECT_THAT(said, HasSubstr("try: ")) << what;
    EXPECT_THAT(said, HasSubstr("`ballast db backup`")) << what;
    EXPECT_THAT(said, Not(HasSubstr("`ballast db check`"))) << what << ": that is what was run";
  }
}

TEST_F(DbTest, RejudgeSaysWhatBecameOfTheVerdicts) {
  write_scans();
  ASSERT_EQ(run({"rejudge", "--dry-run"}), kExitDone) << err();
  EXPECT_THAT(out(), HasSubstr("12 judgements would change"));
  const std::string would = out().substr(out().find('\n'));
  ASSERT_EQ(run({"rejudge"}), kExitDone) << err();
  EXPECT_THAT(out(), HasSubstr("12 judgements changed"));
  EXPECT_EQ(out().substr(out().find('\n')), would) << "a dry run must say what would happen";
  ASSERT_EQ(run({"rejudge"}), kExitDone) << err();
  EXPECT_THAT(out(), HasSubstr("0 judgements changed")) << "they are judged by these rules now";
}

TEST_F(DbTest, RejudgeSinceLeavesTheEarlierAlone) {
  write_scans();
  ASSERT_EQ(run({"rejudge", "--since", "2026-09-21T18:00Z"}), kExitDone) << err();
  EXPECT_THAT(out(), HasSubstr("Judged 4 samples of 2 scans"));
}

TEST_F(DbTest, PruneKeepsWhatTheConfigurationSays) {
  write_scans();
  {
    auto store = must(storage::Store::open(path()));
    storage::write_scan(*store, storage::make_fleet(3), model::ScanStatus::kComplete, "lab",
                        storage::make_about(), sample_now());
  }
  storage::write_file(path("ballast.toml"),
                      "[[vcenter]]\nname = \"lab\"\nurl = \"https://lab.example.org\"\n"
                      "username = \"u\"\npassword_env = \"P\"\n"
                      "[storage]\nkeep_raw = \"2d\"\n");
  ASSERT_EQ(run({"prune", "--config", path("ballast.toml")}), kExitDone) << err();
  ASSERT_EQ(run({"status", "--format", "json"}), kExitDone);
  const auto json = nlohmann::json::parse(out());
  EXPECT_EQ(json["scans"], 1) << "the scans of September are older than two days";
  EXPECT_EQ(json["hours_rolled_up"], 6) << "but their hours stay";
}

TEST_F(DbTest, BackupIsADatabaseOfItsOwn) {
  write_scans();
  ASSERT_EQ(run({"backup", path("copy.db")}), kExitDone) << err();
  struct stat info {};
  ASSERT_EQ(stat(path("copy.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0137U, 0U) << "others must not read it";
  const auto health = must(storage::check_database(path("copy.db")));
  EXPECT_TRUE(health.ok) << testing::PrintToString(health.problems);
  EXPECT_EQ(health.scans, 6);
}

TEST_F(DbTest, BackupLeavesFilesThatAreThereAlone) {
  write_scans();
  storage::write_file(path("precious"), "text");
  EXPECT_EQ(run({"backup", path("precious")}), kExitUsage);
  EXPECT_THAT(err(), HasSubstr("exists already"));
  EXPECT_EQ(storage::read_file(path("precious")), "text");
  EXPECT_EQ(run({"backup", path("no/such/folder")}), kExitFailed);
  EXPECT_THAT(err(), HasSubstr("no/such/folder"));
}

TEST_F(DbTest, WithoutAnActionItSaysWhichThereAre) {
  EXPECT_EQ(run({}), kExitUsage);
  EXPECT_THAT(err(), Not(testing::IsEmpty()));
}

}  // namespace
}  // namespace ballast::cli
