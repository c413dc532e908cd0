#include "model/parse/numbers.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "base/text.h"

namespace ballast::model {

namespace {

// Per-CPU counters lag by MiBs, not by TiBs: what wrapped further is damage.
constexpr std::int64_t kDeepestWrap = -(std::int64_t{1} << 33);
constexpr std::size_t kMostDigits = 20;
constexpr std::string_view kBlank = " \t";

std::optional<std::uint64_t> parse_unsigned(std::string_view digits) {
  std::uint64_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || digits.size() > kMostDigits || error != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_number(std::string_view digits) {
  const auto value = parse_unsigned(digits);
  if (!value || *value > static_cast<std::uint64_t>(kMaxNumber)) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::optional<std::int64_t> parse_counter(std::string_view digits) {
  const auto value = parse_unsigned(digits);
  if (!value) return std::nullopt;
  const auto wrapped = static_cast<std::int64_t>(*value);
  if (wrapped < kDeepestWrap || wrapped > kMaxNumber) return std::nullopt;
  return wrapped;
}

bool add_number(std::string_view digits, std::int64_t& sum) {
  const auto value = parse_number(digits);
  if (!value || *value > kMaxNumber - sum) return false;
  sum += *value;
  return true;
}

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  const auto word = text.substr(0, text.find_first_of(kBlank));
  text.remove_prefix(word.size());
  return word;
}

tl::unexpected<Error> bad_line(std::string_view file, std::string_view line) {
  return fail(ErrorCode::kParse,
              fmt::format("{}: cannot understand the line '{}'", file, printable(line, 80)));
}

}  // namespace ballast::model
