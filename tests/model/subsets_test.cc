// Taking a file away from a guest never makes a wrong verdict of a right one.
#include "tests/accuracy/subsets.h"

#include <gtest/gtest.h>

namespace ballast::test {
namespace {

void expect_none_wrong(const std::vector<SubsetScore>& scores) {
  for (const auto& score : scores) {
    EXPECT_GT(score.all(), 0) << score.what;
    EXPECT_TRUE(score.wrong.empty())
        << score.wrong.size() << " of " << score.all() << " without " << score.what
        << " are wrong; the first: " << (score.wrong.empty() ? "" : score.wrong.front());
  }
}

TEST(Subsets, EverySubsetOfFilesIsRightOrUnknown) {
  const auto scores = score_subsets();
  expect_none_wrong(scores);
  EXPECT_EQ(scores.front().unknown, 0) << "with all files there is a verdict";
  EXPECT_GT(scores[1].right, 9 * scores[1].unknown) << "one file less is seldom the end of it";
}

TEST(Subsets, EveryCutMeminfoIsRightOrUnknown) { expect_none_wrong(score_cut_meminfo()); }

}  // namespace
}  // namespace ballast::test
