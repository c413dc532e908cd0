// The catalogue of figures: everything that a judged guest has, each with its key, title, unit,
// meaning and how to get it. JSON, CSV, tables and docs/CSV.md are made from it; no front end spells
// a figure out by itself. A new figure is one row in figures.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "model/judged_guest.h"

namespace ballast::model {

// What a value counts, which decides how it is written. A key ends in its unit: "_kib", "_s".
enum class Unit { kText, kTime, kYesNo, kCount, kSeconds, kKib, kKibPerDay, kRatio, kPercent };

// Empty (monostate) means "not told", "not read" or "does not apply", never zero. Text may be ""
// with the same meaning. A string_view lives as long as the guest that it came from.
using FigureValue = std::variant<std::monostate, std::string_view, std::string, UtcTime, bool,
                                 std::int64_t, double>;

// Who tells a figure, and so where it stands in output that is grouped.
enum class FigureGroup { kIdentity, kHypervisor, kGuest, kEvidence, kJudgement, kPressure };

// In which outputs that list all figures of a kind this one is found.
enum class Listed { kNowhere, kSamples };  // kSamples: `export samples`

struct Figure {
  std::string_view key;  // of JSON and CSV; never changes its meaning
  FigureGroup group;
  Unit unit;
  Listed listed;
  std::string_view title;    // for people, as the label of a table
  std::string_view meaning;  // for docs and help: what the title leaves open; may be ""
  FigureValue (*get)(const JudgedGuest& guest);
};

// Returns the catalogue, in the order in which groups show their figures.
[[nodiscard]] std::span<const Figure> figures();

// Returns the figure with that key. There must be one: a key that is not in the catalogue is a
// programming error (std::logic_error).
[[nodiscard]] const Figure& figure(std::string_view key);

// Returns "free, on per-CPU lists" for "pcp", the name of a part of an account (model/account/account.h); a
// key that is not known is returned as words.
[[nodiscard]] std::string part_title(std::string_view key);
// Returns "counter lag" for "counters", the name of a term of a tolerance (model/verdict.h).
[[nodiscard]] std::string tolerance_title(std::string_view key);

}  // namespace ballast::model
