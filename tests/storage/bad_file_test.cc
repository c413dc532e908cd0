// Files that are not what they should be: an error in clear words, never a crash.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using ::testing::HasSubstr;

void expect_clear(const Error& error, const std::string& path) {
  EXPECT_EQ(error.code, ErrorCode::kStorage) << error.sentence();
  EXPECT_THAT(error.message, HasSubstr(path));
  EXPECT_NE(error.hint, "") << error.message;
}

// A finished database with one scan, all of it in the one file.
std::string make_database(const TempDir& dir) {
  {
    auto store = must(Store::open(dir.path()));
    write_scan(*store, make_fleet(300));
  }
  EXPECT_EQ(std::filesystem::file_size(dir.path("ballast.db-wal")), 0U);
  return read_file(dir.path());
}

// Everything a reader and a writer can do with a file; errors are fine, crashes are not.
void use_everything(const std::string& path) {
  if (auto queries = Queries::open(path, kImpatient)) {
    (void)(*queries)->latest_scans();
    (void)(*queries)->for_each_vm(kFirstScan, [](const model::JudgedGuest&) {});
    (void)(*queries)->find_vm("web-00001");
    (void)(*queries)->history(1, {});
  }
  (void)check_database(path, kImpatient);
  if (auto store = Store::open(path, kImpatient)) {
    if (auto scan = (*store)->begin_scan({"lab", "https://lab/sdk", kStart})) {
      (void)(*store)->write_vcenter(*scan, make_about());
      (void)(*store)->write_results(*scan, make_fleet(20));
      (void)(*store)->finish_scan(*scan, {model::ScanStatus::kComplete, kStart, ""});
    }
  }
}

TEST(BadFile, AMissingFileIsNotFoundAndSaysWhatToDo) {
  const TempDir dir;
  for (const auto& error :
       {Queries::open(dir.path()).error(), check_database(dir.path()).error()}) {
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
    EXPECT_THAT(error.message, HasSubstr(dir.path()));
    EXPECT_THAT(error.hint, HasSubstr("ballast scan"));
  }
  EXPECT_FALSE(std::filesystem::exists(dir.path()));
}

TEST(BadFile, AnEmptyFileHasNothingToRead) {
  const TempDir dir;
  write_file(dir.path(), "");
  const auto queries = Queries::open(dir.path());
  ASSERT_FALSE(queries);
  EXPECT_EQ(queries.error().code, ErrorCode::kNotFound);
}

TEST(BadFile, AMissingFolderIsNamedWithAHint) {
  const TempDir dir;
  const std::string path = dir.path("no/such/folder.db");
  const auto store = Store::open(path);
  ASSERT_FALSE(store);
  expect_clear(store.error(), path);
  EXPECT_THAT(store.error().hint, HasSubstr("folder"));
}

TEST(BadFile, AFolderIsNotADatabase) {
  const TempDir dir;
  const auto store = Store::open(dir.path("."));
  ASSERT_FALSE(store);
  expect_clear(store.error(), dir.path("."));
  const auto queries = Queries::open(dir.path("."));
  ASSERT_FALSE(queries);
  expect_clear(queries.error(), dir.path("."));
}

TEST(BadFile, SpecialNamesOfSqliteAreFileNames) {
  const TempDir dir;
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(dir.path("."));
  for (const std::string name : {":memory:", "file:x.db?mode=memory", "100% #1.db"}) {
    write_scan(*must(Store::open(name)), make_fleet(3));
    EXPECT_TRUE(std::filesystem::exists(name)) << name;
    EXPECT_EQ(must(must(Queries::open(name))->latest_scans()).size(), 1U) << name;
  }
  EXPECT_FALSE(Store::open(""));
  std::filesystem::current_path(here);
}

TEST(BadFile, ATextFileIsNotADatabaseAndIsLeftAlone) {
  const TempDir dir;
  const std::string text(5000, '#');
  write_file(dir.path(), text);
  const auto store = Store::open(dir.path());
  ASSERT_FALSE(store);
  expect_clear(store.error(), dir.path());
  EXPECT_THAT(store.error().message, HasSubstr("not an SQLite database"));
  const auto queries = Queries::open(dir.path());
  ASSERT_FALSE(queries);
  expect_clear(queries.error(), dir.path());
  const HealthReport health = must(check_database(dir.path()));
  EXPECT_FALSE(health.ok);
  EXPECT_FALSE(health.problems.empty());
  EXPECT_EQ(read_file(dir.path()), text);
}

TEST(BadFile, ADamagedPageIsReportedByTheCheckAndByReaders) {
  const TempDir dir;
  std::string bytes = make_database(dir);
  const auto page = static_cast<std::size_t>(ask_sql(
      dir.path(), "SELECT max(pageno) FROM dbstat WHERE name = 'sample' AND pagetype = 'leaf'"));
  for (std::size_t i = 0; i < 64; ++i) bytes[(page - 1) * 4096 + i] = static_cast<char>(0xa5 ^ i);
  write_file(dir.path(), bytes);
  const HealthReport health = must(check_database(dir.path()));
  EXPECT_FALSE(health.ok);
  auto queries = must(Queries::open(dir.path()));
  const auto read = queries->for_each_vm(kFirstScan, [](const model::JudgedGuest&) {});
  ASSERT_FALSE(read);
  expect_clear(read.error(), dir.path());
  EXPECT_THAT(read.error().message, HasSubstr("damaged"));
}

