#include "storage/read/guest_records.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <unordered_set>

#include "storage/sqlite/bound_statement.h"
#include "storage/write/setback_table.h"

namespace ballast::storage {
namespace {

// Counted here, not by GROUP BY, which would sort every row of every scan.
constexpr const char* kReads = R"sql(
SELECT guest.vm_id, scan.started_ms, guest.guest_state_id
FROM usable_scan AS scan CROSS JOIN guest_sample AS guest
  ON guest.vcenter_id = scan.vcenter_id AND guest.scan_id = scan.id
WHERE scan.vcenter_id = ?1 AND scan.started_ms >= ?2
)sql";

constexpr const char* kVms = "SELECT id, instance_uuid, moref FROM vm WHERE vcenter_id = ?1";

// The states of guests that reported on their own.
constexpr const char* kReported = "SELECT id FROM guest_state WHERE channel = 'report'";

struct Reads {
  std::size_t count = 0;
  std::size_t probes = 0;
  std::int64_t newest_ms = 0;
};

std::unordered_set<std::int64_t> reported_states(SQLite::Database& db) {
  SQLite::Statement statement(db, kReported);
  std::unordered_set<std::int64_t> states;
  for (BoundStatement row(statement); row.step();) states.insert(row.integer(0));
  return states;
}

std::unordered_map<std::int64_t, Reads> count_reads(SQLite::Database& db, std::int64_t vcenter_id,
                                                    UtcTime since) {
  SQLite::Statement statement(db, kReads);
  const std::int64_t since_ms = since.time_since_epoch().count();
  const auto reported = reported_states(db);
  std::unordered_map<std::int64_t, Reads> reads;
  for (BoundStatement row(statement, vcenter_id, since_ms); row.step();) {
    Reads& of_vm = reads[row.integer(0)];
    const std::int64_t started_ms = row.integer(1);
    of_vm.newest_ms = of_vm.count == 0 ? started_ms : std::max(of_vm.newest_ms, started_ms);
    ++of_vm.count;
    if (!reported.contains(row.integer(2))) ++of_vm.probes;
  }
  return reads;
}

}  // namespace

std::optional<std::vector<model::GuestRecord>> read_guest_records(SQLite::Database& db,
                                                                  std::int64_t vcenter_id,
                                                                  UtcTime reads_since) {
  const auto reads = count_reads(db, vcenter_id, reads_since);
  const auto setbacks = read_guest_setbacks(db, vcenter_id);
  if (!setbacks) return std::nullopt;
  SQLite::Statement statement(db, kVms);
  std::vector<model::GuestRecord> records;
  for (BoundStatement row(statement, vcenter_id); row.step();) {
    const auto found = reads.find(row.integer(0));
    const auto setback = setbacks->find(row.integer(0));
    if (found == reads.end() && setback == setbacks->end()) continue;
    model::GuestRecord record{row.text(1), row.text(2), 0, std::nullopt, std::nullopt};
    if (found != reads.end()) {
      record.reads = found->second.count;
      record.probes = found->second.probes;
      record.last_read = UtcTime(std::chrono::milliseconds(found->second.newest_ms));
    }
    if (setback != setbacks->end()) record.setback = setback->second;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace ballast::storage
