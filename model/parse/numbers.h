// Numbers and lines as the kernel prints them: strict, bounded, decimal.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace ballast::model {

// No figure of a real kernel is larger: 2^53 KiB are 8 ZiB. A sum of a few dozen such numbers, in
// pages turned into KiB, stays far inside 64 bits.
inline constexpr std::int64_t kMaxNumber = std::int64_t{1} << 53;
// No kernel counts CPUs beyond this.
inline constexpr std::int64_t kMaxCpus = 1 << 16;

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads one to twenty digits and nothing else. Empty for anything else, or above kMaxNumber.
[[nodiscard]] std::optional<std::int64_t> parse_number(std::string_view digits);

// Reads a number as parse_number() does, and a counter that fell a little below zero: the kernel
// prints it as an unsigned number just below 2^64, and this returns the small negative number that
// it is (down to -2^33).
[[nodiscard]] std::optional<std::int64_t> parse_counter(std::string_view digits);

// Adds the number in `digits` to `sum`. Returns false, and adds nothing, if it is no number or the
// sum would exceed kMaxNumber.
[[nodiscard]] bool add_number(std::string_view digits, std::int64_t& sum);

// Takes the next run of non-blank characters off the front of `text`; "" at the end.
std::string_view next_word(std::string_view& text);

// Makes the error of a parser that cannot understand a line of `file`. The line is made printable.
[[nodiscard]] tl::unexpected<Error> bad_line(std::string_view file, std::string_view line);

}  // namespace ballast::model
