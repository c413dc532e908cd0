#include "storage/read/vm_row.h"

#include <fmt/format.h>

#include "model/verdict.h"
#include "storage/schema/sample_columns.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/words.h"
#include "storage/sqlite/wrapping.h"
#include "storage/write/state_tables.h"

namespace ballast::storage {
namespace {

// The rows of a table that belong to VMs of a scan, as SideRows takes them.
std::string rows_beside(std::string_view columns, std::string_view tables, std::string_view order) {
  return fmt::format(
      "SELECT {0} FROM {1} WHERE own.vcenter_id = ?1 AND own.scan_id = ?2 AND own.vm_id >= ?3 "
      "ORDER BY {2}",
      columns, tables, order);
}

std::string select_names() {
  return fmt::format("SELECT {} FROM vm WHERE id >= ?3 ORDER BY id", row_of("vm"));
}

std::string select_guests() {
  return rows_beside(row_of("guest_sample", "own") + ", " + row_of("guest_state"),
                     "guest_sample AS own LEFT JOIN guest_state "
                     "ON guest_state.id = own.guest_state_id",
                     "own.vm_id");
}

// Takes the key and the rest of a row of guest_sample, and the row of its guest_state.
bool read_guest_rows(const RowCursor& row, UtcTime scan_start, model::GuestSample& guest,
                     model::Judgement& judgement, RowsBeside& beside) {
  Columns columns(row);
  for (int i = 0; i < 4; ++i) columns.integer();  // the key, and the number of the state
  read_guest(columns, scan_start, guest, judgement);
  beside = {columns.integer(), columns.integer()};
  if (!columns.is_sound()) return false;
  columns.integer();  // the state's number
  columns.integer();  // and its vCenter
  guest.kernel_release = columns.text();
  guest.boot_id = columns.text();
  const auto era = model::era_from_string(columns.text());
  guest.channel = model::channel_from_string(columns.text());
  guest.cpus = columns.optional_integer();
  guest.account.mem_total_kib = columns.integer();
  guest.account.counter_error_kib = columns.integer();
  guest.account.unread_fixed_kib = columns.integer();
  guest.account.missing = lines_of(columns.text());
  if (!columns.is_sound() || !era) return false;
  guest.account.era = *era;
  return true;
}

// As new, but for the memory of the list.
void clear(model::Judgement& judgement) {
  auto tolerance = std::move(judgement.tolerance);
  tolerance.clear();
  judgement = {};
  judgement.tolerance = std::move(tolerance);
}

}  // namespace

std::string select_samples(std::string_view rest) {
  return fmt::format(
      "SELECT {}, {} FROM sample LEFT JOIN vm_state ON vm_state.id = "
      "sample.vm_state_id {}",
      row_of("sample"), row_of("vm_state"), rest);
}

VmRowReader::VmRowReader(SQLite::Database& db)
    : known_(db),
      names_(db, select_names(), 0),
      guests_(db, select_guests(), 2),
      trends_(db, rows_beside(row_of("trend", "own"), "trend AS own", "own.vm_id"), 2),
      suspects_(db, rows_beside(row_of("suspect", "own"), "suspect AS own", "own.vm_id, own.place"),
                2),
      one_sample_(db,
                  select_samples("WHERE sample.vcenter_id = ?1 AND scan_id = ?2 AND vm_id = ?3")) {}

void VmRowReader::rest() {
  for (SideRows* rows : {&names_, &guests_, &trends_, &suspects_}) rows->rest();
}

bool VmRowReader::read(const RowCursor& cursor, model::JudgedGuest& row) {
  Columns columns(cursor);
  Key key;
  clear(row.judgement);
  if (!read_sample(columns, key, row) || !read_state(columns, row) || !read_names(key, row.vm) ||
      !known_.setback(key.vm_id, row.setback)) {
    return false;
  }
  const auto* scan = known_.scan(key.scan_id);
  const bool has_guest = guests_.next(key.vcenter_id, key.scan_id, key.vm_id);
  if (!has_guest) {
    row.guest.reset();
    // Every other verdict is about an account.
    return row.judgement.verdict == model::Verdict::kUnknown;
  }
  return read_guest(key, scan->started_at, row);
}

bool VmRowReader::read_sample(Columns& columns, Key& key, model::JudgedGuest& row) {
  key = {columns.integer(), columns.integer(), columns.integer()};
  const auto* scan = known_.scan(key.scan_id);
  if (scan == nullptr || scan->vcenter_id != key.vcenter_id) return false;
  row.scan_id = key.scan_id;
  row.vm_id = key.vm_id;
  row.vcenter = scan->vcenter;
  refs_.vm_state_id = columns.integer();
  const std::int64_t outcome_id = columns.integer();
  read_stats(columns, scan->started_at, row.vm);
  return columns.is_sound() && read_outcome(outcome_id, row);
}

bool VmRowReader::read_outcome(std::int64_t outcome_id, model::JudgedGuest& row) {
  const auto* outcome = known_.outcome(outcome_id);
  if (outcome == nullptr) return false;
  row.judgement.verdict = outcome->verdict;
  row.judgement.proof = outcome->proof;
  row.judgement.reason = outcome->reason;
  row.detail = outcome->detail;
  return true;
}

bool VmRowReader::read_state(Columns& columns, model::JudgedGuest& row) {
  model::VmView& vm = row.vm;
  columns.integer();  // its number
  columns.integer();  // and its vCenter
  refs_.host_id = columns.optional_integer();
  const auto* host = known_.host(refs_.host_id);
  const auto* pool = known_.pool(columns.optional_integer());
  const auto power = power_from_word(columns.text());
  const auto connection = connection_from_word(columns.text());
  const auto tools = tools_from_word(columns.text());
  const auto ready = columns.optional_integer();
  vm.guest_family = columns.text();
  vm.guest_id = columns.text();
  vm.configured_kib = columns.optional_integer();
  vm.allocation.reservation_kib = columns.optional_integer();
  vm.allocation.limit_kib = columns.optional_integer();
  const bool is_known = host != nullptr && pool != nullptr && power && connection && tools;
  if (!columns.is_sound() || !is_known) return false;
  vm.power = *power;
  vm.connection = *connection;
  vm.tools = *tools;
  vm.guest_operations_ready = ready ? std::optional(*ready != 0) : std::nullopt;
  vm.host_moref = host->moref;
  row.host = host->name;
  row.cluster = host->cluster;
  row.datacenter = host->datacenter;
  vm.pool_moref = pool->moref;
  row.pool = pool->name;
  return true;
}

bool VmRowReader::read_names(const Key& key, model::VmView& vm) {
  if (!names_.next(key.vcenter_id, key.scan_id, key.vm_id)) return false;
  Columns columns(names_.row());
  columns.integer();  // its number
  columns.integer();  // and its vCenter
  vm.instance_uuid = columns.text();
  vm.bios_uuid = columns.text();
  vm.moref = columns.text();
  vm.name = columns.text();
  return columns.is_sound();
}

bool VmRowReader::read_guest(const Key& key, UtcTime scan_start, model::JudgedGuest& row) {
  if (!row.guest) row.guest.emplace();
  model::GuestSample& guest = *row.guest;
  guest.suspects.clear();
  RowsBeside beside;
  if (!read_guest_rows(guests_.row(), scan_start, guest, row.judgement, beside)) return false;
  if (beside.trends > 0 && !read_history(key, row.judgement)) return false;
  return beside.suspects == 0 || read_suspects(key, beside.suspects, guest);
}

bool VmRowReader::read_history(const Key& key, model::Judgement& judgement) {
  if (!trends_.next(key.vcenter_id, key.scan_id, key.vm_id)) return false;
  Columns columns(trends_.row());
  for (int i = 0; i < 3; ++i) columns.integer();  // the key
  read_trend(columns, judgement);
  return columns.is_sound();
}

bool VmRowReader::read_suspects(const Key& key, std::int64_t count, model::GuestSample& guest) {
  for (; count > 0; --count) {
    if (!suspects_.next(key.vcenter_id, key.scan_id, key.vm_id)) return false;
    Columns columns(suspects_.row());
    for (int i = 0; i < 4; ++i) columns.integer();  // the key
    const auto consumer = consumer_from_word(columns.text());
    const auto kib = columns.optional_integer();
    if (!columns.is_sound()) return false;
    // One that this version does not know is left out.
    if (consumer) guest.suspects.push_back({*consumer, kib, ""});
  }
  return true;
}

bool VmRowReader::read_point(std::int64_t vcenter_id, std::int64_t scan_id, std::int64_t vm_id,
                             std::optional<model::HistoryPoint>& point) {
  point.reset();
  if (!guests_.next(vcenter_id, scan_id, vm_id)) return true;
  const auto* scan = known_.scan(scan_id);
  const auto run = one_sample_.run(vcenter_id, scan_id, vm_id);
  if (scan == nullptr || !one_sample_.step()) return false;
  Columns columns(one_sample_);
  Key key;
  model::JudgedGuest row;
  model::GuestSample guest;
  if (!read_sample(columns, key, row)) return false;
  RowsBeside beside;
  if (!read_guest_rows(guests_.row(), scan->started_at, guest, row.judgement, beside)) return false;
  point.emplace();
  point->read_at = guest.read_at;
  point->is_report = guest.channel == model::Channel::kReport;
  point->epoch = epoch_of(guest);
  point->balloon_kib = row.vm.stats.balloon_kib;
  const auto& account = guest.account;
  point->driver_kib = account.driver_kib ? account.driver_kib : account.vmstat_kib;
  point->unaccounted_kib = account.unaccounted_kib;
  point->error_kib = reading_error(guest, row.judgement);
  return true;
}

std::int64_t reading_error(const model::GuestSample& guest, const model::Judgement& judgement) {
  std::int64_t error_kib = guest.account.counter_error_kib;
  for (const auto& term : judgement.tolerance) {
    const bool of_reading =
        term.name == "unread" || term.name == "estimate" || term.name == "reading";
    if (of_reading) error_kib = plus(error_kib, term.kib);
  }
  // What is missing at every reading is in a learned baseline, and was a term of the prior.
  const bool learned = judgement.baseline.samples > 0;
  return minus(error_kib, learned ? 0 : guest.account.unread_fixed_kib);
}

std::string epoch_of(const model::GuestSample& guest) {
  return model::guest_epoch(guest.boot_id, guest.kernel_release, guest.account.mem_total_kib,
                            guest.account.missing);
}

}  // namespace ballast::storage