TEST(BadFile, ADamagedPageThatAWriterMeetsIsSaidAndChangesNothing) {
  const TempDir dir;
  std::string bytes = make_database(dir);
  const auto page = static_cast<std::size_t>(
      ask_sql(dir.path(),
              "SELECT max(pageno) FROM dbstat WHERE name = 'vm_by_uuid' AND pagetype = 'leaf'"));
  for (std::size_t i = 0; i < 64; ++i) bytes[(page - 1) * 4096 + i] = static_cast<char>(0xa5 ^ i);
  write_file(dir.path(), bytes);
  auto store = must(Store::open(dir.path()));
  const ScanId scan = begin(*store);
  const auto written = store->write_results(scan, make_fleet(300));
  ASSERT_FALSE(written);
  expect_clear(written.error(), dir.path());
  EXPECT_THAT(written.error().message, HasSubstr("storing 300 results"));
  EXPECT_THAT(written.error().message, HasSubstr("damaged"));
  EXPECT_THAT(written.error().hint, HasSubstr("`ballast db check`"));
  EXPECT_THAT(written.error().hint, HasSubstr("`ballast db backup`"));
  must(store->finish_scan(scan, {model::ScanStatus::kFailed, kStart, "the database is damaged"}));
  EXPECT_EQ(
      ask_sql(dir.path(), "SELECT count(*) FROM sample NOT INDEXED WHERE scan_id > 1790000000"), 0);
}

TEST(BadFile, RowsThatBallastNeverWritesAreDamageNotNonsense) {
  const char* const rows[] = {
      "UPDATE outcome SET verdict = 'surely'",
      "UPDATE vm_state SET power = 'half'",
      "DELETE FROM outcome",
      "PRAGMA foreign_keys = OFF; DELETE FROM vm_state",
      "DELETE FROM guest_state",
      "DELETE FROM guest_sample WHERE vm_id = 2",
      "DELETE FROM sample WHERE vm_id = 2",
      "UPDATE sample SET consumed_kib = consumed_kib + 4 WHERE vm_id = 3",
      "UPDATE guest_sample SET slab_kib = NULL WHERE vm_id = 1",
      "UPDATE guest_state SET era = 'el6'",
      "UPDATE vm SET name = 'another' WHERE id = 9",
      "UPDATE host SET cluster = ''",
      "UPDATE scan SET started_ms = started_ms + 1",
  };
  for (const char* sql : rows) {
    const TempDir dir;
    (void)make_database(dir);
    run_sql(dir.path(), sql);
    auto queries = Queries::open(dir.path());
    if (!queries) {
      expect_clear(queries.error(), dir.path());
      continue;
    }
    const auto read = (*queries)->for_each_vm(kFirstScan, [](const model::JudgedGuest&) {});
    ASSERT_FALSE(read) << sql;
    expect_clear(read.error(), dir.path());
  }
}

TEST(BadFile, ReferencesThatLeadNowhereAreFoundByTheCheck) {
  const TempDir dir;
  (void)make_database(dir);
  run_sql(dir.path(), "DELETE FROM outcome");
  const HealthReport health = must(check_database(dir.path()));
  EXPECT_FALSE(health.ok);
  ASSERT_EQ(health.problems.size(), 1U);
  EXPECT_THAT(health.problems[0], HasSubstr("300 rows"));
}

TEST(BadFile, CutOffAnywhereItNeverCrashes) {
  const TempDir dir;
  const std::string bytes = make_database(dir);
  const std::size_t lengths[] = {1,
                                 15,
                                 16,
                                 99,
                                 100,
                                 511,
                                 4095,
                                 4096,
                                 4097,
                                 8192,
                                 12'288,
                                 bytes.size() / 2,
                                 bytes.size() - 4096,
                                 bytes.size() - 1};
  for (const std::size_t length : lengths) {
    SCOPED_TRACE(length);
    const TempDir other;
    write_file(other.path(), bytes.substr(0, length));
    EXPECT_FALSE(must(check_database(other.path())).ok);
    use_everything(other.path());
  }
}

TEST(BadFile, AWrongByteAnywhereNeverCrashes) {
  const TempDir dir;
  const std::string bytes = make_database(dir);
  std::uint64_t random = 42;
  for (int round = 0; round < 150; ++round) {
    std::string broken = bytes;
    for (int i = 0; i < 20; ++i) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      // Half of the damage goes to the first page, where the header and the schema are.
      const std::size_t range = i % 2 == 0 ? 4096 : broken.size();
      broken[(random >> 33) % range] = static_cast<char>(random >> 25);
    }
    SCOPED_TRACE(round);
    const TempDir other;
    write_file(other.path(), broken);
    use_everything(other.path());
  }
}

TEST(BadFile, ALogThatIsGarbageIsIgnored) {
  const TempDir dir;
  (void)make_database(dir);
  write_file(dir.path("ballast.db-wal"), std::string(50'000, 'w'));
  EXPECT_EQ(names_in(dir.path(), nth_scan(dir.path(), 1)).size(), 300U);
  use_everything(dir.path());
  EXPECT_TRUE(must(check_database(dir.path())).ok);
}

TEST(BadFile, ANewFileIsForItsOwnerAndGroupOnlyFromTheStart) {
  const TempDir dir;
  const mode_t before = ::umask(0);
  auto store = must(Store::open(dir.path()));
  write_scan(*store, make_fleet(3));
  ::umask(before);
  for (const std::string name : {"ballast.db", "ballast.db-wal", "ballast.db-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat(dir.path(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0640U) << name;
  }
}

TEST(BadFile, AStricterUmaskIsRespected) {
  const TempDir dir;
  const mode_t before = ::umask(0077);
  must(Store::open(dir.path()));
  ::umask(before);
  struct stat info {};
  ASSERT_EQ(::stat(dir.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

}  // namespace
}  // namespace ballast::storage
