// How long the store takes for a scan, beside a bare loop of prepared statements that brings the
// same rows to the same tables of the same file:
//
//   store_commit FILE [--vms 40000] [--read 100] [--every 60] [--days 1,7,30] [--runs 5]
//
// FILE is made, and filled with a scan every --every minutes until it is so many days deep; at each
// depth scans by the store and by the bare loop take turns, --runs of each. The bare loop copies
// the rows of the scan before it, read into memory beforehand, in one transaction that is flushed
// to the disk, and then empties the write-ahead log as the store does. Rows that are new in
// vm_state and guest_state belong to it. Prints one JSON object a depth.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <variant>

#include <SQLiteCpp/SQLiteCpp.h>

#include "tests/bench/store_scan.h"

namespace ballast::bench {
namespace {

struct Table {
  const char* name;
  const char* rows;  // condition; ?1 is the scan, or the largest number before it
};

// Rows of a scan, by table; and those of states that it added.
constexpr const char* kOfScan = "vcenter_id = 1 AND scan_id = ?1";
constexpr std::array kScanTables = {Table{"scan", "id = ?1"},       Table{"host_sample", kOfScan},
                                    Table{"pool_sample", kOfScan},  Table{"sample", kOfScan},
                                    Table{"guest_sample", kOfScan}, Table{"suspect", kOfScan},
                                    Table{"trend", kOfScan}};
constexpr std::array kStateTables = {Table{"vm_state", "id > ?1"}, Table{"guest_state", "id > ?1"}};

using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Value>;

class BareLoop {
 public:
  explicit BareLoop(const std::string& path) : db_(path, SQLite::OPEN_READWRITE) {
    db_.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  }

