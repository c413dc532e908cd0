#include "model/pressure.h"

#include <optional>

#include "base/text.h"
#include "model/numbers.h"

namespace ballast::model {

namespace {

struct Stall {
  std::optional<std::int64_t> avg10_centi;
  std::optional<std::int64_t> total_us;
};

// "12.34" -> 1234; the kernel always prints two decimals.
std::optional<std::int64_t> parse_centi(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || text.size() - dot != 3) return std::nullopt;
  const auto whole = parse_number(text.substr(0, dot));
  const auto part = parse_number(text.substr(dot + 1));
  if (!whole || !part || *whole > 100) return std::nullopt;
  const auto centi = *whole * 100 + *part;
  return centi > 10000 ? std::nullopt : std::optional(centi);
}

std::optional<Stall> parse_stall(std::string_view words) {
  Stall stall;
  for (auto word = next_word(words); !word.empty(); word = next_word(words)) {
    const auto equals = word.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto key = word.substr(0, equals);
    const auto value = word.substr(equals + 1);
    if (key == "avg10") stall.avg10_centi = parse_centi(value);
    if (key == "total") stall.total_us = parse_number(value);
  }
  if (!stall.avg10_centi || !stall.total_us) return std::nullopt;
  return stall;
}

}  // namespace

Result<MemoryPressure> parse_pressure(std::string_view text) {
  std::optional<Stall> some;
  std::optional<Stall> full;
  for (auto line : split_lines(text)) {
    const auto kind = next_word(line);
    if (kind.empty()) continue;
    const bool first = (kind == "some" && !some) || (kind == "full" && !full);
    const auto stall = parse_stall(line);
    if (!first || !stall) return fail(ErrorCode::kParse, "memory pressure: not what PSI prints");
    (kind == "some" ? some : full) = stall;
  }
  if (!some || !full) return fail(ErrorCode::kParse, "memory pressure: a line is missing");
  return MemoryPressure{*some->total_us, *full->total_us, *some->avg10_centi, *full->avg10_centi};
}

}  // namespace ballast::model
