#include "storage/read/key_gap.h"

#include <string>

#include <fmt/format.h>

#include "storage/schema/schema.h"

namespace ballast::storage {
namespace {

std::string select_beside(std::string_view table, std::string_view side, std::string_view order) {
  return fmt::format(
      "SELECT {0} FROM {1} WHERE (vcenter_id, scan_id, vm_id) {2} (?1, ?2, ?3) "
      "ORDER BY vcenter_id {3}, scan_id {3}, vm_id {3} LIMIT 1",
      sound(table), table, side, order);
}

}  // namespace

KeyGap::KeyGap(SQLite::Database& db, std::string_view table)
    : before_(db, select_beside(table, "<", "DESC")),
      after_(db, select_beside(table, ">", "ASC")) {}

bool KeyGap::is_sound(std::int64_t vcenter_id, std::int64_t scan_id, std::int64_t vm_id) {
  for (RowCursor* rows : {&before_, &after_}) {
    const auto run = rows->run(vcenter_id, scan_id, vm_id);
    if (rows->step() && rows->integer(0) == 0) return false;
  }
  return true;
}

}  // namespace ballast::storage
