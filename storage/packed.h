// Private to storage/: optional integers as a short string of bytes.
//
// Each value is one token. Its first byte: bits 0-1 the unit, bits 2-6 the low five bits of the
// magnitude, bit 7 set if bytes follow; each further byte: seven more bits, low ones first, bit 7
// set if bytes follow. Value = magnitude × unit: 0 → 1, 1 → 4, 2 → 1024, 3 → -1. Sizes in KiB are
// mostly whole pages or whole MiB, so a size takes two or three bytes. "Minus zero" (the byte 0x03)
// is an absent value; absent values at the end are left out. Any int64 fits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ballast::storage {

class PackWriter {
 public:
  void put(std::optional<std::int64_t> value);
  // The bytes without the absent values at their end.
  [[nodiscard]] const std::string& bytes();

 private:
  std::string bytes_;
  std::size_t used_ = 0;  // end of the last present value
};

class PackReader {
 public:
  explicit PackReader(std::string_view bytes) : rest_(bytes) {}
  // The next value; absent past the end, and once malformed() is true.
  std::optional<std::int64_t> next();
  [[nodiscard]] bool malformed() const { return malformed_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::optional<std::int64_t> fail();

  std::string_view rest_;
  bool malformed_ = false;
};

}  // namespace ballast::storage
