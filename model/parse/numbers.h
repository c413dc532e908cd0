// Numbers as the kernel prints them: strict, bounded, decimal.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ballast::model {

// No figure of a real kernel is larger: 2^53 KiB are 8 ZiB. Sums of a few dozen such numbers, in
// pages turned into KiB, stay far inside 64 bits.
inline constexpr std::int64_t kMaxNumber = std::int64_t{1} << 53;

// One to twenty digits and nothing else, at most kMaxNumber.
[[nodiscard]] std::optional<std::int64_t> parse_number(std::string_view digits);

// Like parse_number, but a counter that fell a little below zero, which the kernel prints as an
// unsigned number just below 2^64, comes back as the small negative it is (down to -2^33).
[[nodiscard]] std::optional<std::int64_t> parse_counter(std::string_view digits);

// The next run of non-blank characters of `text`, which is shortened by it; "" at the end.
std::string_view next_word(std::string_view& text);

}  // namespace ballast::model
