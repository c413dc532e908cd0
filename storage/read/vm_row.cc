#include "storage/read/vm_row.h"

#include <fmt/format.h>

#include "model/verdict.h"
#include "storage/sqlite/words.h"
#include "storage/sqlite/wrapping.h"
#include "storage/write/sample_codec.h"

namespace ballast::storage {
namespace {

// The columns that read_guest takes, in its order, and the table that they come from beside sample.
constexpr const char* kGuestColumns =
    "sample.guest_state_id, sample.unaccounted_kib, sample.guest, "
    "guest_state.kernel_id, guest_state.boot_id, guest_state.era, guest_state.mem_total_kib, "
    "guest_state.counter_error_kib, guest_state.missing_id, guest_state.cpus, "
    "guest_state.unread_fixed_kib, guest_state.channel, guest_state.term_names_id, "
    "guest_state.yardstick ";
constexpr const char* kGuestTables =
    "LEFT JOIN guest_state ON guest_state.id = sample.guest_state_id ";

// In the order in which VmRowReader::read takes them.
constexpr const char* kColumns =
    "SELECT scan.id, scan.started_ms, scan.vcenter_name, sample.vm_id, "
    "vm_state.host_id, vm_state.pool_id, vm.moref, vm.name, vm.instance_uuid, vm.bios_uuid, "
    "vm_state.power, vm_state.connection, vm_state.tools, vm_state.guest_ready, "
    "vm_state.guest_family_id, vm_state.guest_os_id, "
    "vm_state.configured_kib, vm_state.reservation_kib, vm_state.limit_kib, "
    "sample.balloon_kib, sample.figures, sample.outcome_id, ";
// The scan comes first and CROSS JOIN keeps it there, so that its samples are one range.
constexpr const char* kTables =
    "FROM usable_scan AS scan "
    "CROSS JOIN sample ON sample.id >= scan.id << 32 AND sample.id < (scan.id + 1) << 32 "
    "LEFT JOIN vm ON vm.id = sample.vm_id "
    "LEFT JOIN vm_state ON vm_state.id = sample.vm_state_id ";

// Takes the columns of a row one after the other.
class Columns {
 public:
  explicit Columns(const RowCursor& row) : row_(row) {}
  std::int64_t integer() { return row_.integer(next_++); }
  std::optional<std::int64_t> optional_integer() { return row_.optional_integer(next_++); }
  // Text or blob; valid until the next step.
  std::string_view view() { return row_.view(next_++); }

 private:
  const RowCursor& row_;
  int next_ = 0;
};

// As new, but for the memory of the list.
void clear(model::Judgement& judgement) {
  auto tolerance = std::move(judgement.tolerance);
  tolerance.clear();
  judgement = {};
  judgement.tolerance = std::move(tolerance);
}
// What read_guest only adds to; it sets the rest.
void clear(model::GuestSample& guest) {
  guest.account.parts.clear();
  guest.suspects.clear();
  guest.pressure = {};
}

bool read_state(Columns& columns, RowDictionary& known, model::VmView& vm) {
  const auto power = power_from_word(columns.view());
  const auto connection = connection_from_word(columns.view());
  const auto tools = tools_from_word(columns.view());
  const auto ready = columns.optional_integer();
  if (!power || !connection || !tools) return false;
  vm.power = *power;
  vm.connection = *connection;
  vm.tools = *tools;
  vm.guest_operations_ready = ready ? std::optional(*ready != 0) : std::nullopt;
  vm.guest_family = known.text(columns.optional_integer());
  vm.guest_id = known.text(columns.optional_integer());
  vm.configured_kib = columns.optional_integer();
  vm.allocation.reservation_kib = columns.optional_integer();
  vm.allocation.limit_kib = columns.optional_integer();
  return true;
}

bool read_outcome(Columns& columns, RowDictionary& known, model::JudgedGuest& row) {
  const auto* outcome = known.outcome(columns.integer());
  if (outcome == nullptr) return false;
  row.judgement.verdict = outcome->verdict;
  row.judgement.proof = outcome->proof;
  row.judgement.reason = outcome->reason;
  row.detail = outcome->detail;
  return true;
}

void read_place(Columns& columns, RowDictionary& known, model::JudgedGuest& row) {
  const auto& host = known.host(columns.optional_integer());
  row.vm.host_moref = host.moref;
  row.host = host.name;
  row.cluster = host.cluster;
  row.datacenter = host.datacenter;
  const auto& pool = known.pool(columns.optional_integer());
  row.vm.pool_moref = pool.moref;
  row.pool = pool.name;
}

bool read_guest(Columns& columns, UtcTime scan_start, std::optional<std::int64_t> balloon_kib,
                RowDictionary& known, LayoutReader& layouts, model::GuestSample& guest,
                model::Judgement& judgement) {
  model::MemoryAccount& account = guest.account;
  account.unaccounted_kib = columns.integer();
  const std::string_view packed = columns.view();
  guest.kernel_release = known.text(columns.integer());
  guest.boot_id = columns.view();
  const auto era = model::era_from_string(columns.view());
  if (!era) return false;
  account.era = *era;
  account.mem_total_kib = columns.integer();
  account.counter_error_kib = columns.integer();
  account.missing = known.lines(columns.integer());
  guest.cpus = columns.optional_integer();
  account.unread_fixed_kib = columns.optional_integer().value_or(0);
  guest.channel = model::channel_from_string(columns.view());
  const auto& term_names = known.names(columns.integer());
  auto yardstick = unpack_yardstick(columns.view(), term_names);
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

bool VmRowReader::read(const RowCursor& cursor, model::JudgedGuest& row) {
  Columns columns(cursor);
  row.scan_id = columns.integer();
  const UtcTime scan_start{std::chrono::milliseconds(columns.integer())};
  row.vcenter = columns.view();
  row.vm_id = columns.integer();
  read_place(columns, known_, row);
  row.vm.moref = columns.view();
  row.vm.name = columns.view();
  row.vm.instance_uuid = columns.view();
  row.vm.bios_uuid = columns.view();
  if (!read_state(columns, known_, row.vm)) return false;
  row.vm.stats.balloon_kib = columns.optional_integer();
  if (!unpack_figures(columns.view(), scan_start, row.vm)) return false;
  clear(row.judgement);
  if (!read_outcome(columns, known_, row) || !known_.setback(row.vm_id, row.setback)) return false;
  if (!columns.optional_integer()) {
    row.guest.reset();
    return true;
  }
  if (row.guest) {
    clear(*row.guest);
  } else {
    row.guest.emplace();
  }
  return read_guest(columns, scan_start, row.vm.stats.balloon_kib, known_, layouts_, *row.guest,
                    row.judgement);
}

std::optional<model::HistoryPoint> VmRowReader::read_point(const RowCursor& cursor) {
  Columns columns(cursor);
  const UtcTime scan_start{std::chrono::milliseconds(columns.integer())};
  const auto balloon_kib = columns.optional_integer();
  (void)columns.optional_integer();
  model::GuestSample guest;
  model::Judgement judgement;
  if (!read_guest(columns, scan_start, balloon_kib, known_, layouts_, guest, judgement)) {
    return std::nullopt;
  }
  model::HistoryPoint point;
  point.read_at = guest.read_at;
  point.is_report = guest.channel == model::Channel::kReport;
  point.epoch = epoch_of(guest);
  point.balloon_kib = balloon_kib;
  const auto& account = guest.account;
  point.driver_kib = account.driver_kib ? account.driver_kib : account.vmstat_kib;
  point.unaccounted_kib = account.unaccounted_kib;
  point.error_kib = reading_error(guest, judgement);
  return point;
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
