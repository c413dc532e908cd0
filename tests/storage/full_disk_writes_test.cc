// The disk gets full at every single thing that needs space, from the making of the file to the end
// of a scan: each time a clear error, nothing lost, and with space again the next scan works.
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"
#include "tests/storage/recording_disk.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr int kForGood = 1'000'000;  // refusals, until somebody makes room
constexpr int kFewest = 40;          // things that need space in a scan: or the test sees none

void expect_clear_refusal(const Error& error, const std::string& path) {
  EXPECT_EQ(error.code, ErrorCode::kStorage);
  // Why a commit could not be synced, SQLite does not tell.
  EXPECT_THAT(error.message,
              AnyOf(HasSubstr("no space is left on the disk"), HasSubstr("disk I/O error")));
  EXPECT_THAT(error.message, HasSubstr(path));
  EXPECT_THAT(error.hint, AnyOf(HasSubstr("free some space"), HasSubstr("its free space")));
}

Status write_all(Store& store, ScanId scan) {
  auto written = store.write_vcenter(scan, make_about());
  if (written) written = store.write_hosts(scan, {make_host(1), make_host(2)});
  if (written) written = store.write_results(scan, make_fleet(15));
  if (written) written = store.write_results(scan, make_fleet(40));
  return written;
}

// A scan that ends as complete if it can be stored, else as failed, as a collector does it.
Status run_scan(Store& store) {
  const auto scan = store.begin_scan({"lab", "https://lab.example.org/sdk", kStart});
  if (!scan) return fail(scan.error());
  if (auto written = write_all(store, *scan); !written) {
    (void)store.finish_scan(*scan, {ScanStatus::kFailed, kStart, "full"});
    return written;
  }
  return store.finish_scan(*scan, {ScanStatus::kComplete, kStart, ""});
}

Status open_and_scan(const std::string& path, std::unique_ptr<Store>& store) {
  auto opened = Store::open(path);
  if (!opened) return fail(opened.error());
  store = std::move(*opened);
  return run_scan(*store);
}

struct Refusals {
  const char* what;
  int count;
};

class FullDiskWrites : public ::testing::TestWithParam<Refusals> {};

// Returns whether the disk was full at any time.
bool fill_up_after(int calls, const std::string& before) {
  SCOPED_TRACE(fmt::format("full after {} calls", calls));
  const TempDir dir;
  if (!before.empty()) write_file(dir.path(), before);
  bool was_full = false;
  {
    RecordingDisk disk(dir.path("."));
    disk.fill_up(calls, FullDiskWrites::GetParam().count);
    std::unique_ptr<Store> store;
    const auto scanned = open_and_scan(dir.path(), store);
    was_full = disk.refused() > 0;
    if (!scanned) expect_clear_refusal(scanned.error(), dir.path());
    EXPECT_TRUE(was_full || scanned);
    disk.make_room();
    if (!store) store = must(Store::open(dir.path()));
    must(run_scan(*store));
    const auto usable = ask_sql(dir.path(), "SELECT count(*) FROM usable_scan");
    EXPECT_EQ(usable, (before.empty() ? 0 : 1) + (scanned ? 1 : 0) + 1);
  }
  const HealthReport health = must(check_database(dir.path()));
  EXPECT_TRUE(health.ok) << ::testing::PrintToString(health.problems);
  if (!before.empty()) {
    EXPECT_EQ(names_in(dir.path(), nth_scan(dir.path(), 1)).size(), 20U);
  }
  const ScanId last = ask_sql(dir.path(), "SELECT max(id) FROM usable_scan");
  EXPECT_EQ(names_in(dir.path(), last).size(), 40U);
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM scan WHERE status = 'running'"), 0);
  return was_full;
}

void fill_up_at_each(const std::string& before, int first, int step) {
  int calls = first;
  while (fill_up_after(calls, before) && !::testing::Test::HasFailure()) calls += step;
  EXPECT_GE(calls, kFewest);
}

// There are many: each is tried in one of the two ways.
TEST_P(FullDiskWrites, WhileTheFirstScanMakesTheFile) {
  fill_up_at_each("", GetParam().count == kForGood ? 0 : 1, 2);
}

TEST_P(FullDiskWrites, WhileALaterScanIsStored) {
  const TempDir dir;
  write_scan(*must(Store::open(dir.path())), make_fleet(20));
  fill_up_at_each(read_file(dir.path()), 0, 1);
}

// The end of a scan may be tried again once there is space.
TEST(FullDisk, TheEndOfAScanMayBeTriedAgain) {
  for (int calls = 0, was_full = 1; was_full != 0 && !::testing::Test::HasFailure(); ++calls) {
    SCOPED_TRACE(fmt::format("full after {} calls", calls));
    const TempDir dir;
    RecordingDisk disk(dir.path("."));
    auto store = must(Store::open(dir.path()));
    const ScanId scan = begin(*store);
    must(store->write_results(scan, make_fleet(15)));
    disk.fill_up(calls, kForGood);
    const auto ended = store->finish_scan(scan, {ScanStatus::kComplete, kStart, ""});
    was_full = disk.refused();
    disk.make_room();
    if (!ended) {
      expect_clear_refusal(ended.error(), dir.path());
      must(store->finish_scan(scan, {ScanStatus::kComplete, kStart, ""}));
    }
    EXPECT_EQ(names_in(dir.path(), scan).size(), 15U);
  }
}

INSTANTIATE_TEST_SUITE_P(Refusing, FullDiskWrites,
                         ::testing::Values(Refusals{"AllFromThere", kForGood}, Refusals{"One", 1}),
                         [](const auto& row) { return row.param.what; });

}  // namespace
}  // namespace ballast::storage
