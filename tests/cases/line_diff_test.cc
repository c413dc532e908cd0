#include "tests/fixtures/line_diff.h"

#include <gtest/gtest.h>

namespace ballast::fixtures {
namespace {

TEST(LineDiff, ShowsWhatDiffersAndThreeLinesAround) {
  EXPECT_EQ(line_diff("same\n", "same\n"), "");
  EXPECT_EQ(line_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "@@ -2 +2 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(LineDiff, PlacesThatAreFarApartAreHunksOfTheirOwn) {
  const std::string between = "a\nb\nc\nd\ne\nf\ng\n";
  EXPECT_EQ(line_diff("0\n" + between, between + "9\n"),
            "@@ -1 +1 @@\n-0\n a\n b\n c\n@@ -6 +5 @@\n e\n f\n g\n+9\n");
}

TEST(LineDiff, AMissingNewlineAtTheEndIsADifference) {
  EXPECT_EQ(line_diff("a\n", "a"), "@@ -1 +1 @@\n-a\n+a\n\\ no newline at the end\n");
  EXPECT_EQ(line_diff("", "a\n"), "@@ -1 +1 @@\n+a\n");
}

}  // namespace
}  // namespace ballast::fixtures
