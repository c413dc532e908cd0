#include "storage/write/dictionary.h"

#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

// A fleet has a few hundred different texts; hostile guests must not make this grow for ever.
constexpr std::size_t kMaxKnownWords = 10'000;

}  // namespace

TextTable::TextTable(SQLite::Database& db)
    : db_(db),
      find_(db, "SELECT id FROM text WHERE value = ?1"),
      insert_(db, "INSERT INTO text (value) VALUES (?1)") {}

std::int64_t TextTable::id(const std::string& value) {
  if (const auto known = known_.find(value); known != known_.end()) return known->second;
  if (known_.size() >= kMaxKnownWords) known_.clear();

  std::int64_t id = 0;
  if (BoundStatement find(find_, value); find.step()) {
    id = find.integer(0);
  } else {
    BoundStatement(insert_, value).run();
    id = db_.getLastInsertRowid();
  }
  known_.emplace(value, id);
  return id;
}

std::optional<std::int64_t> TextTable::id_or_null(const std::string& value) {
  if (value.empty()) return std::nullopt;
  return id(value);
}

OutcomeTable::OutcomeTable(SQLite::Database& db)
    : db_(db),
      find_(db,
            "SELECT id FROM outcome WHERE verdict = ?1 AND proof = ?2 AND reason = ?3 AND "
            "detail = ?4"),
      insert_(db, "INSERT INTO outcome (verdict, proof, reason, detail) VALUES (?1, ?2, ?3, ?4)") {}

std::int64_t OutcomeTable::id(const model::Judgement& judgement, const std::string& detail) {
  Key key(judgement.verdict, judgement.proof, judgement.reason, detail);
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  if (known_.size() >= kMaxKnownWords) known_.clear();

  const auto verdict = model::to_string(judgement.verdict);
  const auto proof = model::to_string(judgement.proof);
  const auto reason = model::to_string(judgement.reason);
  std::int64_t id = 0;
  if (BoundStatement find(find_, verdict, proof, reason, detail); find.step()) {
    id = find.integer(0);
  } else {
    BoundStatement(insert_, verdict, proof, reason, detail).run();
    id = db_.getLastInsertRowid();
  }
  known_.emplace(std::move(key), id);
  return id;
}

}  // namespace ballast::storage
