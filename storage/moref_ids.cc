#include "storage/moref_ids.h"

#include "storage/bound.h"

namespace ballast::storage {

MorefIds::MorefIds(SQLite::Database& db, const char* find, const char* insert)
    : db_(db), find_(db, find), insert_(db, insert) {}

std::int64_t MorefIds::id(std::int64_t vcenter_id, const std::string& moref) {
  auto& ids = known_[vcenter_id];
  if (const auto known = ids.find(moref); known != ids.end()) return known->second;

  std::int64_t id = 0;
  if (Bound find(find_, vcenter_id, moref); find.step()) {
    id = find.integer(0);
  } else {
    Bound(insert_, vcenter_id, moref).run();
    id = db_.getLastInsertRowid();
  }
  ids.emplace(moref, id);
  return id;
}

std::optional<std::int64_t> MorefIds::id_or_null(std::int64_t vcenter_id,
                                                 const std::string& moref) {
  if (moref.empty()) return std::nullopt;
  return id(vcenter_id, moref);
}

}  // namespace ballast::storage
