// The statistics of a period, and that they come back from their packed form.
#include "storage/rollup/rollup_figures.h"

#include <limits>
#include <numeric>

#include <gtest/gtest.h>

namespace ballast::storage {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::vector<std::int64_t> one_to(std::int64_t last) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(last));
  std::iota(values.rbegin(), values.rend(), 1);  // largest first: order must not matter
  return values;
}

TEST(RollupFigures, Spread) {
  struct Case {
    const char* what;
    std::vector<std::int64_t> values;
    Spread expected;
  };
  const Case cases[] = {
      {"one value is everything", {7}, {7, 7, 7, 7}},
      {"p95 of 19 is the last", one_to(19), {1, 10, 19, 19}},
      {"p95 of 20 is the 19th", one_to(20), {1, 11, 19, 20}},
      {"p95 of 21 is the 20th", one_to(21), {1, 11, 20, 21}},
      {"p95 of 100 is the 95th", one_to(100), {1, 51, 95, 100}},
      {"a spike in 40 values is only in max",
       [] {
         std::vector<std::int64_t> v(40, 4);
         v[3] = 4000;
         return v;
       }(),
       {4, 104, 4, 4000}},
      {"half up", {1, 2}, {1, 2, 2, 2}},
      {"half away from zero", {-1, -2}, {-2, -2, -1, -1}},
      {"below half", {1, 1, 2}, {1, 1, 2, 2}},
      {"below half, negative", {-1, -1, -2}, {-2, -1, -1, -1}},
      {"no overflow", {kMost, kMost, kMost}, {kMost, kMost, kMost, kMost}},
      {"the ends of the range", {kLeast, kMost}, {kLeast, -1, kMost, kMost}},
  };
  for (const auto& c : cases) {
    auto values = c.values;
    EXPECT_EQ(spread_of(values), c.expected) << c.what;
  }
  std::vector<std::int64_t> none;
  EXPECT_EQ(spread_of(none), std::nullopt);
}

}  // namespace
}  // namespace ballast::storage
