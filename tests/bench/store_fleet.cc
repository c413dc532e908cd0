// Makes a store of a fleet with a long history:
//
//   store_fleet FILE [--vms 40000] [--read 100] [--every 60] [--raw-days 2] [--hourly-days 30]
//              [--daily-days 365]
//
// The newest --raw-days hold a whole scan every --every minutes, written by the store's own calls
// and rolled up by them. Hours and days before that are written straight into their tables, by the
// columns that rollups use: to write a year of scans of 40,000 VMs first, only to prune them,
// would take hours and more than the disk. Raw samples are thinned to days for the same reason; 30
// days of them are what store_commit fills. Prints one JSON object.
#include <sys/stat.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/rollup/period.h"
#include "storage/rollup/period_columns.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/connection.h"
#include "storage/write/batch_insert.h"
#include "tests/bench/store_scan.h"

namespace ballast::bench {
namespace {

using std::chrono::days;
using std::chrono::hours;
using storage::BatchInsert;
using storage::BoundStatement;

struct Vm {
  std::int64_t id = 0;
  std::int64_t vm_state_id = 0;
};

class PeriodWriter {
 public:
  PeriodWriter(const std::string& path, const Fleet& fleet)
      : fleet_(fleet),
        connection_(require(storage::Connection::open_for_writing(path, {}))),
        db_(connection_.db()) {
    SQLite::Statement vms(db_, "SELECT vm_id, vm_state_id FROM sample ORDER BY vm_id");
    for (BoundStatement row(vms); row.step();) vms_.push_back({row.integer(0), row.integer(1)});
    SQLite::Statement hosts(db_, "SELECT id FROM host ORDER BY id");
    for (BoundStatement row(hosts); row.step();) hosts_.push_back(row.integer(0));
  }

  // The periods of that kind from `first` up to `end`.
  void write(const storage::PeriodKind& kind, UtcTime first, UtcTime end, int samples) {
    BatchInsert vms(db_, kind.vm_table);
    SQLite::Statement mark(db_, "INSERT INTO rollup VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    storage::RowValues row;
    int scan = -100'000;
    for (auto ms = first.time_since_epoch().count(); ms < end.time_since_epoch().count();
         ms += kind.length_ms, ++scan) {
      SQLite::Transaction transaction(db_);
      for (std::size_t i = 0; i < vms_.size(); ++i) {
        row = {1, ms, vms_[i].id, vms_[i].vm_state_id};
        storage::add_vm_period(period(static_cast<int>(i), scan, samples), row);
        vms.add(row);
      }
      vms.flush();
      if (&kind == &storage::kHour) write_hosts(ms, samples);
      storage::insert_row(mark, std::int64_t{1}, kind.word, ms,
                          static_cast<std::int64_t>(vms_.size()), std::int64_t{1});
      transaction.commit();
    }
  }

 private:
  // What four scans would have told.
  [[nodiscard]] storage::VmPeriod period(int vm, int scan, int samples) const {
    constexpr int kTold = 4;
    std::array<std::vector<std::int64_t>, storage::kVmSpreads.size()> told;
    storage::VmPeriod period;
    period.samples = samples;
    for (int i = 0; i < std::min(samples, kTold); ++i) {
      const auto result = fleet_.result(vm, scan * kTold + i, UtcTime{});
      const auto& stats = result.vm.stats;
      const std::array all = {
          stats.balloon_kib,
          result.guest ? std::optional(result.guest->account.unaccounted_kib) : std::nullopt,
          stats.consumed_kib, stats.active_kib, stats.swapped_kib};
      for (std::size_t figure = 0; figure < all.size(); ++figure) {
        if (all[figure]) told[figure].push_back(*all[figure]);
      }
      if (!result.guest) continue;
      period.guests_read = samples;
      period.difference_mean_kib = result.judgement.difference_kib;
    }
    for (std::size_t i = 0; i < told.size(); ++i) {
      period.figures.*storage::kVmSpreads[i] = storage::spread_of(told[i]);
    }
    return period;
  }

  void write_hosts(std::int64_t ms, std::int64_t samples) {
    BatchInsert insert(db_, "host_hour");
    storage::RowValues row;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      const auto moved = static_cast<std::int64_t>(i) * 1024;
      row = {1, ms, hosts_[i], samples};
      storage::add_host_means({536'870'912, 600'000'000 + moved, 300'000'000 + moved,
                               30'000'000 + moved, moved, 0, 15, 16},
                              row);
      insert.add(row);
    }
    insert.flush();
  }

  const Fleet& fleet_;
  storage::Connection connection_;
  SQLite::Database& db_;
  std::vector<Vm> vms_;
  std::vector<std::int64_t> hosts_;
};

int run(const std::string& path, const Arguments& arguments) {
  const Fleet fleet(arguments.number("--vms", 40'000), arguments.number("--read", 100));
  const std::chrono::minutes every(arguments.number("--every", 60));
  const UtcTime end = std::chrono::floor<hours>(now_utc());
  const UtcTime raw = std::chrono::floor<days>(end - days(arguments.number("--raw-days", 2)));
  auto store = require(storage::Store::open(path));
  int scan = 0;
  write_scan(*store, fleet, scan++, raw);  // gives every VM its number
  PeriodWriter periods(path, fleet);
  const days daily(arguments.number("--daily-days", 365));
  const days hourly(arguments.number("--hourly-days", 30));
  periods.write(storage::kDay, raw - daily, raw, 24);
  periods.write(storage::kHour, raw - hourly, raw, 4);
  for (UtcTime at = raw + every; at < end; at += every) write_scan(*store, fleet, scan++, at);
  require(store->roll_up());
  struct stat info {};
  ::stat(path.c_str(), &info);
  fmt::print(
      "{{\"benchmark\":\"store_fleet\",\"vms\":{},\"scans\":{},\"every_minutes\":{},"
      "\"hourly_days\":{},\"daily_days\":{},\"file_bytes\":{}}}\n",
      fleet.vms(), scan, every.count(), hourly.count(), daily.count(), info.st_size);
  return 0;
}

}  // namespace
}  // namespace ballast::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} FILE [--option value]…\n", argv[0]);
    return 2;
  }
  return ballast::bench::run(argv[1], ballast::bench::Arguments(argc, argv));
}
