// A fleet's worth of results in one file.
#include <sys/resource.h>

#include <set>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

constexpr int kVms = 10'000;
constexpr std::size_t kBatch = 500;

TEST(Scale, TenThousandResultsComeBack) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  const auto fleet = make_fleet(kVms);
  const ScanId scan = begin(*store);
  for (std::size_t i = 0; i < fleet.size(); i += kBatch) {
    const auto first = fleet.begin() + static_cast<std::ptrdiff_t>(i);
    must(store->write_results(scan, {first, first + kBatch}));
  }
  must(store->finish_scan(scan, {model::ScanStatus::kComplete, kStart, ""}));

  auto queries = must(Queries::open(dir.path()));
  std::set<std::string> names;
  std::int64_t parts_kib = 0;
  must(queries->for_each_vm(scan, [&](const model::JudgedGuest& row) {
    names.insert(row.vm.name);
    if (row.guest) {
      for (const auto& part : row.guest->account.parts) parts_kib += part.kib;
      parts_kib += row.guest->account.unaccounted_kib - row.guest->account.mem_total_kib;
    }
  }));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kVms));
  EXPECT_EQ(parts_kib, 0);
  EXPECT_EQ(must(queries->latest_scans()).at(0).guests_read, kVms - kVms / 3);
  EXPECT_EQ(must(queries->find_vm("web-09999")).size(), 1U);
  EXPECT_TRUE(must(check_database(dir.path())).ok);
}

// The layout's promise: ids instead of strings, and nothing that stays the same stored again. The bound is generous; what matters is that a text or a new state row would break it.
TEST(Scale, ARepeatedScanTakesLittleSpace) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  auto fleet = make_fleet(3000);
  write_scan(*store, fleet);
  const std::int64_t before = ask_sql(dir.path(), "PRAGMA page_count");
  for (int i = 0; i < 4; ++i) write_scan(*store, fleet);
  const std::int64_t pages = ask_sql(dir.path(), "PRAGMA page_count") - before;
  EXPECT_LT(pages * 4096, 4 * 3000 * 200);
}

}  // namespace
}  // namespace ballast::storage