  [[nodiscard]] std::int64_t newest(const std::string& table) {
    return db_.execAndGet("SELECT coalesce(max(id), 0) FROM " + table).getInt64();
  }
  // Remembers the rows of a table for copy().
  void read(const Table& table, std::int64_t parameter) {
    SQLite::Statement statement(
        db_, fmt::format("SELECT {} FROM {} WHERE {}", columns(table), table.name, table.rows));
    statement.bind(1, parameter);
    std::vector<Row> rows;
    while (statement.executeStep()) rows.push_back(row_of(statement));
    tables_.emplace_back(table, std::move(rows));
  }
  // The rows once more, those of the scan as scan `number`, in one transaction.
  Milliseconds copy(std::int64_t number) {
    const auto began = std::chrono::steady_clock::now();
    SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
    for (auto& [table, rows] : tables_) insert(table, rows, number);
    transaction.commit();
    db_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return std::chrono::steady_clock::now() - began;
  }
  void forget() { tables_.clear(); }
  // So that what comes next starts from one scan.
  void remove(std::int64_t scan) {
    for (auto table = kScanTables.rbegin(); table != kScanTables.rend(); ++table) {
      SQLite::Statement statement(db_,
                                  fmt::format("DELETE FROM {} WHERE {}", table->name, table->rows));
      statement.bind(1, scan);
      statement.exec();
    }
    db_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

 private:
  std::string columns(const Table& table) {
    return db_
        .execAndGet(
            fmt::format("SELECT group_concat(name) FROM pragma_table_info('{}')", table.name))
        .getString();
  }
  static Row row_of(SQLite::Statement& statement) {
    Row row;
    for (int i = 0; i < statement.getColumnCount(); ++i) {
      const SQLite::Column column = statement.getColumn(i);
      if (column.isInteger()) {
        row.emplace_back(column.getInt64());
      } else if (column.isText()) {
        row.emplace_back(column.getString());
      } else {
        row.emplace_back();
      }
    }
    return row;
  }
  void insert(const Table& table, std::vector<Row>& rows, std::int64_t number) {
    if (rows.empty()) return;
    std::string places = "?";
    for (std::size_t i = 1; i < rows.front().size(); ++i) places += ",?";
    SQLite::Statement statement(
        db_, fmt::format("INSERT INTO {} ({}) VALUES ({})", table.name, columns(table), places));
    for (Row& row : rows) {
      set_key(table.name, number, row);
      for (std::size_t i = 0; i < row.size(); ++i) bind(statement, static_cast<int>(i) + 1, row[i]);
      statement.exec();
      statement.reset();
    }
  }
  // States are numbered by SQLite; a scan has a UUID behind its number; all others begin with the
  // vCenter and the scan.
  static void set_key(std::string_view table, std::int64_t number, Row& row) {
    if (table.ends_with("_state")) {
      row[0] = {};
    } else if (table == "scan") {
      row[0] = number;
      row[1] = fmt::format("copy {}", number);
    } else {
      row[1] = number;
    }
  }
  static void bind(SQLite::Statement& statement, int index, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
      return statement.bind(index, *number);
    if (const auto* text = std::get_if<std::string>(&value)) {
      return statement.bindNoCopy(index, *text);
    }
    statement.bind(index);
  }

  SQLite::Database db_;
  std::vector<std::pair<Table, std::vector<Row>>> tables_;
};

class Benchmark {
 public:
  Benchmark(const std::string& path, const Arguments& arguments)
      : path_(path),
        fleet_(arguments.number("--vms", 40'000), arguments.number("--read", 100)),
        every_(arguments.number("--every", 60)),
        runs_(arguments.number("--runs", 5)),
        store_(require(storage::Store::open(path))) {}

  void run(int depth_days) {
    fill_until(depth_days);
    BareLoop bare(path_);
    std::vector<double> ballast_ms;
    std::vector<double> bare_ms;
    for (int i = 0; i < runs_; ++i) {
      std::array<std::int64_t, kStateTables.size()> before{};
      for (std::size_t t = 0; t < before.size(); ++t) before[t] = bare.newest(kStateTables[t].name);
      ballast_ms.push_back(next_scan().count());
      const std::int64_t scan = bare.newest("scan");
      bare.forget();
      for (std::size_t t = 0; t < before.size(); ++t) bare.read(kStateTables[t], before[t]);
      for (const Table& table : kScanTables) bare.read(table, scan);
      bare_ms.push_back(bare.copy(scan + 1).count());
      bare.remove(scan + 1);
    }
    print(depth_days, median(ballast_ms), median(bare_ms));
  }

 private:
  void fill_until(int depth_days) {
    const int scans = static_cast<int>(std::chrono::days(depth_days) / every_);
    const auto size_before = size();
    const int before = scans_;
    while (scans_ < scans) next_scan();
    if (scans_ > before + 1 && before > 0) {
      bytes_a_row_ = static_cast<double>(size() - size_before) / (scans_ - before) / fleet_.vms();
    }
  }
  Milliseconds next_scan() {
    const UtcTime first = std::chrono::floor<std::chrono::hours>(now_utc()) - std::chrono::days(31);
    const int number = scans_++;
    return write_scan(*store_, fleet_, number, first + number * every_);
  }
  [[nodiscard]] std::int64_t size() const {
    return static_cast<std::int64_t>(std::filesystem::file_size(path_));
  }
  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
  void print(int depth_days, double ballast_ms, double bare_ms) const {
    fmt::print(
        "{{\"benchmark\":\"store_commit\",\"vms\":{},\"history_days\":{},\"scans\":{},"
        "\"ballast_ms\":{:.1f},\"bare_ms\":{:.1f},\"ratio\":{:.2f},\"bytes_a_sample\":{:.1f}}}\n",
        fleet_.vms(), depth_days, scans_, ballast_ms, bare_ms, ballast_ms / bare_ms, bytes_a_row_);
    std::fflush(stdout);
  }

  std::string path_;
  Fleet fleet_;
  std::chrono::minutes every_;
  int runs_;
  std::unique_ptr<storage::Store> store_;
  int scans_ = 0;
  double bytes_a_row_ = 0;  // of the file, over the scans that filled it up to this depth
};

}  // namespace
}  // namespace ballast::bench

int main(int argc, char** argv) {
  if (argc < 2 || std::filesystem::exists(argv[1])) {
    fmt::print(stderr, "usage: {} NEW-FILE [--option value]…\n", argv[0]);
    return 2;
  }
  const ballast::bench::Arguments arguments(argc, argv);
  ballast::bench::Benchmark benchmark(argv[1], arguments);
  for (const int days : arguments.numbers("--days", "1,7,30")) benchmark.run(days);
  return 0;
}
