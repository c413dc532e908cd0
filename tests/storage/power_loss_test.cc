// Power fails at any moment: what was reported is there, and the file is sound.
//
// A run is recorded by a child, whose scans nobody goes on with afterwards. Then the disk is made
// as a loss of power at some moment may have left it, and the real store is opened on it.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "tests/fixtures/rollup_fixtures.h"
#include "tests/storage/recording_disk.h"

namespace ballast::storage {
namespace {

using Kind = DiskEvent::Kind;
using model::ScanStatus;

constexpr std::size_t kLossesOfARun = 40;

// What a test notes in the log, once the store has said so.
constexpr const char* kEnded = "ended";         // scan `at`, with these rows
constexpr const char* kPruning = "pruning";     // scan `at` may go from now on
constexpr const char* kSetback = "setback";     // of this login, `at` failures
constexpr const char* kBackedUp = "backed up";  // to this file

constexpr const char* kUsable = "SELECT id FROM usable_scan";

// A line for each VM, after one for the scan.
std::string text_of_scan(const std::string& path, ScanId scan) {
  auto queries = must(Queries::open(path));
  std::string text = fmt::format(
      "status {} hosts {}\n",
      ask_sql(path, fmt::format("SELECT unicode(status) FROM scan WHERE id = {}", scan)),
      ask_sql(path, fmt::format("SELECT count(*) FROM host_sample WHERE scan_id = {}", scan)));
  for (const auto& row : rows_of(*queries, scan)) {
    text += fmt::format("{} on {}: {} {} {} KiB, {}", row.vm.name, row.host,
                        model::to_string(row.judgement.verdict), row.judgement.tolerance_kib,
                        row.vm.stats.consumed_kib.value_or(-1), row.detail);
    if (row.guest) {
      for (const auto& part : row.guest->account.parts) {
        text += fmt::format(" {}={}", part.name, part.kib);
      }
    }
    text += "\n";
  }
  return text;
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = text.find('\n', from);
    lines.insert(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

// What a child does that is recorded.
class Recorded {
 public:
  explicit Recorded(const TempDir& dir) : dir_(dir), disk_(dir.path(".")) {}

  [[nodiscard]] std::string path(const std::string& name = "ballast.db") const {
    return dir_.path(name);
  }
  std::unique_ptr<Store> open() const { return must(Store::open(path())); }
  void ended(ScanId scan) { disk_.note(kEnded, scan, text_of_scan(path(), scan)); }
  void note(const char* name, std::int64_t at, const std::string& text = "") {
    disk_.note(name, at, text);
  }
  ScanId scan(Store& store, const std::vector<model::JudgedGuest>& results, UtcTime at = kStart,
              ScanStatus status = ScanStatus::kComplete) {
    const ScanId scan = write_scan(store, results, status, "lab", make_about(), at);
    ended(scan);
    return scan;
  }
  void refused(Store& store, ScanId scan, const std::string& login, int failures) {
    must(store.write_login_setback(scan, {"", login, failures, kStart, kStart}));
    note(kSetback, failures, login);
  }
  [[nodiscard]] const DiskLog& log() const { return disk_.log(); }

 private:
  const TempDir& dir_;
  RecordingDisk disk_;
};

using Job = std::function<void(Recorded&)>;

DiskLog record(const TempDir& dir, const Job& job) {
  const TempDir result;
  const int code = in_child([&] {
    Recorded recorded(dir);
    job(recorded);
    save_log(recorded.log(), result.path("log"));
    return ::testing::Test::HasFailure() ? 1 : 0;
  });
  EXPECT_EQ(code, 0);
  return load_log(result.path("log"));
}

// What the store had said by one moment of a log, and what it went on to say.
struct Promises {
  std::map<ScanId, std::set<std::string>> scans;  // every line that a scan may have
  std::map<ScanId, std::size_t> sizes;
  std::set<ScanId> ended;  // and to stay
  std::map<std::string, std::int64_t> setbacks;
  std::map<std::string, std::set<ScanId>> backups;

  Promises(const DiskLog& log, std::size_t moment) {
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (log[i].kind == Kind::kNote) take(log[i], i < moment);
    }
  }

 private:
  // A scan may be judged again later: each of its rows is then the one or the other.
  void take(const DiskEvent& note, bool is_said) {
    if (note.name == kEnded) {
      const auto lines = lines_of(note.bytes);
      sizes[note.at] = lines.size();
      scans[note.at].insert(lines.begin(), lines.end());
      if (is_said) ended.insert(note.at);
    }
    if (!is_said) return;
    if (note.name == kPruning) ended.erase(note.at);
    if (note.name == kSetback) setbacks[note.bytes] = note.at;
    if (note.name == kBackedUp) backups[note.bytes] = ended;
  }
};

void expect_scan(const std::string& path, ScanId scan, const Promises& promises) {
  const auto lines = lines_of(text_of_scan(path, scan));
  ASSERT_TRUE(promises.scans.contains(scan)) << "scan " << scan << " never ended";
  EXPECT_EQ(lines.size(), promises.sizes.at(scan)) << "scan " << scan;
  for (const auto& line : lines) {
    EXPECT_TRUE(promises.scans.at(scan).contains(line)) << "scan " << scan << ": " << line;
  }
}

std::set<ScanId> numbers(const std::string& path, const std::string& sql) {
  SQLite::Database db(path, SQLite::OPEN_READONLY);
  SQLite::Statement rows(db, sql);
  std::set<ScanId> found;
  while (rows.executeStep()) found.insert(rows.getColumn(0).getInt64());
  return found;
}

// Of a file that the store, or nobody, has opened since.
void expect_scans(const std::string& path, const std::set<ScanId>& ended,
                  const Promises& promises) {
  const HealthReport health = must(check_database(path));
  EXPECT_TRUE(health.ok) << ::testing::PrintToString(health.problems);
  const auto usable = numbers(path, kUsable);
  for (const ScanId scan : usable) expect_scan(path, scan, promises);
  for (const ScanId scan : ended) EXPECT_TRUE(usable.contains(scan)) << "scan " << scan << " lost";
}

void expect_promises(const std::string& path, const Promises& promises) {
  expect_scans(path, promises.ended, promises);
  EXPECT_EQ(ask_sql(path, "SELECT count(*) FROM scan WHERE status = 'running'"), 0);
  EXPECT_EQ(ask_sql(path,
                    "SELECT count(*) FROM scan WHERE status = 'failed' AND error NOT LIKE "
                    "'interrupted: %' AND error NOT IN ('pruned', 'connection refused')"),
            0)
      << "what had not ended was interrupted";
  EXPECT_EQ(ask_sql(path,
                    "SELECT count(*) FROM sample WHERE scan_id NOT IN "
                    "(SELECT id FROM scan WHERE status <> 'failed' OR error = 'pruned')"),
            0)
      << "what was interrupted leaves nothing";
  std::map<std::string, std::int64_t> setbacks;
  for (const auto& one : must(must(Queries::open(path))->login_setbacks())) {
    setbacks[one.username] = one.failures;
  }
  for (const auto& [login, failures] : promises.setbacks) EXPECT_GE(setbacks[login], failures);
}

// The disk after a loss of power at `moment` does what was promised, and goes on.
void lose_power(const DiskLog& log, std::size_t moment, std::uint64_t seed) {
  SCOPED_TRACE(fmt::format("after {} of {} events, seed {}", moment, log.size(), seed));
  std::mt19937_64 random(seed);
  const TempDir dir;
  for (const auto& [name, bytes] : after_power_loss(log, moment, random)) {
    write_file(dir.path(name), bytes);
  }
  // What was in the shared memory is of no use to anybody.
  if (random() % 2 == 0) write_file(dir.path("ballast.db-shm"), std::string(32'768, 'x'));
  const Promises promises(log, moment);
  for (const auto& [name, scans] : promises.backups) {
    ASSERT_TRUE(std::filesystem::exists(dir.path(name))) << name << " lost";
    expect_scans(dir.path(name), scans, promises);
  }
  auto store = Store::open(dir.path());
  ASSERT_TRUE(store) << store.error().sentence();
  expect_promises(dir.path(), promises);
  const ScanId next = write_scan(**store, make_fleet(5), ScanStatus::kComplete, "lab", make_about(),
                                 kMidnight + 1000 * kOneHour);
  EXPECT_EQ(names_in(dir.path(), next).size(), 5U);
}

// Returns how many events tell what was on the disk already.
std::size_t events_before(const DiskLog& log) {
  const auto is_synced = [](const DiskEvent& event) { return event.kind == Kind::kSyncFolder; };
  const auto last = std::find_if(log.begin(), log.end(), is_synced);
  return static_cast<std::size_t>(last - log.begin()) + 1;
}

void lose_power_often(const DiskLog& log, std::uint64_t run) {
  // Another number than 0 with --gtest_shuffle, for more of them than there are in a usual run.
  const auto shuffled =
      static_cast<std::uint64_t>(::testing::UnitTest::GetInstance()->random_seed());
  std::mt19937_64 moments(run + 1'000 * shuffled);
  const std::size_t begun = events_before(log);
  ASSERT_GE(log.size(), begun + kLossesOfARun);
  for (std::size_t i = 0; i < kLossesOfARun && !::testing::Test::HasFailure(); ++i) {
    const std::size_t moment = begun + moments() % (log.size() - begun + 1);
    lose_power(log, moment, moments());
  }
}

TEST(PowerLoss, WhileTheDatabaseIsMade) {
  const TempDir dir;
  lose_power_often(record(dir,
                          [](Recorded& disk) {
                            auto store = disk.open();
                            disk.scan(*store, make_fleet(9));
                          }),
                   1);
}

void lose_power_of_older(const std::string& text, std::uint64_t run) {
  const TempDir dir;
  const TempDir copy;
  for (const auto* one : {&dir, &copy}) run_sql(one->path(), read_file(text));
  must(Store::open(copy.path()));
  const DiskLog log = record(dir, [&](Recorded& disk) {
    for (const ScanId scan : numbers(copy.path(), kUsable))
      disk.note(kEnded, scan, text_of_scan(copy.path(), scan));
    auto store = disk.open();
    disk.scan(*store, make_fleet(9), kMidnight);
  });
  lose_power_often(log, run);
}

TEST(PowerLoss, WhileADatabaseOfVersion1IsBroughtUpToDate) {
  lose_power_of_older(BALLAST_SOURCE_DIR "/tests/storage/v1_database.sql", 2);
}

TEST(PowerLoss, WhileADatabaseOfVersion2IsBroughtUpToDate) {
  lose_power_of_older(BALLAST_SOURCE_DIR "/tests/storage/v2_database.sql", 3);
}

// Two vCenters at once, every way to end, a login that was refused, a store that is opened again.
void scan_often(Recorded& disk) {
  auto store = disk.open();
  disk.scan(*store, make_fleet(30));
  const ScanId other = begin(*store, "other", make_about("other-uuid"), kStart);
  must(store->write_results(other, make_fleet(20)));
  disk.scan(*store, make_fleet(40), kStart + kOneHour, ScanStatus::kPartial);
  disk.refused(*store, other, "ballast", 1);
  must(store->write_results(other, make_fleet(25)));
  must(store->finish_scan(other, {ScanStatus::kComplete, kStart, ""}));
  disk.ended(other);
  const ScanId failed = begin(*store, "lab", make_about(), kStart + 2 * kOneHour);
  must(store->write_results(failed, make_fleet(300)));
  must(store->finish_scan(failed, {ScanStatus::kFailed, kStart, "connection refused"}));
  store = nullptr;
  store = disk.open();
  const ScanId last = begin(*store, "lab", make_about(), kStart + 3 * kOneHour);
  disk.refused(*store, last, "other", 2);
  must(store->write_results(last, make_fleet(300)));
  must(store->finish_scan(last, {ScanStatus::kComplete, kStart, ""}));
  disk.ended(last);
}

TEST(PowerLoss, WhileScansOfSeveralVcentersRun) {
  const TempDir dir;
  lose_power_often(record(dir, scan_often), 4);
}

// As long as somebody reads what was before, the log cannot be brought into the file.
TEST(PowerLoss, WhileSomebodyReadsAllTheTime) {
  const TempDir dir;
  const DiskLog log = record(dir, [](Recorded& disk) {
    auto store = disk.open();
    disk.scan(*store, make_fleet(9));
    SQLite::Database reader(disk.path(), SQLite::OPEN_READONLY);
    SQLite::Statement rows(reader, "SELECT * FROM sample");
    rows.executeStep();
    for (int i = 1; i < 5; ++i) disk.scan(*store, varying_fleet(40, i), kStart + i * kOneHour);
    const ScanId last = begin(*store, "lab", make_about(), kStart + 6 * kOneHour);
    disk.refused(*store, last, "ballast", 1);
    must(store->finish_scan(last, {ScanStatus::kPartial, kStart, ""}));
    disk.ended(last);
  });
  lose_power_often(log, 5);
}

void maintain(Recorded& disk) {
  auto store = disk.open();
  std::vector<ScanId> earlier;
  for (int hour = 0; hour < 150; hour += 12) {
    const UtcTime at = kMidnight + hour * kOneHour;
    const ScanId scan = disk.scan(*store, varying_fleet(20, hour), at);
    for (const ScanId old : earlier) disk.note(kPruning, old);
    earlier.push_back(scan);
    must(store->maintain({48 * kOneHour, 60 * kOneHour, 96 * kOneHour}, at));
  }
  must(store->rebuild_rollups());
}

TEST(PowerLoss, WhileScansAreRolledUpAndPruned) {
  const TempDir dir;
  lose_power_often(record(dir, maintain), 6);
}

// The rules were others when these scans were judged: each row has the old judgement or the new.
TEST(PowerLoss, WhileScansAreJudgedAgainAndBackedUp) {
  const TempDir dir;
  const DiskLog log = record(dir, [](Recorded& disk) {
    auto store = disk.open();
    auto fleet = make_fleet(30);
    for (auto& guest : fleet) {
      if (guest.guest) guest.judgement.tolerance.at(0).kib += 4'000;
    }
    std::vector<ScanId> scans;
    for (int i = 0; i < 3; ++i) scans.push_back(disk.scan(*store, fleet, kStart + i * kOneHour));
    must(back_up(disk.path(), disk.path("early.db")));
    disk.note(kBackedUp, 0, "early.db");
    EXPECT_GT(must(store->rejudge({}, false)).changed, 0);
    for (const ScanId scan : scans) disk.ended(scan);
    must(back_up(disk.path(), disk.path("late.db")));
    disk.note(kBackedUp, 0, "late.db");
  });
  lose_power_often(log, 7);
}

}  // namespace
}  // namespace ballast::storage
