#include "storage/write/state_tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/verdict.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/words.h"

namespace ballast::storage {
namespace {

// The columns after id and vcenter_id, in their order: ?2, ?3, …
constexpr const char* kSameVmState =
    "host_id IS ?2 AND pool_id IS ?3 AND power = ?4 AND connection = ?5 AND tools = ?6 "
    "AND guest_ready IS ?7 AND guest_family = ?8 AND guest_os = ?9 AND configured_kib IS ?10 "
    "AND reservation_kib IS ?11 AND limit_kib IS ?12";
constexpr const char* kSameGuestState =
    "kernel = ?2 AND boot_id = ?3 AND era = ?4 AND channel = ?5 AND cpus IS ?6 "
    "AND mem_total_kib = ?7 AND counter_error_kib = ?8 AND unread_fixed_kib = ?9 AND missing = ?10";
constexpr const char* kSameOutcome = "verdict = ?2 AND proof = ?3 AND reason = ?4 AND detail = ?5";

std::string insert_into(std::string_view table) {
  const auto& all = tables();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == table; });
  std::string places = "?";
  for (std::size_t i = 0; i < found->columns.size(); ++i) places += ",?";
  return fmt::format("INSERT INTO {} VALUES ({})", table, places);
}

}  // namespace

std::string lines_text(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    const std::size_t begin = text.size();
    text += line;
    std::replace(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), '\n', ' ');
    text += '\n';
  }
  return text;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

StateTables::Table::Table(SQLite::Database& db, const char* table, const char* same)
    : find(db, fmt::format("SELECT id FROM {} WHERE vcenter_id = ?1 AND {}", table, same)),
      newest(db, fmt::format("SELECT coalesce(max(id), 0) FROM {}", table)),
      insert(db, insert_into(table)) {}

template <class... Values>
std::int64_t StateTables::Table::same_or_new(std::int64_t vcenter_id, const Values&... values) {
  if (BoundStatement row(find, vcenter_id, values...); row.step()) return row.integer(0);
  BoundStatement last(newest);
  last.step();
  const std::int64_t id = last.integer(0) + 1;
  insert_row(insert, id, vcenter_id, values...);
  return id;
}

StateTables::StateTables(SQLite::Database& db)
    : vm_states_(db, "vm_state", kSameVmState),
      guest_states_(db, "guest_state", kSameGuestState),
      outcomes_(db, "outcome", kSameOutcome) {}

std::int64_t StateTables::vm_state(std::int64_t vcenter_id, const model::VmView& vm,
                                   const Place& place) {
  std::optional<std::int64_t> ready;
  if (vm.guest_operations_ready) ready = *vm.guest_operations_ready ? 1 : 0;
  return vm_states_.same_or_new(
      vcenter_id, place.host_id, place.pool_id, word_for(vm.power), word_for(vm.connection),
      word_for(vm.tools), ready, std::string_view(vm.guest_family), std::string_view(vm.guest_id),
      vm.configured_kib, vm.allocation.reservation_kib, vm.allocation.limit_kib);
}

std::int64_t StateTables::guest_state(std::int64_t vcenter_id, const model::GuestSample& guest) {
  const model::MemoryAccount& account = guest.account;
  const std::string missing = lines_text(account.missing);
  return guest_states_.same_or_new(vcenter_id, std::string_view(guest.kernel_release),
                                   std::string_view(guest.boot_id), model::to_string(account.era),
                                   model::to_string(guest.channel), guest.cpus,
                                   account.mem_total_kib, account.counter_error_kib,
                                   account.unread_fixed_kib, std::string_view(missing));
}

std::int64_t StateTables::outcome(std::int64_t vcenter_id, const model::Judgement& judgement,
                                  const std::string& detail) {
  return outcomes_.same_or_new(vcenter_id, model::to_string(judgement.verdict),
                               model::to_string(judgement.proof),
                               model::to_string(judgement.reason), std::string_view(detail));
}

}  // namespace ballast::storage
