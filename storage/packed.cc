#include "storage/packed.h"

#include <array>
#include <limits>

namespace ballast::storage {
namespace {

enum Unit : unsigned { kOne, kPage, kMib, kMinusOne };
constexpr std::array<std::uint64_t, 3> kFactors = {1, 4, 1024};
constexpr unsigned kUnitBits = 2;
constexpr unsigned kFirstBits = 5;
constexpr unsigned kNextBits = 7;
constexpr unsigned char kMore = 0x80;
constexpr char kAbsent = kMinusOne;
constexpr auto kMaxPositive = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::uint64_t magnitude_of(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

Unit unit_for(std::int64_t value) {
  if (value < 0) return kMinusOne;
  if (value == 0) return kOne;
  if (value % 1024 == 0) return kMib;
  return value % 4 == 0 ? kPage : kOne;
}

}  // namespace

void PackWriter::put(std::optional<std::int64_t> value) {
  if (!value) {
    bytes_ += kAbsent;
    return;
  }
  const Unit unit = unit_for(*value);
  std::uint64_t rest = magnitude_of(*value);
  if (unit != kMinusOne) rest /= kFactors[unit];
  unsigned byte = unit | ((rest & ((1U << kFirstBits) - 1)) << kUnitBits);
  rest >>= kFirstBits;
  while (rest != 0) {
    bytes_ += static_cast<char>(byte | kMore);
    byte = rest & ((1U << kNextBits) - 1);
    rest >>= kNextBits;
  }
  bytes_ += static_cast<char>(byte);
  used_ = bytes_.size();
}

const std::string& PackWriter::bytes() {
  bytes_.resize(used_);
  return bytes_;
}

std::optional<std::int64_t> PackReader::fail() {
  malformed_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<std::int64_t> PackReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(rest_.front());
  rest_.remove_prefix(1);
  if (first == static_cast<unsigned char>(kAbsent)) return std::nullopt;

  const unsigned unit = first & ((1U << kUnitBits) - 1);
  std::uint64_t magnitude = (first & ~kMore) >> kUnitBits;
  bool more = (first & kMore) != 0;
  for (unsigned shift = kFirstBits; more; shift += kNextBits) {
    if (rest_.empty() || shift >= 64) return fail();
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    const std::uint64_t bits = byte & ~kMore;
    if (((bits << shift) >> shift) != bits) return fail();
    magnitude |= bits << shift;
    more = (byte & kMore) != 0;
  }
  if (unit == kMinusOne) {
    if (magnitude > kMaxPositive + 1) return fail();
    return static_cast<std::int64_t>(0 - magnitude);
  }
  if (magnitude > kMaxPositive / kFactors[unit]) return fail();
  return static_cast<std::int64_t>(magnitude * kFactors[unit]);
}

}  // namespace ballast::storage
