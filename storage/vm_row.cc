#include "storage/vm_row.h"

#include <fmt/format.h>

#include "model/verdict.h"
#include "storage/sample_codec.h"
#include "storage/setback_table.h"
#include "storage/words.h"
#include "storage/wrapping.h"

namespace ballast::storage {
namespace {

// What read_guest takes, in its order, and the tables it comes from.
constexpr const char* kGuestColumns =
    "sample.guest_state_id, sample.unaccounted_kib, sample.guest, "
    "kernel.value, guest_state.boot_id, guest_state.era, guest_state.mem_total_kib, "
    "guest_state.counter_error_kib, missing.value, guest_state.cpus, "
    "guest_state.unread_fixed_kib, term_names.value, guest_state.yardstick ";
constexpr const char* kGuestTables =
    "LEFT JOIN guest_state ON guest_state.id = sample.guest_state_id "
    "LEFT JOIN text AS kernel ON kernel.id = guest_state.kernel_id "
    "LEFT JOIN text AS term_names ON term_names.id = guest_state.term_names_id "
    "LEFT JOIN text AS missing ON missing.id = guest_state.missing_id ";

// In the order in which VmRowReader::read takes them.
constexpr const char* kColumns =
    "SELECT scan.id, scan.started_ms, scan.vcenter_name, sample.vm_id, "
    "host.name, host.cluster, host.datacenter, host.moref, pool.moref, pool.name, "
    "vm.moref, vm.name, vm.instance_uuid, vm.bios_uuid, "
    "vm_state.power, vm_state.connection, vm_state.tools, vm_state.guest_ready, "
    "family.value, os.value, "
    "vm_state.configured_kib, vm_state.reservation_kib, vm_state.limit_kib, "
    "sample.balloon_kib, sample.figures, "
    "outcome.verdict, outcome.proof, outcome.reason, outcome.detail, "
    "setback.reason, setback.failures, setback.last_try_ms, setback.next_try_ms, login.value, ";
// The scan comes first and CROSS JOIN keeps it there, so that its samples are one range.
constexpr const char* kTables =
    "FROM usable_scan AS scan "
    "CROSS JOIN sample ON sample.id >= scan.id << 32 AND sample.id < (scan.id + 1) << 32 "
    "LEFT JOIN vm ON vm.id = sample.vm_id "
    "LEFT JOIN vm_state ON vm_state.id = sample.vm_state_id "
    "LEFT JOIN host ON host.id = vm_state.host_id "
    "LEFT JOIN pool ON pool.id = vm_state.pool_id "
    "LEFT JOIN text AS family ON family.id = vm_state.guest_family_id "
    "LEFT JOIN text AS os ON os.id = vm_state.guest_os_id "
    "LEFT JOIN outcome ON outcome.id = sample.outcome_id "
    "LEFT JOIN guest_setback AS setback ON setback.vm_id = sample.vm_id "
    "LEFT JOIN text AS login ON login.id = setback.username_id ";

// Takes the columns of a row one after the other; NULL text is "".
class Columns {
 public:
  explicit Columns(SQLite::Statement& statement) : statement_(statement) {}
  std::int64_t integer() { return statement_.getColumn(next_++).getInt64(); }
  std::optional<std::int64_t> optional_integer() {
    if (statement_.isColumnNull(next_)) return ++next_, std::nullopt;
    return integer();
  }
  std::string text() { return statement_.getColumn(next_++).getString(); }
  // False if there is one that ballast never writes.
  bool setback(std::optional<model::Setback>& setback) {
    const int first = next_;
    next_ += 5;
    if (statement_.isColumnNull(first)) return true;
    setback = read_setback(statement_, first);
    return setback.has_value();
  }

