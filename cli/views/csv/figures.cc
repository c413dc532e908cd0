#include "cli/views/csv/figures.h"

#include <variant>

namespace ballast::cli {

using output::CsvWriter;

namespace {

constexpr int kPercentPlaces = 2;
constexpr int kRatioPlaces = 4;

struct ToField {
  CsvWriter& csv;
  model::Unit unit;

  void operator()(std::monostate) const { csv.text(""); }
  void operator()(std::string_view text) const { csv.text(text); }
  void operator()(const std::string& text) const { csv.text(text); }
  void operator()(UtcTime time) const { csv.time(time); }
  void operator()(bool value) const { csv.text(value ? "true" : "false"); }
  void operator()(std::int64_t value) const { csv.number(value); }
  void operator()(double value) const {
    csv.decimal(value, unit == model::Unit::kPercent ? kPercentPlaces : kRatioPlaces);
  }
};

}  // namespace

std::string column_name(const CsvFigure& column) {
  if (!column.name.empty()) return std::string(column.name);
  const bool is_time = model::figure(column.key).unit == model::Unit::kTime;
  return std::string(column.key) + (is_time ? "_utc" : "");
}

void write_figure(const model::Figure& figure, const model::JudgedGuest& guest, CsvWriter& csv) {
  std::visit(ToField{csv, figure.unit}, figure.get(guest));
}

void write_head(std::span<const CsvFigure> columns, CsvWriter& csv) {
  for (const auto& column : columns) csv.text(column_name(column));
  csv.end_record();
}

void write_record(std::span<const CsvFigure> columns, const model::JudgedGuest& guest,
                  CsvWriter& csv) {
  for (const auto& column : columns) write_figure(model::figure(column.key), guest, csv);
  csv.end_record();
}

}  // namespace ballast::cli
