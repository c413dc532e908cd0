// Figures of the catalogue (model/figures.h) as CSV columns.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/figures.h"
#include "output/csv.h"

namespace ballast::cli {

// A column: a figure by its key; it is called `name` where that is not "", else by the key, and
// times end in "_utc".
struct CsvFigure {
  std::string_view key;
  std::string_view name = {};
};

// Returns the name of the column.
[[nodiscard]] std::string column_name(const CsvFigure& column);

// Writes the figure as one field; an empty one where there is none.
void write_figure(const model::Figure& figure, const model::JudgedGuest& guest,
                  output::CsvWriter& csv);

// Writes the names of the columns as one record.
void write_head(std::span<const CsvFigure> columns, output::CsvWriter& csv);
// Writes the figures of `guest` as one record.
void write_record(std::span<const CsvFigure> columns, const model::JudgedGuest& guest,
                  output::CsvWriter& csv);

}  // namespace ballast::cli
