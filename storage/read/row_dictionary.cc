#include "storage/read/row_dictionary.h"

#include <chrono>

#include <fmt/format.h>

#include "storage/schema/schema.h"
#include "storage/write/setback_table.h"

namespace ballast::storage {
namespace {

std::string by_id(std::string_view table) {
  return fmt::format("SELECT {} FROM {} WHERE id = ?1", row_of(table), table);
}

// Returns the value of `id` in `known`, read from the database by `read`, which takes the columns of
// the row, where it is not known yet.
template <class Known, class Read>
auto* look_up(Known& known, RowCursor& find, std::int64_t id, const Read& read) {
  auto [place, is_new] = known.try_emplace(id);
  if (is_new) {
    const auto run = find.run(id);
    if (find.step()) {
      Columns columns(find);
      columns.integer();  // the number itself
      place->second = read(columns);
      if (!columns.is_sound()) place->second.reset();
    }
  }
  return place->second ? &*place->second : nullptr;
}

}  // namespace

RowDictionary::RowDictionary(SQLite::Database& db)
    : db_(db),
      find_scan_(db, by_id("scan")),
      find_host_(db, by_id("host")),
      find_pool_(db, by_id("pool")),
      find_outcome_(db, by_id("outcome")) {}

const RowDictionary::Scan* RowDictionary::scan(std::int64_t id) {
  return look_up(scans_, find_scan_, id, [](Columns& columns) {
    Scan scan;
    columns.text();  // its UUID
    scan.vcenter_id = columns.integer();
    scan.vcenter = columns.text();
    columns.text();  // URL
    columns.text();  // scope
    columns.text();  // status
    scan.started_at = UtcTime(std::chrono::milliseconds(columns.integer()));
    columns.optional_integer();                     // its end
    columns.text();                                 // error
    for (int i = 0; i < 6; ++i) columns.integer();  // counts, and the process of the writer:
    columns.text();
    columns.integer();
    return std::optional(std::move(scan));
  });
}

const RowDictionary::Host* RowDictionary::host(Id id) {
  static const Host kNone;
  if (!id) return &kNone;
  return look_up(hosts_, find_host_, *id, [](Columns& columns) {
    columns.integer();  // the vCenter
    Host host;
    host.moref = columns.text();
    host.name = columns.text();
    host.cluster = columns.text();
    host.datacenter = columns.text();
    return std::optional(std::move(host));
  });
}

const RowDictionary::Pool* RowDictionary::pool(Id id) {
  static const Pool kNone;
  if (!id) return &kNone;
  return look_up(pools_, find_pool_, *id, [](Columns& columns) {
    columns.integer();  // the vCenter
    Pool pool;
    pool.moref = columns.text();
    pool.name = columns.text();
    return std::optional(std::move(pool));
  });
}

const RowDictionary::Outcome* RowDictionary::outcome(std::int64_t id) {
  return look_up(outcomes_, find_outcome_, id, [](Columns& columns) {
    columns.integer();  // the vCenter
    const auto verdict = model::verdict_from_string(columns.text());
    const auto proof = model::proof_from_string(columns.text());
    const auto reason = model::reason_from_string(columns.text());
    const auto detail = columns.text();
    if (!verdict || !proof || !reason) return std::optional<Outcome>();
    return std::optional(Outcome{*verdict, *proof, *reason, std::string(detail)});
  });
}

bool RowDictionary::setback(std::int64_t vm_id, std::optional<model::Setback>& setback) {
  if (!setbacks_) {
    auto all = read_guest_setbacks(db_);
    setbacks_are_sound_ = all.has_value();
    setbacks_.emplace();
    if (all) setbacks_ = std::move(all);
  }
  setback.reset();
  if (const auto found = setbacks_->find(vm_id); found != setbacks_->end()) setback = found->second;
  return setbacks_are_sound_;
}

}  // namespace ballast::storage
