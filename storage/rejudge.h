// Private to storage/: judging stored samples again, by the rules of this program.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/verdict.h"
#include "storage/guest_history.h"
#include "storage/queries.h"

namespace ballast::storage {

// The judgement that this row gets with that history; empty where it has to stay as it is: its
// guest was not read, its driver was being reset, or version 1 kept too little of it.
[[nodiscard]] std::optional<model::Judgement> judge_again(
    const VmRow& row, std::span<const model::HistoryPoint> history);

// As much as the store keeps of two judgements is the same.
[[nodiscard]] bool same_judgement(const model::Judgement& a, const model::Judgement& b);

// How many earlier readings judge_again() wants for this row.
[[nodiscard]] std::size_t history_wanted(const VmRow& row);

}  // namespace ballast::storage
