// Private to storage/: the tables of what changes rarely about a VM and its guest, so that samples
// need not repeat it. A state row is never changed; a sample points to the state of its time. Calls
// belong inside a transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/judged_guest.h"
#include "storage/write/dictionary.h"
#include "storage/write/sample_codec.h"

namespace ballast::storage {

// Where a VM is; empty where it does not say.
struct Place {
  std::optional<std::int64_t> host_id;
  std::optional<std::int64_t> pool_id;
};

struct GuestState {
  std::optional<std::int64_t> id;
  std::shared_ptr<Yardstick> yardstick;  // not null where there is an id
};

class StateTables {
 public:
  StateTables(SQLite::Database& db, TextTable& texts);
  // These return `current` if that row still says the same, else a new row.
  std::int64_t vm_state(const model::VmView& vm, const Place& place,
                        std::optional<std::int64_t> current);
  GuestState guest_state(const model::GuestSample& guest, const model::Judgement& judgement,
                         std::optional<std::int64_t> current);

 private:
  SQLite::Database& db_;
  TextTable& texts_;
  SQLite::Statement match_vm_state_;
  SQLite::Statement insert_vm_state_;
  SQLite::Statement match_guest_state_;
  SQLite::Statement insert_guest_state_;
};

}  // namespace ballast::storage
