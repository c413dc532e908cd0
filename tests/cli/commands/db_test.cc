// What `ballast db` does to a database and says of a damaged one; what else it says is in
// tests/cases/db.cases.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>

#include "cli/commands/commands.h"
#include "storage/database_file.h"
#include "storage/queries.h"
#include "tests/fixtures/sample_stores.h"
#include "tests/fixtures/samples.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using storage::must;
using testing::HasSubstr;
using testing::Not;

class DbTest : public testing::Test {
 protected:
  void write_scans() { make_store("six_hours", path()); }

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

}  // namespace
}  // namespace ballast::cli
