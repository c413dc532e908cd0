#include "cli/views/json/figures.h"

#include <string>
#include <variant>

namespace ballast::cli {

using output::Json;
using output::json_of;

namespace {

struct ToJson {
  Json operator()(std::monostate) const { return {}; }
  Json operator()(std::string_view text) const { return json_of(text); }
  Json operator()(const std::string& text) const { return json_of(std::string_view(text)); }
  Json operator()(UtcTime time) const { return json_of(time); }
  Json operator()(bool value) const { return value; }
  Json operator()(std::int64_t value) const { return value; }
  Json operator()(double value) const { return value; }
};

}  // namespace

Json json_of(const model::Figure& figure, const model::JudgedGuest& guest) {
  return std::visit(ToJson(), figure.get(guest));
}

void add_figures(const model::JudgedGuest& guest, const std::vector<JsonFigure>& figures,
                 Json& json) {
  for (const auto& [key, name] : figures) {
    json[std::string(name.empty() ? key : name)] = json_of(model::figure(key), guest);
  }
}

Json json_of_group(model::FigureGroup group, const model::JudgedGuest& guest) {
  Json json = Json::object();
  for (const auto& figure : model::figures()) {
    if (figure.group == group) json[std::string(figure.key)] = json_of(figure, guest);
  }
  return json;
}

}  // namespace ballast::cli