 private:
  SQLite::Statement& statement_;
  int next_ = 0;
};

bool read_state(Columns& columns, model::VmView& vm) {
  const auto power = power_from_word(columns.text());
  const auto connection = connection_from_word(columns.text());
  const auto tools = tools_from_word(columns.text());
  const auto ready = columns.optional_integer();
  if (!power || !connection || !tools) return false;
  vm.power = *power;
  vm.connection = *connection;
  vm.tools = *tools;
  if (ready) vm.guest_operations_ready = *ready != 0;
  vm.guest_family = columns.text();
  vm.guest_id = columns.text();
  vm.configured_kib = columns.optional_integer();
  vm.allocation.reservation_kib = columns.optional_integer();
  vm.allocation.limit_kib = columns.optional_integer();
  return true;
}

bool read_outcome(Columns& columns, VmRow& row) {
  const auto verdict = model::verdict_from_string(columns.text());
  const auto proof = model::proof_from_string(columns.text());
  const auto reason = model::reason_from_string(columns.text());
  if (!verdict || !proof || !reason) return false;
  row.judgement.verdict = *verdict;
  row.judgement.proof = *proof;
  row.judgement.reason = *reason;
  row.detail = columns.text();
  return true;
}

bool read_guest(Columns& columns, UtcTime scan_start, std::optional<std::int64_t> balloon_kib,
                LayoutReader& layouts, GuestRow& guest, model::Judgement& judgement) {
  guest.unaccounted_kib = columns.integer();
  const std::string packed = columns.text();
  guest.kernel_release = columns.text();
  guest.boot_id = columns.text();
  guest.era = columns.text();
  guest.mem_total_kib = columns.integer();
  guest.counter_error_kib = columns.integer();
  guest.missing = lines_of(columns.text());
  guest.cpus = columns.optional_integer();
  guest.unread_fixed_kib = columns.optional_integer();
  const std::string term_names = columns.text();
  auto yardstick = unpack_yardstick(columns.text(), term_names);
  if (!yardstick) return false;
  const GuestContext context{scan_start, balloon_kib, std::move(*yardstick)};
  return unpack_guest(packed, context, layouts, guest, judgement);
}

}  // namespace

std::string select_vm_rows(const std::string& condition) {
  return fmt::format("{}{}{}{}{}", kColumns, kGuestColumns, kTables, kGuestTables, condition);
}

std::string select_history_point() {
  return fmt::format(
      "SELECT scan.started_ms, sample.balloon_kib, {}"
      "FROM sample JOIN scan ON scan.id = sample.scan_id {}"
      "WHERE sample.id = (?1 << 32 | ?2) AND sample.guest_state_id IS NOT NULL",
      kGuestColumns, kGuestTables);
}

std::optional<VmRow> VmRowReader::read(SQLite::Statement& statement) {
  Columns columns(statement);
  VmRow row;
  row.scan_id = columns.integer();
  const UtcTime scan_start{std::chrono::milliseconds(columns.integer())};
  row.vcenter = columns.text();
  row.vm_id = columns.integer();
  row.host = columns.text();
  row.cluster = columns.text();
  row.datacenter = columns.text();
  row.vm.host_moref = columns.text();
  row.vm.pool_moref = columns.text();
  row.pool = columns.text();
  row.vm.moref = columns.text();
  row.vm.name = columns.text();
  row.vm.instance_uuid = columns.text();
  row.vm.bios_uuid = columns.text();
  if (!read_state(columns, row.vm)) return std::nullopt;
  row.vm.stats.balloon_kib = columns.optional_integer();
  if (!unpack_figures(columns.text(), scan_start, row.vm)) return std::nullopt;
  if (!read_outcome(columns, row) || !columns.setback(row.setback)) return std::nullopt;
  if (!columns.optional_integer()) return row;
  const auto balloon_kib = row.vm.stats.balloon_kib;
  auto& guest = row.guest.emplace();
  if (!read_guest(columns, scan_start, balloon_kib, layouts_, guest, row.judgement)) {
    return std::nullopt;
  }
  return row;
}

std::optional<model::HistoryPoint> VmRowReader::read_point(SQLite::Statement& statement) {
  Columns columns(statement);
  const UtcTime scan_start{std::chrono::milliseconds(columns.integer())};
  const auto balloon_kib = columns.optional_integer();
  (void)columns.optional_integer();
  GuestRow guest;
  model::Judgement judgement;
  if (!read_guest(columns, scan_start, balloon_kib, layouts_, guest, judgement)) {
    return std::nullopt;
  }
  model::HistoryPoint point;
  point.read_at = guest.read_at;
  point.epoch = epoch_of(guest);
  point.balloon_kib = balloon_kib;
  point.driver_kib = guest.driver_kib ? guest.driver_kib : guest.vmstat_kib;
  point.unaccounted_kib = guest.unaccounted_kib;
  point.error_kib = reading_error(guest, judgement);
  return point;
}

std::int64_t reading_error(const GuestRow& guest, const model::Judgement& judgement) {
  std::int64_t error_kib = guest.counter_error_kib;
  for (const auto& term : judgement.tolerance) {
    if (term.name == "unread") error_kib = plus(error_kib, term.kib);
  }
  // What is missing at every reading is in a learned baseline, and was a term of the prior.
  const bool learned = judgement.baseline.samples > 0;
  return minus(error_kib, learned ? 0 : guest.unread_fixed_kib.value_or(0));
}

std::string epoch_of(const GuestRow& guest) {
  return model::guest_epoch(guest.boot_id, guest.kernel_release, guest.mem_total_kib,
                            guest.missing);
}

}  // namespace ballast::storage
