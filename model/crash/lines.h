// What the readers of crash's text share: how a line was taken, and crash's own number forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace ballast::model {

// What a reader made of a line: true if it was its own, false to let the next one try. An error is
// a line that is certainly the reader's and cannot be trusted.
using LineTaken = Result<bool>;

// Takes the first line off `text`, without its "\n" and "\r".
[[nodiscard]] std::string_view take_line(std::string_view& text);

// The command after a prompt such as "crash> "; empty if the line has no prompt.
[[nodiscard]] std::optional<std::string_view> command_of(std::string_view line);

[[nodiscard]] bool is_digit(char c);
// Like parse_number(), with a sign: crash prints a counter that lags below zero as "-12". Nothing
// below -2^33.
[[nodiscard]] std::optional<std::int64_t> parse_signed(std::string_view digits);
// gdb's number: decimal, or hexadecimal after "0x"; at most kMaxNumber.
[[nodiscard]] std::optional<std::int64_t> parse_gdb_number(std::string_view digits);

[[nodiscard]] tl::unexpected<Error> bad_crash_line(std::string_view line);
[[nodiscard]] tl::unexpected<Error> occurs_twice(std::string_view table, std::string_view name);

}  // namespace ballast::model
