// Private to storage/: packs optional integers into a short string of bytes. Pure.
//
// Each value is one token:
//   first byte    bits 0-1 the unit, bits 2-6 the low five bits of the magnitude, bit 7 set if
//                 bytes follow
//   further byte  seven more bits, low ones first, and bit 7 set if bytes follow
// value = magnitude × factor; the unit's factor is 0: 1, 1: 4, 2: 1024, 3: -1
// Sizes in KiB are mostly whole pages or whole MiB, so a size takes two or three bytes. Any int64
// fits.
//
// An absent value is "minus zero", the byte 0x03. A run of absent values is 0x80 and a count (1 to
// 127); no value begins with 0x80, because a multiple of 32 has unit 1 or 2. Absent values at the
// end are left out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ballast::storage {

class PackWriter {
 public:
  void put(std::optional<std::int64_t> value) { value ? put_value(*value) : put_nothing(); }
  // Writes 0 as an absent value, for what is mostly 0. To be read with next().value_or(0).
  void put_unless_zero(std::int64_t value) { value != 0 ? put_value(value) : put_nothing(); }
  // Returns what was put so far, without the absent values at the end.
  [[nodiscard]] std::string bytes() const { return full_ + std::string(room_.data(), used_); }

 private:
  void put_nothing() { ++absent_; }
  void put_value(std::int64_t value);
  void put_absent();
  // Makes room for so many more bytes at room_[used_].
  void make_room(std::size_t bytes);

  std::string full_;  // the earlier bytes, which no longer fit into room_
  std::array<char, 256> room_;
  std::size_t used_ = 0;
  unsigned absent_ = 0;  // absent values that are not yet among the bytes
};

class PackReader {
 public:
  explicit PackReader(std::string_view bytes) : rest_(bytes) {}
  // Returns the next value; absent past the end, and after something malformed.
  std::optional<std::int64_t> next();
  // Returns whether every value was read and none was malformed.
  [[nodiscard]] bool ended_well() const { return !malformed_ && rest_.empty() && absent_ == 0; }

 private:
  std::optional<std::int64_t> fail();
  unsigned take();
  std::optional<std::int64_t> next_of_run();
  std::optional<std::int64_t> value_of(unsigned unit, std::uint64_t magnitude);

  std::string_view rest_;
  unsigned absent_ = 0;  // still to come of the present run
  bool malformed_ = false;
};

}  // namespace ballast::storage
