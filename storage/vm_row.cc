#include "storage/vm_row.h"

#include "model/verdict.h"
#include "storage/sample_codec.h"
#include "storage/words.h"

namespace ballast::storage {
namespace {

// In the order in which VmRowReader::read takes them. The scan comes first and CROSS JOIN keeps it
// there, so that each sample is one seek by (scan, vm).
constexpr const char* kSelect =
    "SELECT scan.id, scan.started_ms, scan.vcenter_name, sample.vm_id, "
    "host.name, host.cluster, host.datacenter, host.moref, "
    "vm.moref, vm.name, vm.instance_uuid, vm.bios_uuid, "
    "vm_state.power, vm_state.connection, vm_state.tools, vm_state.guest_ready, "
    "family.value, os.value, "
    "vm_state.configured_kib, vm_state.reservation_kib, vm_state.limit_kib, "
    "sample.balloon_kib, sample.figures, "
    "outcome.verdict, outcome.proof, outcome.reason, outcome.detail, "
    "sample.guest_state_id, sample.unaccounted_kib, sample.guest, "
    "kernel.value, guest_state.boot_id, guest_state.era, guest_state.mem_total_kib, "
    "guest_state.counter_error_kib, missing.value, term_names.value, guest_state.yardstick "
    "FROM usable_scan AS scan "
    "CROSS JOIN sample ON sample.scan_id = scan.id "
    "LEFT JOIN vm ON vm.id = sample.vm_id "
    "LEFT JOIN vm_state ON vm_state.id = sample.vm_state_id "
    "LEFT JOIN host ON host.id = vm_state.host_id "
    "LEFT JOIN text AS family ON family.id = vm_state.guest_family_id "
    "LEFT JOIN text AS os ON os.id = vm_state.guest_os_id "
    "LEFT JOIN outcome ON outcome.id = sample.outcome_id "
    "LEFT JOIN guest_state ON guest_state.id = sample.guest_state_id "
    "LEFT JOIN text AS kernel ON kernel.id = guest_state.kernel_id "
    "LEFT JOIN text AS term_names ON term_names.id = guest_state.term_names_id "
    "LEFT JOIN text AS missing ON missing.id = guest_state.missing_id ";

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

bool read_guest(Columns& columns, UtcTime scan_start, LayoutReader& layouts, VmRow& row) {
  if (!columns.optional_integer()) return true;
  GuestRow& guest = row.guest.emplace();
  guest.unaccounted_kib = columns.integer();
  const std::string packed = columns.text();
  guest.kernel_release = columns.text();
  guest.boot_id = columns.text();
  guest.era = columns.text();
  guest.mem_total_kib = columns.integer();
  guest.counter_error_kib = columns.integer();
  guest.missing = lines_of(columns.text());
  const std::string term_names = columns.text();
  auto yardstick = unpack_yardstick(columns.text(), term_names);
  if (!yardstick) return false;
  const GuestContext context{scan_start, row.vm.stats.balloon_kib, std::move(*yardstick)};
  return unpack_guest(packed, context, layouts, guest, row.judgement);
}

}  // namespace

std::string select_vm_rows(const std::string& condition) { return kSelect + condition; }

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
  row.vm.moref = columns.text();
  row.vm.name = columns.text();
  row.vm.instance_uuid = columns.text();
  row.vm.bios_uuid = columns.text();
  if (!read_state(columns, row.vm)) return std::nullopt;
  row.vm.stats.balloon_kib = columns.optional_integer();
  if (!unpack_figures(columns.text(), scan_start, row.vm)) return std::nullopt;
  if (!read_outcome(columns, row)) return std::nullopt;
  if (!read_guest(columns, scan_start, layouts_, row)) return std::nullopt;
  return row;
}

}  // namespace ballast::storage
