#include "storage/write/packed.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace ballast::storage {
namespace {

using PackedValue = std::optional<std::int64_t>;
constexpr std::int64_t kMaxPacked = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMinPacked = std::numeric_limits<std::int64_t>::min();

std::vector<PackedValue> read_all(const std::string& bytes, std::size_t count) {
  PackReader reader(bytes);
  std::vector<PackedValue> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(reader.next());
  EXPECT_TRUE(reader.ended_well());
  return values;
}

TEST(Packed, EveryIntegerComesBack) {
  std::vector<PackedValue> values = {
      0, std::nullopt, 1, -1, 4, -4, 1024, kMaxPacked, kMinPacked, kMaxPacked - 3, kMinPacked + 1};
  for (int bit = 0; bit < 63; ++bit) {
    for (const std::int64_t near : {-1, 0, 1}) {
      values.emplace_back((std::int64_t{1} << bit) + near);
      values.emplace_back(-(std::int64_t{1} << bit) + near);
    }
  }
  PackWriter writer;
  for (const PackedValue& value : values) writer.put(value);
  EXPECT_EQ(read_all(writer.bytes(), values.size()), values);
}

TEST(Packed, TheBytesAreWhatTheHeaderDescribes) {
  struct Row {
    PackedValue value;
    std::string bytes;
  };
  const Row rows[] = {
      {0, std::string(1, '\0')},
      {31, "\x7c"},                       // 31 << 2 | 0
      {33, "\x84\x01"},                   // 1 << 2 | 0, more; 33 >> 5
      {8, "\x09"},                        // 2 pages
      {8 * 1024 * 1024, "\x82\x80\x02"},  // 8192 MiB
      {-1, "\x07"},
  };
  for (const Row& row : rows) {
    PackWriter writer;
    writer.put(row.value);
    EXPECT_EQ(writer.bytes(), row.bytes) << *row.value;
  }
}

TEST(Packed, AbsentIsNotZeroAndCostsNothingAtTheEnd) {
  PackWriter writer;
  for (const PackedValue& value : {PackedValue{}, PackedValue{0}, PackedValue{}, PackedValue{}})
    writer.put(value);
  EXPECT_EQ(writer.bytes().size(), 2U);
  EXPECT_EQ(read_all(writer.bytes(), 4), (std::vector<PackedValue>{{}, 0, {}, {}}));
}

TEST(Packed, ARunOfAbsentValuesTakesTwoBytes) {
  for (const std::size_t run : {3U, 4U, 127U, 128U, 400U}) {
    std::vector<PackedValue> values(run);
    values.emplace_back(7);
    values.emplace_back(-32);  // begins like a run but for its unit
    PackWriter writer;
    for (const PackedValue& value : values) writer.put(value);
    EXPECT_LE(writer.bytes().size(), 3 + 2 * (run / 127 + 1));
    EXPECT_EQ(read_all(writer.bytes(), values.size()), values) << run;
  }
}

TEST(Packed, ZeroCanBeLeftOut) {
  PackWriter writer;
  for (const std::int64_t value : {0, 0, 5, 0}) writer.put_unless_zero(value);
  EXPECT_EQ(read_all(writer.bytes(), 4), (std::vector<PackedValue>{{}, {}, 5, {}}));
}

TEST(Packed, MalformedBytesAreSaidToBeSo) {
  const std::string rows[] = {
      "\x81",                                          // cut off
      "\x80",                                          // a run of unknown length
      std::string("\x80\0\x04", 3),                    // a run of none
      "\x80\x80\x01",                                  // a run too long
      std::string(9, '\xff'),                          // cut off, later
      "\x84\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",  // too long
      "\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x7f",      // beyond 64 bits
      "\xfd\xff\xff\xff\xff\xff\xff\xff\xff\x01",      // times 4: beyond 63 bits
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x07",      // below the smallest
  };
  for (const std::string& bytes : rows) {
    PackReader reader(bytes);
    EXPECT_EQ(reader.next(), std::nullopt);
    EXPECT_FALSE(reader.ended_well()) << ::testing::PrintToString(bytes);
    EXPECT_EQ(reader.next(), std::nullopt);
  }
}

}  // namespace
}  // namespace ballast::storage
