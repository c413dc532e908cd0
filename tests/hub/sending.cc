#include "tests/hub/sending.h"

#include <algorithm>
#include <map>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "hub/schema.h"
#include "storage/schema/schema.h"

namespace ballast::hub {
namespace {

// What stands for an id: a query that both engines understand. "t" is the row that has it.
std::string words_for(const std::string& column) {
  static const std::string kHost =
      "(SELECT moref FROM host WHERE host.vcenter_id = {0}.vcenter_id AND host.id = {0}.{1})";
  static const std::string kPool =
      "(SELECT moref FROM pool WHERE pool.vcenter_id = {0}.vcenter_id AND pool.id = {0}.{1})";
  static const std::map<std::string, std::string> kWords = {
      {"vcenter_id", "(SELECT max(url) FROM vcenter WHERE vcenter.id = t.vcenter_id)"},
      {"scan_id",
       "(SELECT uuid FROM scan WHERE scan.vcenter_id = t.vcenter_id AND scan.id = t.scan_id)"},
      {"host_id", fmt::format(fmt::runtime(kHost), "t", "host_id")},
      {"pool_id", fmt::format(fmt::runtime(kPool), "t", "pool_id")},
      {"parent_id", fmt::format(fmt::runtime(kPool), "t", "parent_id")},
      {"vm_id",
       "(SELECT instance_uuid || moref || name FROM vm WHERE vm.vcenter_id = t.vcenter_id "
       "AND vm.id = t.vm_id)"},
      {"vm_state_id",
       fmt::format("(SELECT coalesce({}, '') || '/' || coalesce({}, '') || power || tools || "
                   "guest_os || CAST(coalesce(configured_kib, 0) AS text) FROM vm_state AS s "
                   "WHERE s.vcenter_id = t.vcenter_id AND s.id = t.vm_state_id)",
                   fmt::format(fmt::runtime(kHost), "s", "host_id"),
                   fmt::format(fmt::runtime(kPool), "s", "pool_id"))},
      {"guest_state_id",
       "(SELECT kernel || boot_id || channel || CAST(mem_total_kib AS text) || missing "
       "FROM guest_state AS s WHERE s.vcenter_id = t.vcenter_id AND s.id = t.guest_state_id)"},
      {"outcome_id",
       "(SELECT verdict || proof || reason || detail FROM outcome AS s "
       "WHERE s.vcenter_id = t.vcenter_id AND s.id = t.outcome_id)"},
      {"id", "'-'"}};
  const auto found = kWords.find(column);
  return found == kWords.end() ? "t." + column : found->second;
}

std::string query_of(const std::string& table) {
  std::string line;
  for (const auto& one : storage::tables()) {
    if (one.name != table) continue;
    for (const std::string& column : one.columns) {
      if (table == "vcenter" && column == "id") continue;
      // The hub's is its own if it has samples and the file has not, or the other way.
      if (table == "rollup" && column == "final") continue;
      line += fmt::format("{}'{}=' || coalesce(CAST({} AS text), '~')",
                          line.empty() ? "" : " || ' ' || ", column, words_for(column));
    }
  }
  return fmt::format("SELECT {} FROM {} AS t", line, table);
}

}  // namespace

UtcTime hours_ago(int hours) {
  return std::chrono::floor<std::chrono::hours>(now_utc()) - std::chrono::hours(hours);
}

std::int64_t write_fleet(storage::Store& store, const FleetScan& scan) {
  const bench::Fleet fleet(scan.first_vm + scan.vms, 100);
  const auto id = sure(store.begin_scan({"prod", scan.url, scan.started_at}));
  sure(store.write_vcenter(id, scan.about));
  sure(store.write_hosts(id, fleet.hosts(scan.number)));
  auto pools = fleet.pools();
  pools.front().parent = "resgroup-root";
  sure(store.write_pools(id, pools));
  std::vector<model::JudgedGuest> results;
  for (int vm = scan.first_vm; vm < scan.first_vm + scan.vms; ++vm) {
    auto result = fleet.result(vm, scan.number, scan.started_at);
    if (result.guest && vm % 5 == 0) {
      result.judgement.verdict = model::Verdict::kExcess;
      result.guest->suspects = {{model::Consumer::kXfsBuffers, 421'888, ""},
                                {model::Consumer::kForeignModules, std::nullopt, ""}};
      result.judgement.leak = model::Leak{5000, 4000, 6000, scan.started_at - std::chrono::days(2)};
      result.judgement.lockstep =
          model::Lockstep{1.001, 0.99, 1.01, 3, 4, 1024, scan.started_at - std::chrono::days(3)};
    }
    if (!result.guest) result.detail = fmt::format("it's \"so\" \\ of {}", vm % 7);
    if (scan.change) scan.change(result);
    results.push_back(std::move(result));
  }
  sure(store.write_results(id, results));
  sure(store.finish_scan(id, {scan.status, scan.started_at + std::chrono::minutes(4), ""}));
  return id;
}

std::vector<std::string> compared_tables() {
  std::vector<std::string> names;
  for (const auto& table : storage::tables()) {
    if (table.name != "guest_setback" && table.name != "login_setback") names.push_back(table.name);
  }
  return names;
}

std::vector<std::string> rows_in_file(const std::string& path, const std::string& table) {
  SQLite::Database db(path, SQLite::OPEN_READONLY);
  SQLite::Statement query(db, query_of(table));
  std::vector<std::string> rows;
  while (query.executeStep()) rows.push_back(query.getColumn(0).getString());
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<std::string> rows_in_hub(Connection& hub, const std::string& table) {
  tell(hub, "SET search_path = ballast");
  const auto answer = sure(hub.query("comparing", query_of(table)));
  tell(hub, "RESET search_path");
  std::vector<std::string> rows;
  for (int row = 0; row < answer.size(); ++row) rows.emplace_back(answer.text(row, 0));
  std::sort(rows.begin(), rows.end());
  return rows;
}

Sender SendingTest::sender(const std::string& collector) { return sender_of(path_, collector); }

Sender SendingTest::sender_of(const std::string& path, const std::string& collector) {
  return sure(Sender::open(writer_, path, collector));
}

void SendingTest::expect_same_rows(const std::string& path) {
  for (const std::string& table : compared_tables()) {
    EXPECT_EQ(rows_in_hub(boss_, table), rows_in_file(path, table)) << table;
  }
}

std::int64_t SendingTest::count(const std::string& table) {
  return ask(boss_, "SELECT count(*) FROM ballast." + table);
}

}  // namespace ballast::hub
