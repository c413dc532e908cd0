#include "storage/write/account_layout.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {

namespace {

template <class Items>
bool same_names(const LastingNames& names, const Items& items) {
  return std::equal(
      names.begin(), names.end(), items.begin(), items.end(),
      [](std::string_view name, const auto& item) { return is_same_name(name, item.name); });
}

template <class Items>
LastingNames names_in(const Items& items) {
  LastingNames names;
  for (const auto& item : items) names.push_back(item.name);
  return names;
}

}  // namespace

LastingNames lasting_names(std::string_view lines) {
  static std::mutex mutex;
  static std::set<std::string, std::less<>> known;
  const std::scoped_lock lock(mutex);
  LastingNames names;
  for (auto& name : lines_of(lines)) names.push_back(*known.insert(std::move(name)).first);
  return names;
}

void append_line(std::string& text, std::string_view line) {
  for (const char c : line) text += c == '\n' ? ' ' : c;
  text += '\n';
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

LayoutTable::LayoutTable(SQLite::Database& db)
    : db_(db),
      find_(db, "SELECT id FROM account_layout WHERE parts = ?1 AND terms = ?2"),
      insert_(db, "INSERT INTO account_layout (parts, terms) VALUES (?1, ?2)") {}

void LayoutTable::forget() {
  known_.clear();
  last_.reset();
}

std::int64_t LayoutTable::id(const std::vector<model::AccountPart>& parts,
                             const std::vector<model::ToleranceTerm>& terms) {
  if (!last_ || !same_names(last_->layout.parts, parts) ||
      !same_names(last_->layout.terms, terms)) {
    last_ = Last{{names_in(parts), names_in(terms)}, id_of(names_of(parts), names_of(terms))};
  }
  return last_->id;
}

std::int64_t LayoutTable::id_of(const std::string& parts, const std::string& terms) {
  std::pair key(parts, terms);
  if (const auto known = known_.find(key); known != known_.end()) return known->second;

  std::int64_t id = 0;
  if (BoundStatement find(find_, key.first, key.second); find.step()) {
    id = find.integer(0);
  } else {
    BoundStatement(insert_, key.first, key.second).run();
    id = db_.getLastInsertRowid();
  }
  known_.emplace(std::move(key), id);
  return id;
}

LayoutReader::LayoutReader(SQLite::Database& db)
    : find_(db, "SELECT parts, terms FROM account_layout WHERE id = ?1") {}

const AccountLayout* LayoutReader::find(std::int64_t id) {
  if (const auto known = known_.find(id); known != known_.end()) return &known->second;
  BoundStatement row(find_, id);
  if (!row.step()) return nullptr;
  return &known_.emplace(id, AccountLayout{lasting_names(row.view(0)), lasting_names(row.view(1))})
              .first->second;
}

}  // namespace ballast::storage
