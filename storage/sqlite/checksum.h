// Private to storage/ and hub/: the checksum of a row, which stands in its last column. It is of
// every other column, in the order of the table, so that a bit that flipped on the disk or in
// memory is found by whoever reads the row. It keeps nobody out: it has no key.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ballast::storage {

// Add every value of the row, then ask for the value(). Each step can be undone, so that two rows
// that differ in one number never mix to the same; only the cut to 24 bits can hide a difference,
// once in 16 million.
class Checksum {
 public:
  void add(std::int64_t value) { mix(static_cast<std::uint64_t>(value)); }
  void add_null() { state_ = (state_ + 1) * kNullFactor; }
  void add(const std::optional<std::int64_t>& value) { value ? add(*value) : add_null(); }
  void add(std::string_view text) {
    mix(text.size());
    for (; text.size() > sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
      mix(word_of(text));
    }
    mix(word_of(text));
  }
  // Returns a number of 24 bits.
  [[nodiscard]] std::int64_t value() const {
    return static_cast<std::int64_t>((state_ * kFactor) >> 40U);
  }

 private:
  static constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15U;
  static constexpr std::uint64_t kNullFactor = 0xd1b54a32d192ed03U;

  // The first eight bytes, in the order of the lowest first, whatever the machine.
  static std::uint64_t word_of(std::string_view text) {
    std::uint64_t word = 0;
    const std::size_t size = text.size() < sizeof(word) ? text.size() : sizeof(word);
    for (std::size_t i = size; i > 0; --i) {
      word = word << 8U | static_cast<unsigned char>(text[i - 1]);
    }
    return word;
  }
  void mix(std::uint64_t value) {
    state_ = (state_ ^ value) * kFactor;
    state_ ^= state_ >> 32U;
  }

  std::uint64_t state_ = 0x62616c6c617374U;
};

// Returns the checksum of a row with these values, in the order of its columns.
template <class... Values>
[[nodiscard]] std::int64_t checksum_of(const Values&... values) {
  Checksum sum;
  (sum.add(values), ...);
  return sum.value();
}

}  // namespace ballast::storage
