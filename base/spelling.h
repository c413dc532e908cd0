// Finds what the user may have meant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ballast {

// Collects, from any number of candidates, the few that are like `wanted`: those that contain it or
// differ in few letters, ignoring case. Keeps `limit` of them at most.
class NearNames {
 public:
  NearNames(std::string_view wanted, std::size_t limit);

  void offer(std::string_view candidate);
  // The best first; equals in alphabetical order, each once.
  [[nodiscard]] std::vector<std::string> best() const;

 private:
  struct Match {
    std::size_t distance = 0;
    std::string name;
    auto operator<=>(const Match&) const = default;
  };

  std::string wanted_;
  std::size_t limit_;
  std::vector<Match> matches_;  // sorted
};

}  // namespace ballast
