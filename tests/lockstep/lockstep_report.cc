// Prints the score of the verdict with history by class of guest. scripts/lockstep builds and runs
// it.
#include <charconv>
#include <exception>
#include <iostream>
#include <string_view>

#include "tests/lockstep/lockstep_score.h"

int main(int count, char** arguments) {
  try {
    std::uint64_t seed = ballast::test::kScoredSeed;
    if (count > 1) {
      const std::string_view text = arguments[1];
      const auto read = std::from_chars(text.data(), text.data() + text.size(), seed);
      if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
        std::cerr << "usage: ballast-lockstep [seed]\n";
        return 2;
      }
    }
    std::cout << score_table(ballast::test::score_guests(ballast::test::kScoredGuests, seed));
    return std::cout.flush() ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << "ballast-lockstep: " << problem.what() << "\n";
    return 1;
  }
}
