#include "model/meminfo.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kMaxFields = 512;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kShown = 80;

std::optional<std::pair<std::string_view, std::int64_t>> parse_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon > kMaxName) return std::nullopt;
  const auto name = line.substr(0, colon);
  if (name.find_first_of(" \t") != std::string_view::npos) return std::nullopt;
  auto rest = line.substr(colon + 1);
  const auto value = parse_counter(next_word(rest));
  const auto unit = next_word(rest);
  if (!value || (!unit.empty() && unit != "kB") || !trim(rest).empty()) return std::nullopt;
  return std::pair{name, *value};
}

}  // namespace

Result<Meminfo> parse_meminfo(std::string_view text) {
  Meminfo fields;
  for (const auto line : split_lines(text)) {
    if (trim(line).empty()) continue;
    const auto field = parse_line(line);
    if (!field) {
      return fail(ErrorCode::kParse,
                  fmt::format("meminfo: cannot understand the line '{}'", printable(line, kShown)));
    }
    if (!fields.emplace(field->first, field->second).second) {
      return fail(ErrorCode::kParse,
                  fmt::format("meminfo: '{}' occurs twice", printable(field->first, kShown)));
    }
    if (fields.size() > kMaxFields) {
      return fail(ErrorCode::kParse, "meminfo: more fields than any kernel prints");
    }
  }
  if (fields.empty()) return fail(ErrorCode::kParse, "meminfo: it is empty");
  return fields;
}

}  // namespace ballast::model
