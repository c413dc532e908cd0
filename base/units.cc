#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"

namespace ballast {

namespace {

constexpr double kMaxKib = 9007199254740992.0;  // 2^53: exact in a double

// Returns the unit in KiB, 0 for what is no unit. No unit at all means KiB.
double unit_kib(std::string_view unit) {
  std::string lower;
  for (const char c : unit) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (lower.ends_with("ib")) {
    lower.resize(lower.size() - 2);
    if (lower.empty()) return 0;
  } else if (lower.ends_with('b')) {
    lower.pop_back();
    if (lower.empty()) return 0;
  }
  if (lower == "k") return 1;
  if (lower == "m") return kKibPerMib;
  if (lower == "g") return kKibPerGib;
  if (lower == "t") return 1024.0 * kKibPerGib;
  return 0;
}

}  // namespace

std::string format_size(std::int64_t kib) {
  constexpr std::array<std::string_view, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
  const double magnitude = std::abs(static_cast<double>(kib));
  if (magnitude < 1000) return fmt::format("{} KiB", kib);
  double value = magnitude;
  std::size_t unit = 0;
  // 999.5 would be printed as 1000, so such a value gets the next unit.
  while (unit + 1 < kUnits.size() && value >= 999.5) {
    value /= 1024;
    ++unit;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{}{:.{}f} {}", kib < 0 ? "-" : "", value, decimals, kUnits[unit]);
}

namespace {

// vCenter shows MB, the guest's kernel kB and the balloon driver pages: a bare number is a guess.
tl::unexpected<Error> without_unit(std::string_view number) {
  const auto shown = printable(number, 40);
  return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" has no unit", shown),
              fmt::format("{0}MiB if it is from vCenter or govc, {0}KiB if it is from the guest's "
                          "kernel; the balloon driver counts pages of 4KiB",
                          shown));
}

}  // namespace

Result<std::int64_t> parse_size(std::string_view text) {
  const auto trimmed = trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), value,
                                            std::chars_format::fixed);
  const auto rest = trim(trimmed.substr(static_cast<std::size_t>(end - trimmed.data())));
  if (error == std::errc() && rest.empty() && std::isfinite(value) && value >= 0) {
    if (value == 0) return 0;
    return without_unit(trimmed);
  }
  const double kib = std::floor(value * unit_kib(rest) + 0.5);
  const bool good = error == std::errc() && unit_kib(rest) > 0 && value >= 0 && kib <= kMaxKib;
  if (!good) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not a memory size", printable(text, 40)),
                "a number with a unit, such as 4GiB, 512MiB or 2048KiB");
  }
  return static_cast<std::int64_t>(kib);
}

}  // namespace ballast
