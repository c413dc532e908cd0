// What becomes of the verdicts when files of a guest cannot be read, or its meminfo was cut off: for
// every capture and every subset of its files. A verdict may turn into `unknown`, never into a wrong
// one.
#pragma once

#include <string>
#include <vector>

namespace ballast::test {

struct SubsetScore {
  std::string what;  // what was taken away
  int right = 0;
  int unknown = 0;
  std::vector<std::string> wrong;  // capture and what was missing

  [[nodiscard]] int all() const { return right + unknown + static_cast<int>(wrong.size()); }
};

// One score for each number of files taken away, from 0 on; each capture counts once for every
// subset of that size of the files that it has.
[[nodiscard]] std::vector<SubsetScore> score_subsets();

// meminfo cut after each of its lines, everything else read; and read alone.
[[nodiscard]] std::vector<SubsetScore> score_cut_meminfo();

// A row for each score, in Markdown.
[[nodiscard]] std::string subset_table();

}  // namespace ballast::test
