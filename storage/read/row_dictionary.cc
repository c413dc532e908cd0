#include "storage/read/row_dictionary.h"

#include "storage/sqlite/bound_statement.h"
#include "storage/write/setback_table.h"

namespace ballast::storage {
namespace {

// Texts and details come from guests: what hostile ones make up must not be held for ever.
constexpr std::size_t kMaxKnownRows = 10'000;

// Returns the known value, or make(row) for the row with that number; an empty one without a row.
template <class Value, class Make>
const Value& look_up(std::unordered_map<std::int64_t, Value>& known, SQLite::Statement& find,
                     RowDictionary::Id id, Make make) {
  static const Value kNothing{};
  if (!id) return kNothing;
  if (const auto found = known.find(*id); found != known.end()) return found->second;
  if (known.size() >= kMaxKnownRows) known.clear();
  BoundStatement row(find, *id);
  return known.emplace(*id, row.step() ? make(row) : Value{}).first->second;
}

}  // namespace

RowDictionary::RowDictionary(SQLite::Database& db)
    : find_text_(db, "SELECT value FROM text WHERE id = ?1"),
      find_host_(db, "SELECT moref, name, cluster, datacenter FROM host WHERE id = ?1"),
      find_pool_(db, "SELECT moref, name FROM pool WHERE id = ?1"),
      find_outcome_(db, "SELECT verdict, proof, reason, detail FROM outcome WHERE id = ?1"),
      select_setbacks_(db,
                       "SELECT vm_id, reason, failures, last_try_ms, next_try_ms, text.value "
                       "FROM guest_setback LEFT JOIN text ON text.id = username_id") {}

const std::string& RowDictionary::text(Id id) {
  return look_up(texts_, find_text_, id, [](BoundStatement& row) { return row.text(0); });
}

const std::vector<std::string>& RowDictionary::lines(Id id) {
  return look_up(lines_, find_text_, id, [](BoundStatement& row) { return lines_of(row.view(0)); });
}

const LastingNames& RowDictionary::names(Id id) {
  return look_up(names_, find_text_, id,
                 [](BoundStatement& row) { return lasting_names(row.view(0)); });
}

const RowDictionary::Host& RowDictionary::host(Id id) {
  return look_up(hosts_, find_host_, id, [](BoundStatement& row) {
    return Host{row.text(0), row.text(1), row.text(2), row.text(3)};
  });
}

const RowDictionary::Pool& RowDictionary::pool(Id id) {
  return look_up(pools_, find_pool_, id, [](BoundStatement& row) {
    return Pool{row.text(0), row.text(1)};
  });
}

const RowDictionary::Outcome* RowDictionary::outcome(std::int64_t id) {
  const auto& found =
      look_up(outcomes_, find_outcome_, id, [](BoundStatement& row) -> std::optional<Outcome> {
        const auto verdict = model::verdict_from_string(row.view(0));
        const auto proof = model::proof_from_string(row.view(1));
        const auto reason = model::reason_from_string(row.view(2));
        if (!verdict || !proof || !reason) return std::nullopt;
        return Outcome{*verdict, *proof, *reason, row.text(3)};
      });
  return found ? &*found : nullptr;
}

bool RowDictionary::setback(std::int64_t vm_id, std::optional<model::Setback>& setback) {
  if (!setbacks_) {
    setbacks_.emplace();
    for (BoundStatement row(select_setbacks_); row.step();) {
      setbacks_->emplace(row.integer(0), read_setback(select_setbacks_, 1));
    }
  }
  const auto found = setbacks_->find(vm_id);
  setback = found == setbacks_->end() ? std::nullopt : found->second;
  return found == setbacks_->end() || setback.has_value();
}

}  // namespace ballast::storage
