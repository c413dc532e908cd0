// Figures of the catalogue (model/figures.h) as JSON.
#pragma once

#include <string_view>
#include <vector>

#include "model/figures.h"
#include "output/json.h"

namespace ballast::cli {

// A figure in an object: by its key, or called `name` where that is not "".
struct JsonFigure {
  std::string_view key;
  std::string_view name = {};
};

// Returns the value; null where it is empty or "".
[[nodiscard]] output::Json json_of(const model::Figure& figure, const model::JudgedGuest& guest);

// Adds the figures to `json`, in that order.
void add_figures(const model::JudgedGuest& guest, const std::vector<JsonFigure>& figures,
                 output::Json& json);

// Returns an object of every figure of a group, in the catalogue's order.
[[nodiscard]] output::Json json_of_group(model::FigureGroup group, const model::JudgedGuest& guest);

}  // namespace ballast::cli
