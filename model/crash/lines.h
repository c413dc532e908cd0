// What the readers of crash's text share: how a line was taken, and forms of numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace ballast::model {

// What a reader made of a line: true if the line was its own, false to let the next reader try. An
// error means that the line certainly was its own, and cannot be trusted.
using LineTaken = Result<bool>;

// Takes the first line off `text`, without its "\n" and "\r".
[[nodiscard]] std::string_view take_line(std::string_view& text);

// Returns the command behind a prompt such as "crash> "; empty if the line has no prompt.
[[nodiscard]] std::optional<std::string_view> command_of(std::string_view line);

// Reads a number as parse_number() does, or one with a sign: crash prints a counter that lags below
// zero as "-12". Empty below -2^33.
[[nodiscard]] std::optional<std::int64_t> parse_signed(std::string_view digits);
// Reads a number of gdb: decimal, or hexadecimal after "0x"; at most kMaxNumber.
[[nodiscard]] std::optional<std::int64_t> parse_gdb_number(std::string_view digits);

// Make the errors of a line that cannot be understood, and of a row that occurs twice in one table:
// such a text is of two moments.
[[nodiscard]] tl::unexpected<Error> bad_crash_line(std::string_view line);
[[nodiscard]] tl::unexpected<Error> occurs_twice(std::string_view table, std::string_view name);

}  // namespace ballast::model
