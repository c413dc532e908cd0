// Private to storage/: judges stored samples again, by the rules of this program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/verdict.h"
#include "storage/queries.h"
#include "storage/read/guest_history.h"
#include "storage/sqlite/connection.h"
#include "storage/store.h"
#include "storage/write/result_tables.h"

namespace ballast::storage {

// Returns the judgement of a row with that history. Empty if the stored one has to stay: the guest
// was not read, its driver was being reset, schema version 1 kept too little of it, or its figures
// are absurd, as in a damaged file.
[[nodiscard]] std::optional<model::Judgement> judge_again(
    const model::JudgedGuest& row, std::span<const model::HistoryPoint> history);

// Returns whether two judgements are the same in everything that the store keeps of them.
[[nodiscard]] bool same_judgement(const model::Judgement& a, const model::Judgement& b);

// Returns how many earlier readings judge_again() wants for this row.
[[nodiscard]] std::size_t history_wanted(const model::JudgedGuest& row);

class Rejudging {
 public:
  // All three must outlive it.
  Rejudging(Connection& connection, ResultTables& results, GuestHistory& history)
      : connection_(connection), results_(results), history_(history) {}
  // Does what Store::rejudge says.
  Result<RejudgeReport> run(UtcTime since, bool dry_run);

 private:
  // Judges some samples of one scan, those of the VMs after `last`. Returns the last of these VMs,
  // empty if there was none.
  Result<std::optional<std::int64_t>> some(const GuestHistory::Moment& moment, std::int64_t last,
                                           bool dry_run, RejudgeReport& report);

  Connection& connection_;
  ResultTables& results_;
  GuestHistory& history_;
};

}  // namespace ballast::storage
