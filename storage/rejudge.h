// Private to storage/: judging stored samples again, by the rules of this program.
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

// The judgement that this row gets with that history; empty where it has to stay as it is: its
// guest was not read, its driver was being reset, version 1 kept too little of it, or the file is
// damaged and its figures are absurd.
[[nodiscard]] std::optional<model::Judgement> judge_again(
    const model::JudgedGuest& row, std::span<const model::HistoryPoint> history);

// As much as the store keeps of two judgements is the same.
[[nodiscard]] bool same_judgement(const model::Judgement& a, const model::Judgement& b);

// How many earlier readings judge_again() wants for this row.
[[nodiscard]] std::size_t history_wanted(const model::JudgedGuest& row);

// See Store::rejudge. References must outlive it.
class Rejudging {
 public:
  Rejudging(Connection& connection, ResultTables& results, GuestHistory& history)
      : connection_(connection), results_(results), history_(history) {}
  Result<RejudgeReport> run(UtcTime since, bool dry_run);

 private:
  // Some samples of one scan, after the VM `last`; the last of them, or empty if there were none.
  Result<std::optional<std::int64_t>> some(const GuestHistory::Moment& moment, std::int64_t last,
                                           bool dry_run, RejudgeReport& report);

  Connection& connection_;
  ResultTables& results_;
  GuestHistory& history_;
};

}  // namespace ballast::storage
