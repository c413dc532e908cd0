#include "storage/write/packed.h"

#include <algorithm>
#include <array>
#include <limits>

namespace ballast::storage {
namespace {

enum Unit : unsigned { kOne, kPage, kMib, kMinusOne };
constexpr std::array<std::uint64_t, 3> kFactors = {1, 4, 1024};
constexpr unsigned kUnitBits = 2;
constexpr unsigned kFirstBits = 5;
constexpr unsigned kNextBits = 7;
constexpr std::size_t kLongestValue = 10;
constexpr unsigned kMore = 0x80;
constexpr unsigned kAbsent = kMinusOne;
constexpr unsigned kAbsentRun = kMore | kOne;
constexpr unsigned kLongestRun = 0x7f;
constexpr auto kMaxPositive = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
constexpr std::array<std::uint64_t, 3> kLargest = {
    kMaxPositive / kFactors[kOne], kMaxPositive / kFactors[kPage], kMaxPositive / kFactors[kMib]};

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

void PackWriter::put_value(std::int64_t value) {
  if (absent_ > 0) put_absent();
  const Unit unit = unit_for(value);
  std::uint64_t rest = magnitude_of(value);
  if (unit != kMinusOne) rest /= kFactors[unit];
  make_room(kLongestValue);
  unsigned byte = unit | ((rest & ((1U << kFirstBits) - 1)) << kUnitBits);
  for (rest >>= kFirstBits; rest != 0; rest >>= kNextBits) {
    room_[used_++] = static_cast<char>(byte | kMore);
    byte = rest & ((1U << kNextBits) - 1);
  }
  room_[used_++] = static_cast<char>(byte);
}

void PackWriter::put_absent() {
  // A run takes two bytes: up to two absent values are as short by themselves.
  while (absent_ > 2) {
    const unsigned run = std::min(absent_, kLongestRun);
    make_room(2);
    room_[used_++] = static_cast<char>(kAbsentRun);
    room_[used_++] = static_cast<char>(run);
    absent_ -= run;
  }
  make_room(absent_);
  for (; absent_ > 0; --absent_) room_[used_++] = static_cast<char>(kAbsent);
}

void PackWriter::make_room(std::size_t bytes) {
  if (room_.size() - used_ >= bytes) return;
  full_.append(room_.data(), used_);
  used_ = 0;
}

std::optional<std::int64_t> PackReader::fail() {
  malformed_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<std::int64_t> PackReader::next() {
  if (absent_ > 0) {
    --absent_;
    return std::nullopt;
  }
  if (rest_.empty()) return std::nullopt;
  const unsigned first = take();
  if (first == kAbsent) return std::nullopt;
  if (first == kAbsentRun) return next_of_run();

  std::uint64_t magnitude = (first & ~kMore) >> kUnitBits;
  bool more = (first & kMore) != 0;
  for (unsigned shift = kFirstBits; more; shift += kNextBits) {
    if (rest_.empty() || shift >= 64) return fail();
    const unsigned byte = take();
    const std::uint64_t bits = byte & ~kMore;
    if (((bits << shift) >> shift) != bits) return fail();  // beyond 64 bits
    magnitude |= bits << shift;
    more = (byte & kMore) != 0;
  }
  return value_of(first & ((1U << kUnitBits) - 1), magnitude);
}

unsigned PackReader::take() {
  const auto byte = static_cast<unsigned char>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

std::optional<std::int64_t> PackReader::next_of_run() {
  if (rest_.empty()) return fail();
  const unsigned run = take();
  if (run == 0 || run > kLongestRun) return fail();
  absent_ = run - 1;
  return std::nullopt;
}

std::optional<std::int64_t> PackReader::value_of(unsigned unit, std::uint64_t magnitude) {
  if (unit == kMinusOne) {
    if (magnitude > kMaxPositive + 1) return fail();
    return static_cast<std::int64_t>(0 - magnitude);
  }
  if (magnitude > kLargest[unit]) return fail();
  return static_cast<std::int64_t>(magnitude * kFactors[unit]);
}

}  // namespace ballast::storage
