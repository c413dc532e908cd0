#include "storage/write/scan_table.h"

#include <algorithm>
#include <chrono>
#include <map>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>

#include "model/verdict.h"
#include "storage/rollup/period.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/times.h"
#include "storage/sqlite/words.h"

namespace ballast::storage {
namespace {

// A handful of these run per scan, so they are not kept prepared.
template <class... Args>
void run(SQLite::Database& db, const std::string& sql, const Args&... args) {
  SQLite::Statement statement(db, sql);
  BoundStatement(statement, args...).run();
}

template <class... Args>
std::optional<std::int64_t> find(SQLite::Database& db, const char* sql, const Args&... args) {
  SQLite::Statement statement(db, sql);
  BoundStatement row(statement, args...);
  if (!row.step()) return std::nullopt;
  return row.integer(0);
}

std::string new_uuid() { return to_string(boost::uuids::random_generator()()); }

}  // namespace

std::int64_t ScanTable::begin(const collector::ScanStart& start, const WriterProcess& writer) {
  const std::int64_t id = next_id(start.started_at);
  const auto vcenter = find(db_, "SELECT id FROM vcenter WHERE url = ?1 ORDER BY id DESC LIMIT 1",
                            start.vcenter_url);
  SQLite::Statement insert(db_,
                           "INSERT INTO scan VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                           "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)");
  constexpr std::int64_t kNone = 0;
  insert_row(insert, id, new_uuid(), vcenter, start.vcenter_name, start.vcenter_url,
             start.limited_to, word_for(model::ScanStatus::kRunning),
             milliseconds(start.started_at), std::optional<std::int64_t>(), std::string_view(),
             kNone, kNone, kNone, kNone, kNone, writer.pid, writer.boot_id, writer.start_ticks);
  return id;
}

// Rises even if the clock is set back.
std::int64_t ScanTable::next_id(UtcTime started_at) {
  const auto newest = find(db_, "SELECT coalesce(max(id), 0) FROM scan");
  const auto second = std::chrono::floor<std::chrono::seconds>(started_at).time_since_epoch();
  return std::max<std::int64_t>(second.count(), newest.value_or(0) + 1);
}

void ScanTable::seal_scan(std::int64_t scan_id) { run(db_, seal("scan", "id = ?1"), scan_id); }

std::int64_t ScanTable::write_vcenter(std::int64_t scan_id, const model::VcenterAbout& about) {
  SQLite::Statement statement(db_, "SELECT vcenter_name, vcenter_url FROM scan WHERE id = ?1");
  BoundStatement scan(statement, scan_id);
  scan.step();
  const std::string name = scan.text(0);
  const std::string url = scan.text(1);

  const std::int64_t vcenter = vcenter_id(about, url);
  run(db_, "UPDATE vcenter SET name = ?2, url = ?3, full_name = ?4, api_version = ?5 WHERE id = ?1",
      vcenter, name, url, about.full_name, about.api_version);
  run(db_, seal("vcenter", "id = ?1"), vcenter);
  run(db_,
      "UPDATE scan SET vcenter_id = ?1 "
      "WHERE id = ?2 OR (vcenter_id IS NULL AND vcenter_url = ?3 AND status = 'failed')",
      vcenter, scan_id, url);
  run(db_, seal("scan", "id = ?2 OR (vcenter_id = ?1 AND vcenter_url = ?3 AND status = 'failed')"),
      vcenter, scan_id, url);
  return vcenter;
}

std::optional<collector::VcenterName> ScanTable::taken_for(
    const model::VcenterAbout& about, const collector::VcenterName& own,
    const std::vector<collector::VcenterName>& others) {
  if (about.instance_uuid.empty()) return std::nullopt;  // it is known by its URL
  SQLite::Statement statement(db_, "SELECT name, url FROM vcenter WHERE instance_uuid = ?1");
  BoundStatement row(statement, about.instance_uuid);
  if (!row.step()) return std::nullopt;
  const collector::VcenterName last{row.text(0), row.text(1)};
  if (last.name == own.name || last.url == own.url) return std::nullopt;
  for (const auto& other : others) {
    if (last.name != other.name && last.url != other.url) continue;
    const bool is_another =
        find(db_, "SELECT 1 FROM vcenter WHERE url = ?1 AND instance_uuid <> ?2", other.url,
             about.instance_uuid)
            .has_value();
    if (!is_another) return other;
  }
  return std::nullopt;
}

std::int64_t ScanTable::vcenter_id(const model::VcenterAbout& about, const std::string& url) {
  const auto known =
      about.instance_uuid.empty()
          ? find(db_, "SELECT id FROM vcenter WHERE url = ?1 AND instance_uuid = ''", url)
          : find(db_, "SELECT id FROM vcenter WHERE instance_uuid = ?1", about.instance_uuid);
  if (known) return *known;
  run(db_,
      "INSERT INTO vcenter (instance_uuid, name, url, full_name, api_version, checksum) "
      "VALUES (?1, '', ?2, '', '', 0)",
      about.instance_uuid, url);
  return db_.getLastInsertRowid();
}

bool ScanTable::is_running(std::int64_t scan_id) {
  return find(db_, "SELECT 1 FROM scan WHERE id = ?1 AND status = 'running'", scan_id).has_value();
}

bool ScanTable::is_any_between(std::int64_t first, std::int64_t last) {
  return find(db_, "SELECT 1 FROM scan WHERE id > ?1 AND id < ?2", first, last).has_value();
}

void ScanTable::finish(std::int64_t scan_id, model::ScanStatus status, UtcTime finished_at,
                       const std::string& error, std::optional<ScanCounts> written) {
  if (status == model::ScanStatus::kFailed) {
    written.reset();
    for (const char* table : kTablesOfScans) {
      run(db_,
          fmt::format("DELETE FROM {} WHERE (vcenter_id, scan_id) = "
                      "(SELECT vcenter_id, id FROM scan WHERE id = ?1)",
                      table),
          scan_id);
    }
  }
  const ScanCounts counts = written ? *written : count(scan_id);
  run(db_,
      "UPDATE scan SET status = ?2, finished_ms = ?3, error = ?4, vms = ?5, guests_read = ?6, "
      "guests_failed = ?7, "
      "hosts = (SELECT count(*) FROM host_sample AS own WHERE own.vcenter_id = scan.vcenter_id "
      "AND own.scan_id = scan.id), "
      "pools = (SELECT count(*) FROM pool_sample AS own WHERE own.vcenter_id = scan.vcenter_id "
      "AND own.scan_id = scan.id) WHERE id = ?1",
      scan_id, word_for(status), milliseconds(finished_at), error, counts.vms, counts.guests_read,
      counts.guests_failed);
  seal_scan(scan_id);
  if (status != model::ScanStatus::kFailed) reopen_periods(scan_id);
}

// A rollup that was built while this scan still ran lacks it.
void ScanTable::reopen_periods(std::int64_t scan_id) {
  for (const PeriodKind* kind : kPeriodKinds) {
    run(db_,
        "DELETE FROM rollup WHERE final = 0 AND period = ?2 AND (vcenter_id, start_ms) = "
        "(SELECT vcenter_id, started_ms / ?3 * ?3 FROM scan WHERE id = ?1)",
        scan_id, kind->word, kind->length_ms);
  }
}

ScanCounts ScanTable::count(std::int64_t scan_id) {
  // Counted here, not by GROUP BY, which would sort every row.
  SQLite::Statement samples(db_,
                            "SELECT outcome_id FROM scan JOIN sample "
                            "ON sample.vcenter_id = scan.vcenter_id AND sample.scan_id = scan.id "
                            "WHERE scan.id = ?1");
  ScanCounts counts;
  std::map<std::int64_t, std::int64_t> outcomes;
  for (BoundStatement row(samples, scan_id); row.step();) {
    ++counts.vms;
    ++outcomes[row.integer(0)];
  }
  counts.guests_read =
      find(db_,
           "SELECT count(*) FROM scan JOIN guest_sample AS guest "
           "ON guest.vcenter_id = scan.vcenter_id AND guest.scan_id = scan.id WHERE scan.id = ?1",
           scan_id)
          .value_or(0);
  SQLite::Statement reasons(db_, "SELECT reason FROM outcome WHERE id = ?1");
  for (const auto& [outcome, count] : outcomes) {
    BoundStatement row(reasons, outcome);
    const auto reason = row.step() ? model::reason_from_string(row.view(0)) : std::nullopt;
    if (reason && model::is_failure(*reason)) counts.guests_failed += count;
  }
  return counts;
}

std::vector<ScanTable::Running> ScanTable::running() {
  SQLite::Statement statement(
      db_,
      "SELECT id, vcenter_name, vcenter_url, started_ms, writer_pid, writer_boot, writer_start "
      "FROM scan WHERE status = 'running'");
  std::vector<Running> scans;
  for (BoundStatement row(statement); row.step();) {
    scans.push_back({row.integer(0), row.text(1), row.text(2),
                     UtcTime(std::chrono::milliseconds(row.integer(3))),
                     WriterProcess{row.integer(4), row.text(5), row.integer(6)}});
  }
  return scans;
}

std::vector<std::int64_t> ScanTable::orphans() {
  std::vector<std::int64_t> ids;
  for (const Running& scan : running()) {
    if (!storage::is_running(scan.writer)) ids.push_back(scan.id);
  }
  return ids;
}

std::optional<UtcTime> ScanTable::last_start(const std::string& vcenter_name) {
  const auto started_ms =
      find(db_, "SELECT started_ms FROM scan WHERE vcenter_name = ?1 ORDER BY id DESC LIMIT 1",
           vcenter_name);
  if (!started_ms) return std::nullopt;
  return UtcTime(std::chrono::milliseconds(*started_ms));
}

}  // namespace ballast::storage
