#include "model/crash/lines.h"

#include <charconv>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>

#include "base/text.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::size_t kShown = 80;
constexpr std::size_t kMaxPrompt = 16;
constexpr std::int64_t kDeepest = -(std::int64_t{1} << 33);
constexpr int kHexadecimal = 16;

}  // namespace

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::string_view> command_of(std::string_view line) {
  line = trim(line.substr(0, line.find('\0')));
  if (!line.starts_with("crash")) return std::nullopt;
  const auto end = line.substr(0, kMaxPrompt).find('>');
  if (end == std::string_view::npos) return std::nullopt;
  if (line.substr(0, end).find_first_of(" \t") != std::string_view::npos) return std::nullopt;
  return trim(line.substr(end + 1));
}

std::optional<std::int64_t> parse_signed(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  const auto value = parse_number(digits.substr(negative ? 1 : 0));
  if (!value || !negative) return value;
  return *value > -kDeepest ? std::nullopt : std::optional(-*value);
}

std::optional<std::int64_t> parse_gdb_number(std::string_view digits) {
  if (!digits.starts_with("0x")) return parse_number(digits);
  digits.remove_prefix(2);
  std::uint64_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, kHexadecimal);
  if (digits.empty() || error != std::errc{} || stop != end) return std::nullopt;
  if (value > static_cast<std::uint64_t>(kMaxNumber)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

tl::unexpected<Error> bad_crash_line(std::string_view line) {
  return bad_line("crash text", trim(line));
}

tl::unexpected<Error> occurs_twice(std::string_view table, std::string_view name) {
  return fail(ErrorCode::kParse,
              fmt::format("crash text: {} of {} occurs twice", printable(name, kShown), table),
              "give the text of one moment only");
}

}  // namespace ballast::model
